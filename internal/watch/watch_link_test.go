package watch_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
)

func TestLinkIsAnotherOneAfterEachOutage(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
	if n := w.Link(); n != 0 {
		t.Errorf("link %d before anything is followed", n)
	}
	follow(t, w, tokenKey)
	eventually(t, "there is a link", func() bool { return w.Link() > 0 })
	first := w.Link()
	srv.Kill()
	eventually(t, "there is no link", func() bool { return w.Link() == 0 })
	srv.Restart()
	eventually(t, "there is a new link", func() bool { return w.Link() > first })
}
