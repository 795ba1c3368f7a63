package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
)

// The capacity is what the documentation says, and that is exact.
func TestCapacities(t *testing.T) {
	if _, err := memory.New(memory.Config{Capacity: 10_000_001}); err == nil || err.Error() != "memory: Capacity is 10000001, must be 0 (for 100000) to 10000000" {
		t.Errorf("too many: %v", err)
	}
	largest, err := memory.New(memory.Config{Capacity: 10_000_000})
	if err != nil {
		t.Fatal(err)
	}
	_ = largest.Close()
	for capacity, want := range map[int]int{0: 100_000, 1: 1, 77: 77} {
		s := open(t, capacity)
		tok := token("tok", time.Hour)
		for i := range want + 10 {
			if _, err := s.CompareAndSwap(t.Context(), fmt.Sprint(i), store.Token{}, tok); err != nil {
				t.Fatal(err)
			}
			if n := s.Stats().Tokens; n != min(i+1, want) {
				t.Fatalf("capacity %d: %d tokens of %d keys", capacity, n, i+1)
			}
		}
		_ = s.Close()
	}
}
