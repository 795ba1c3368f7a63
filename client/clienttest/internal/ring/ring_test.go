package ring_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/ring"
)

func TestLastOnesAreKept(t *testing.T) {
	r := ring.New[int](3)
	for n := range 10 {
		want := []int{}
		for i := max(0, n-3); i < n; i++ {
			want = append(want, i)
		}
		if got := r.All(); !slices.Equal(got, want) {
			t.Errorf("after %d: %v, want %v", n, got, want)
		}
		r.Add(func() int { return n })
	}
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ring.New[int](3)
		for n := range 5 {
			r.Add(func() int { return n })
		}
		ctx, cancel := context.WithCancel(t.Context())
		var fast, slow []int
		go func() {
			for n := range r.Follow(ctx) {
				fast = append(fast, n)
			}
		}()
		go func() {
			for n := range r.Follow(ctx) {
				slow = append(slow, n)
				time.Sleep(2500 * time.Millisecond)
			}
		}()
		for n := 5; n < 25; n++ {
			synctest.Wait()
			time.Sleep(time.Second)
			r.Add(func() int { return n })
		}
		cancel()
		time.Sleep(time.Minute)
		synctest.Wait()
		var want []int
		for n := 2; n < 25; n++ {
			want = append(want, n)
		}
		if !slices.Equal(fast, want) {
			t.Errorf("got %v", fast)
		}
		if !slices.IsSorted(slow) || len(slow) >= len(want) || slow[len(slow)-1] != 24 {
			t.Errorf("the slow one got %v", slow)
		}
		for n := range r.Follow(t.Context()) { // it can be left
			if n == 23 {
				break
			}
		}
	})
}
