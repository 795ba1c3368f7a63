package watch_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Whatever happens to the link: once it is back there is a gap, then pushes again.
func TestComesBack(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(testing.TB, *redistest.Server, *watch.Watch){
		"killed link": func(_ testing.TB, srv *redistest.Server, _ *watch.Watch) {
			srv.Do("CLIENT", "KILL", "TYPE", "normal")
		},
		"restart": func(_ testing.TB, srv *redistest.Server, _ *watch.Watch) { srv.Restart() },
		"away for a while": func(t testing.TB, srv *redistest.Server, w *watch.Watch) {
			srv.Kill()
			eventually(t, "it notices", func() bool { return !w.Stats().Pushing })
			srv.Restart()
		},
		"stopped": func(t testing.TB, srv *redistest.Server, w *watch.Watch) {
			srv.Stop()
			eventually(t, "it notices", func() bool { return !w.Stats().Pushing })
			srv.Cont()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{})
			c, lock := follow(t, w, tokenKey), follow(t, w, "{"+tokenKey+"}:lock")
			srv.Do("SET", tokenKey, "a")
			c.await(t, false)
			for round := range 2 {
				trouble(t, srv, w)
				c.await(t, true)
				lock.await(t, true)
				srv.Do("SET", tokenKey, "b"+strconv.Itoa(round))
				c.await(t, false)
			}
			if s := w.Stats(); s.Links != 3 || s.Polls != 0 {
				t.Errorf("%+v; want three links and no poll", s)
			}
		})
	}
}

// A server that is away when the first follow comes is no reason to give up.
func TestBeginsWithoutAServer(t *testing.T) {
	srv := redistest.Start(t)
	srv.Kill()
	log := new(logged)
	w := newWatch(t, newClient(t, redisstore.Options(srv.Addr())), watch.Config{Logger: log.logger()})
	c := newCalls()
	w.Follow(tokenKey, c.changed)
	eventually(t, "it tries more than once", func() bool { return strings.Count(log.String(), "refused") > 2 })
	c.quiet(t)
	srv.Restart()
	c.await(t, true)
	if s := w.Stats(); s.Polls != 0 {
		t.Errorf("%+v; want no poll of a server that is away", s)
	}
}
