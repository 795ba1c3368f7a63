package watch_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// As long as there are few names, each one is tracked, and not what they have in common: that
// would push what nobody follows.
func TestFewNamesAreTrackedAsTheyAre(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		names := []string{"advoware_access_token_a", "advoware_access_token_b", "{advoware_access_token_a}:lock", "{advoware_access_token_b}:lock"}
		for _, name := range names {
			w.Follow(name, func(bool) {})
		}
		time.Sleep(time.Minute)
		_ = w.Close()
		var tracked []string
		for _, a := range f.asked {
			if strings.HasPrefix(a.cmd, "CLIENT TRACKING ON") {
				tracked = append(tracked, a.cmd)
			}
		}
		for _, prefix := range []string{"advoware_access_token_a", "advoware_access_token_b", "{advoware_access_token_a}:", "{advoware_access_token_b}:"} {
			if !strings.Contains(strings.Join(tracked, "\n")+"\n", "PREFIX "+strings.ToUpper(prefix)) {
				t.Errorf("%s is not tracked alone: %q", prefix, tracked)
			}
		}
	})
}

// Where there are many keys, a lease that is followed for a moment costs no key a gap: else each would
// be looked at again after some dozen token requests of others.
func TestLeasesOfManyKeysAreNoGaps(t *testing.T) {
	const keys = 100
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		var gaps atomic.Int64
		for i := range keys {
			w.Follow(fmt.Sprintf("kanzlei_%d_access_token", i), func(gap bool) {
				if i == 0 && gap {
					gaps.Add(1)
				}
			})
		}
		time.Sleep(time.Minute)
		before := gaps.Load()
		for i := range 5 * keys {
			stop := w.Follow(fmt.Sprintf("{kanzlei_%d_access_token}:lock", i%keys), func(bool) {})
			time.Sleep(time.Second)
			stop()
		}
		_ = w.Close()
		tracked := 0
		for _, a := range f.asked {
			if strings.HasPrefix(a.cmd, "CLIENT TRACKING") {
				tracked++
			}
		}
		if more := gaps.Load() - before; more > 1 || tracked > 40 {
			t.Errorf("%d leases were followed: %d gaps of another key, %d commands to track", 5*keys, more, tracked)
		}
	})
}
