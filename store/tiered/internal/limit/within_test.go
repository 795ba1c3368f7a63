package limit_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/store/tiered/internal/limit"
)

func TestWithin(t *testing.T) {
	var w limit.Within
	now := time.Now()
	for _, c := range []struct {
		after time.Duration
		may   bool
	}{{0, true}, {1, true}, {2, false}, {time.Second - 1, false}, {time.Second, true}, {time.Second, true}, {2*time.Second - 1, false}, {2 * time.Second, true}} {
		if may := w.Take(now.Add(c.after), time.Second, 2); may != c.may {
			t.Errorf("after %v: %v", c.after, may)
		}
	}
}
