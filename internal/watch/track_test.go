package watch_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// commands notes what is sent over connections.
type commands struct {
	mu   sync.Mutex
	list []string
}

// on returns options whose connections are listened in on.
func (c *commands) on(addr string) *goredis.Options {
	o := redisstore.Options(addr)
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		r, w := io.Pipe()
		go c.read(bufio.NewReader(r))
		return tappedConn{conn, w}, nil
	}
	return o
}

type tappedConn struct {
	net.Conn
	tap *io.PipeWriter
}

func (c tappedConn) Write(p []byte) (int, error) {
	_, _ = c.tap.Write(p)
	return c.Conn.Write(p)
}

func (c tappedConn) Close() error {
	_ = c.tap.Close()
	return c.Conn.Close()
}

func (c *commands) read(in *bufio.Reader) {
	for args := readCommand(in); len(args) > 0; args = readCommand(in) {
		c.mu.Lock()
		c.list = append(c.list, strings.Join(args, " "))
		c.mu.Unlock()
	}
}

// tracking returns the arguments of each CLIENT TRACKING so far.
func (c *commands) tracking() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []string
	for _, cmd := range c.list {
		if args, ok := strings.CutPrefix(cmd, "CLIENT TRACKING "); ok {
			found = append(found, args)
		}
	}
	return found
}

func TestSendsFewCommands(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	sent := new(commands)
	w := newWatch(t, newClient(t, sent.on(srv.Addr())), watch.Config{})
	follow(t, w, "tok")
	lock, failed := "{tok}:lock", "{tok}:failed"
	stop := w.Follow(lock, func(bool) {})
	want := []string{"ON BCAST PREFIX tok", "ON BCAST PREFIX {tok}:"}
	eventually(t, "the prefix is added", func() bool { return slices.Equal(sent.tracking(), want) })

	// Follows that come and go under a prefix that is tracked.
	for range 100 {
		stop()
		stop = w.Follow(lock, func(bool) {})
		w.Follow(failed, func(bool) {})()
		w.Follow("tok", func(bool) {})()
	}
	c := newCalls()
	w.Follow("token", c.changed) // begins with tok
	srv.Do("SET", "token", "x")
	c.until(t, func(gap bool) bool {
		if gap {
			t.Error("a gap, but nothing was missed")
		}
		return true
	})
	follow(t, w, "end") // tells that whatever came before has been sent
	eventually(t, "what is sent is seen", func() bool { return len(sent.tracking()) > 2 })
	if got := sent.tracking(); !slices.Equal(got, append(want, "ON BCAST PREFIX end")) {
		t.Errorf("sent %q; want nothing between the last two", got)
	}
}

// pushed waits until a change of name, which has just been set, is reported without a gap.
func pushed(t testing.TB, srv *redistest.Server, name string, c calls) {
	t.Helper()
	c.until(t, func(gap bool) bool {
		if gap { // of a change of prefixes, which may have swallowed the push
			srv.Do("SET", name, "again")
		}
		return !gap
	})
}

// Redis refuses prefixes of which one begins with the other.
func TestOverlappingNames(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, names := range [][]string{
		{"tok", "tok1", "tok12"}, {"tok12", "tok1", "tok"}, {"tok1", "tok12", "tok", "x"}, {"{tok}:lock", "{tok", "{tok}:", "{"},
		{"a", "", "b"},
	} {
		t.Run(fmt.Sprintf("%q", names), func(t *testing.T) {
			w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
			followed := make(map[string]calls)
			for _, name := range names { // one after the other, on a standing link
				followed[name] = newCalls()
				w.Follow(name, followed[name].changed)
				srv.Do("SET", name, "x")
				followed[name].until(t, func(bool) bool { return true })
			}
			for _, name := range names {
				srv.Do("SET", name, "y")
				pushed(t, srv, name, followed[name])
			}
			if s := w.Stats(); s.Links != 1 || s.Polls != 0 {
				t.Errorf("%+v; want one link that pushes", s)
			}
		})
	}
}

// To track something else may mean not to track anything for a moment.
func TestChangeOfPrefixesIsAGap(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	sent := new(commands)
	w := newWatch(t, newClient(t, sent.on(srv.Addr())), watch.Config{})
	long, other := follow(t, w, "tok1"), follow(t, w, "other")
	short := newCalls()
	w.Follow("tok", short.changed)
	for _, c := range []calls{short, long, other} {
		c.await(t, true)
	}
	want := []string{"ON BCAST PREFIX tok1", "ON BCAST PREFIX other", "OFF", "ON BCAST PREFIX other PREFIX tok"}
	eventually(t, fmt.Sprintf("%q is sent", want), func() bool { return slices.Equal(sent.tracking(), want) })
}

func TestManyNames(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	sent := new(commands)
	w := newWatch(t, newClient(t, sent.on(srv.Addr())), watch.Config{})
	followed := make(map[string]calls)
	for i := range 1000 {
		for _, name := range []string{fmt.Sprintf("tenant-%x", i), fmt.Sprintf("{tenant-%x}:lock", i)} {
			followed[name] = newCalls()
			w.Follow(name, followed[name].changed)
		}
	}
	for name, c := range followed {
		srv.Do("SET", name, "x")
		pushed(t, srv, name, c)
	}
	srv.Do("SET", "tenant-none", "x") // pushed, and nobody's
	if s := w.Stats(); !s.Pushing || s.Polls != 0 {
		t.Errorf("%+v; want pushes", s)
	}
	for _, cmd := range sent.tracking() {
		if n := strings.Count(cmd, "PREFIX"); n > 32 {
			t.Errorf("%d prefixes at once", n)
		}
	}
}

// Keys of several programs, or with a hash tag of their own, have nothing in common as a whole.
func TestManyNamesOfSeveralKinds(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	w := newWatch(t, newClient(t, patient(srv.Addr())), watch.Config{})
	followed := make(map[string]calls)
	for i := range 50 {
		for _, key := range []string{fmt.Sprintf("kanzlei_%d", i), fmt.Sprintf("mandant_%d", i), fmt.Sprintf("{office_%d}:token", i)} {
			for _, name := range []string{key, "{" + key + "}:lock"} {
				followed[name] = newCalls()
				w.Follow(name, followed[name].changed)
			}
		}
	}
	for name, c := range followed {
		srv.Do("SET", name, "x")
		pushed(t, srv, name, c)
	}
	if s := w.Stats(); !s.Pushing || s.Polls != 0 {
		t.Errorf("%+v; want pushes", s)
	}
}

// In virtual time: on a busy machine a real connection may count as dead for a moment, and is
// polled.
func TestManyUnrelatedNames(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		followed := make(map[string]calls)
		var stops []func()
		for i := range 100 {
			name := fmt.Sprintf("%d-tenant", i)
			followed[name] = newCalls()
			stops = append(stops, w.Follow(name, followed[name].changed))
		}
		time.Sleep(time.Minute)
		for _, c := range followed {
			c.await(t, true)
		}
		if s := w.Stats(); s.Polls == 0 || s.Pushing {
			t.Fatalf("%+v; want polls", s)
		}
		f.now(except("GETRANGE 77-TENANT", "$7\r\nchanged\r\n"))
		followed["77-tenant"].await(t, false)
		for _, stop := range stops[10:] {
			stop()
		}
		time.Sleep(time.Minute)
		polls := w.Stats().Polls
		if !w.Stats().Pushing {
			t.Fatal("it does not push")
		}
		followed["7-tenant"].await(t, true)
		for _, c := range followed {
			for len(c) > 0 {
				<-c
			}
		}
		f.push(">2\r\n$10\r\ninvalidate\r\n*1\r\n$8\r\n7-tenant\r\n")
		followed["7-tenant"].await(t, false)
		time.Sleep(time.Minute)
		for _, c := range followed {
			c.quiet(t)
		}
		if n := w.Stats().Polls; n != polls {
			t.Errorf("%d polls while it pushes", n-polls)
		}
	})
}
