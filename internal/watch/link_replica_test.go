package watch_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// A connection that leads to a replica is closed, so that the next one may lead to the master:
// at the first ping, and if that is in vain, later and later, up to a minute.
func TestReplicaIsLeftLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, except("ROLE", "*2\r\n$5\r\nslave\r\n:1\r\n"))
		defer f.ln.Close()
		client := goredis.NewClient(f.options())
		defer client.Close()
		var mu sync.Mutex
		var left []time.Duration
		w, err := watch.New(watch.Config{Client: client, Logger: f.log.logger(), Renew: func() {
			mu.Lock()
			defer mu.Unlock()
			left = append(left, time.Since(f.start))
		}})
		if err != nil {
			t.Fatal(err)
		}
		w.Follow("tok", func(bool) {})
		time.Sleep(4 * time.Minute)
		_ = w.Close()
		dialled := f.dialled()
		for i, want := range []time.Duration{2, 2, 6, 14, 30, 58, 58} {
			want *= time.Second
			if i >= len(left) || i >= len(dialled) {
				t.Fatalf("connections were made at %v and left at %v", dialled, left)
			}
			if got := left[i] - dialled[i]; got != want {
				t.Errorf("connection %d was left after %v, want %v", i, got, want)
			}
		}
	})
}
