package watch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// There is one connection to each master that has a name, as long as that is followed. Which
// master that is, is asked every two seconds, and nothing is missed then.
func TestEachMasterHasOneLink(t *testing.T) {
	inCluster(t, working, func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		some := map[string]calls{}
		for _, name := range []string{c.of(t, first, "one"), c.of(t, first, "two"), c.of(t, second, "three")} {
			some[name] = newCalls()
			w.Follow(name, some[name].changed)
		}
		began := time.Since(c.start)
		before := len(c.lookups())
		time.Sleep(time.Minute)
		for addr, m := range c.masters {
			if n := len(m.dialled()); n != 1 || m.dialled()[0]-began != 20*time.Millisecond {
				t.Errorf("connections to %s at %v, want one", addr, m.dialled())
			}
		}
		if s := w.Stats(); s.Links != 2 || !s.Pushing || s.Polls != 0 {
			t.Errorf("%+v; want two links that push", s)
		}
		for name, calls := range some {
			calls.await(t, true)
			if len(calls) > 0 {
				t.Errorf("%d more calls for %s", len(calls), name)
			}
		}
		lookups := c.lookups()[before:]
		if len(lookups) != 29 {
			t.Errorf("%d lookups in a minute", len(lookups))
		}
		for i, at := range lookups {
			if want := began + 20*time.Millisecond + time.Duration(i+1)*2*time.Second; at != want {
				t.Errorf("lookup %d at %v, want %v", i, at, want)
			}
		}
		c.masters[first].push(">2\r\n$10\r\ninvalidate\r\n_\r\n")
		synctest.Wait()
		for name, calls := range some {
			if want := c.on(t, name) == first; len(calls) != 0 != want {
				t.Errorf("%d calls for %s", len(calls), name)
			}
		}
	})
}

// A name on a master that is not known yet is not pushed, and is so at once.
func TestNewNameOnACluster(t *testing.T) {
	inCluster(t, working, func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		w.Follow(c.of(t, first, "one"), func(bool) {})
		time.Sleep(61 * time.Second)
		if !w.Stats().Pushing || w.Link() == 0 {
			t.Errorf("%+v; want pushes", w.Stats())
		}
		other := newCalls()
		w.Follow(c.of(t, first, "two"), other.changed)
		if w.Stats().Pushing || w.Link() != 0 {
			t.Errorf("%+v; want no pushes of what was just followed", w.Stats())
		}
		time.Sleep(100 * time.Millisecond)
		if !w.Stats().Pushing {
			t.Errorf("%+v; want pushes", w.Stats())
		}
		other.await(t, true)
		other.quiet(t)
	})
}

// A name that is followed while the masters are looked up is looked up after that.
func TestNameDuringALookup(t *testing.T) {
	inCluster(t, working, func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		names := []string{"one", "two", "three"}
		c.answer = func(context.Context) error { time.Sleep(time.Second); return nil }
		w.Follow(names[0], func(bool) {})
		time.Sleep(500 * time.Millisecond)
		later := newCalls()
		for _, name := range names[1:] {
			w.Follow(name, later.changed)
		}
		time.Sleep(600 * time.Millisecond)
		if !w.Stats().Pushing || len(later) != 2 {
			t.Errorf("%+v, %d calls; want pushes of all", w.Stats(), len(later))
		}
	})
}

// A name that is not followed any more when its master is known needs no connection for long.
func TestNameThatIsStoppedDuringALookup(t *testing.T) {
	inCluster(t, working, func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		c.answer = func(context.Context) error { time.Sleep(time.Second); return nil }
		stop := w.Follow("one", func(bool) {})
		time.Sleep(500 * time.Millisecond)
		stop()
		time.Sleep(10 * time.Second)
		for addr, m := range c.masters {
			if n := m.open(); n != 0 {
				t.Errorf("%d connections to %s", n, addr)
			}
		}
	})
}

// Names are tracked on the master that has them: what is in the first braces counts, unless that is
// nothing.
func TestNamesWithBraces(t *testing.T) {
	inCluster(t, working, func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		var names []string
		for _, digit := range "0123456789" {
			for _, form := range []string{"{}a?", "b{c?", "{d?}e", "f{g?}h", "i}j{k?", "l{m?}n{o}", "p?"} {
				names = append(names, strings.ReplaceAll(form, "?", string(digit)))
			}
		}
		for _, name := range names {
			stop := w.Follow(name, func(bool) {})
			time.Sleep(5 * time.Second)
			for addr, m := range c.masters {
				tracks := false
				for _, cmd := range m.commands("CLIENT TRACKING ON") {
					tracks = tracks || strings.HasSuffix(cmd, "PREFIX "+strings.ToUpper(name))
				}
				if on := c.on(t, name); tracks != (on == addr) {
					t.Errorf("%s is on %s; tracked on %s: %v", name, on, addr, tracks)
				}
			}
			stop()
		}
	})
}

// As long as one of the masters does not push, not everything is pushed.
func TestOneMasterDoesNotPush(t *testing.T) {
	inCluster(t, working, func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		for _, m := range c.masters {
			m.now(except("CLIENT TRACKING", "-LOADING wait\r\n"))
		}
		w.Follow(c.of(t, first, "one"), func(bool) {})
		w.Follow(c.of(t, second, "two"), func(bool) {})
		time.Sleep(time.Minute)
		for _, addr := range []string{first, second} {
			for range 100 { // in any order
				if w.Stats().Pushing {
					t.Fatalf("pushing before %s does", addr)
				}
			}
			c.masters[addr].now(working)
			time.Sleep(time.Minute)
		}
		if !w.Stats().Pushing {
			t.Error("not pushing")
		}
		for addr := range c.masters {
			if !strings.Contains(c.log.String(), "server="+addr) {
				t.Errorf("nothing is said of %s:\n%s", addr, c.log.String())
			}
		}
	})
}

// A lookup that fails is made again after two seconds, and is no record if it is Close that ends it.
func TestLookupThatFails(t *testing.T) {
	inCluster(t, working, func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		c.answer = func(context.Context) error { return errors.New("no master") }
		w.Follow("one", func(bool) {})
		time.Sleep(9 * time.Second)
		said := strings.Count(c.log.String(), "cannot tell")
		if said != 5 {
			t.Errorf("%d lookups in nine seconds:\n%s", said, c.log.String())
		}
		c.mu.Lock()
		c.answer = func(ctx context.Context) error {
			select {
			case <-ctx.Done():
			case <-time.After(30 * time.Second): // the client asks in the background as well, without an end
			}
			return errors.New("no answer")
		}
		c.mu.Unlock()
		time.Sleep(2 * time.Second)
		_ = w.Close()
		synctest.Wait()
		if n := strings.Count(c.log.String(), "cannot tell"); n != said {
			t.Errorf("%d lookups failed at Close:\n%s", n-said, c.log.String())
		}
	})
}

// What a server refused long ago counts no more, once others have refused since.
func TestOldRefusalIsForgotten(t *testing.T) {
	inCluster(t, except("CLIENT TRACKING", "-ERR no\r\n"), func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		asked := func(addr string) []time.Duration { return c.masters[addr].times("CLIENT TRACKING") }
		one, two := c.of(t, first, "one"), c.of(t, second, "two")
		stop := w.Follow(one, func(bool) {})
		time.Sleep(20 * time.Minute)
		stop()
		if n := len(asked(first)); n < 8 {
			t.Errorf("asked %d times in twenty minutes", n)
		}
		time.Sleep(time.Hour)
		stop = w.Follow(two, func(bool) {})
		time.Sleep(time.Minute)
		stop()
		time.Sleep(10 * time.Second)
		before := len(asked(first))
		defer w.Follow(one, func(bool) {})()
		time.Sleep(16 * time.Second)
		if n := len(asked(first)) - before; n < 3 { // at once, after 5 s, after 10 s more
			t.Errorf("asked %d times in 16 s", n)
		}
	})
}

// Masters that refuse at the same time are each asked again, whatever is known of the other, and each
// reason is said once.
func TestMastersThatRefuseAtOnce(t *testing.T) {
	inCluster(t, except("CLIENT TRACKING", "-ERR no\r\n"), func(t *testing.T, c *fakeCluster, w *watch.Watch) {
		names := []string{c.of(t, first, "one"), c.of(t, second, "two")}
		for range 20 {
			var stops []func()
			for _, name := range names {
				stops = append(stops, w.Follow(name, func(bool) {}))
			}
			time.Sleep(10 * time.Minute)
			for _, stop := range stops {
				stop()
			}
			time.Sleep(10 * time.Second)
		}
		for addr, m := range c.masters {
			if n := len(m.times("CLIENT TRACKING")); n < 40 || n > 92 { // after 5 minutes, less up to half of it
				t.Errorf("%s was asked %d times in 200 minutes", addr, n)
			}
		}
		if n := strings.Count(c.log.String(), "level=INFO"); n != 1 {
			t.Errorf("said %d times that it polls", n)
		}
	})
}
