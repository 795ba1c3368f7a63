package watch_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// A server that cannot push at present is asked every few seconds, however long that lasts; one that
// never will is left alone.
func TestCodesThatAreTemporary(t *testing.T) {
	const lasts = 10 * time.Minute
	for code, temporary := range map[string]bool{
		"BUSY Redis is busy running a script": true, "CLUSTERDOWN The cluster is down": true, "LOADING Redis is loading": true,
		"MASTERDOWN Link with MASTER is down": true, "NOAUTH Authentication required.": true, "READONLY You can't write": true,
		"TRYAGAIN Multiple keys request": true, "WRONGPASS invalid": true, "ERR max number of clients reached": true,
		"ERR unknown command": false, "NOPERM this user has no permissions": false, "NOPROTO unsupported": false, "STRANGE": false,
	} {
		t.Run(code, func(t *testing.T) {
			inBubble(t, except("CLIENT TRACKING", "-"+code+"\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				w.Follow("tok", func(bool) {})
				time.Sleep(lasts)
				if n := len(f.times("CLIENT TRACKING")); temporary && n < int(lasts/(5*time.Second)) || !temporary && n > 12 {
					t.Errorf("asked %d times in %v", n, lasts)
				}
				f.now(working)
				time.Sleep(6 * time.Second)
				if temporary && !w.Stats().Pushing {
					t.Error("it does not push, and the server could")
				}
				_ = w.Close()
			})
		})
	}
}
