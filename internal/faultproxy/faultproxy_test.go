package faultproxy_test

import (
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/faultproxy"
	"github.com/advoware-go/advoware/internal/redistest"
)

func TestPassesEverythingOn(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	huge := strings.Repeat("x\r\n", 1<<18)
	for _, turn := range []struct{ say, hear string }{
		{"PING\r\n", "+PONG\r\n"},
		{array("SET", "k", "a\r\n+OK\r\n"), "+OK\r\n"},
		{array("GET", "k") + "get none\r\n" + array("LRANGE", "none", "0", "-1"), "$8\r\na\r\n+OK\r\n\r\n$-1\r\n*0\r\n"},
		{array("SET", "huge", huge) + array("GETRANGE", "huge", "0", "3") + array("GET", "huge"), "+OK\r\n$4\r\nx\r\nx\r\n$786432\r\n" + huge + "\r\n"},
		{array("MULTI") + array("INCR", "n") + array("EXEC"), "+OK\r\n+QUEUED\r\n*1\r\n:1\r\n"},
		{array("NONSENSE"), "-ERR unknown command 'NONSENSE', with args beginning with: \r\n"},
		{array("QUIT"), "+OK\r\n"},
	} {
		c.say(turn.say)
		c.hear(turn.hear)
	}
	c.over()
	got := p.Stats()
	want := faultproxy.Stats{Connections: 1, Replies: 13, Commands: map[string]int{
		"PING": 1, "SET": 2, "GET": 3, "LRANGE": 1, "GETRANGE": 1, "MULTI": 1, "INCR": 1, "EXEC": 1, "NONSENSE": 1, "QUIT": 1,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestPassesPushesOn(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	c.say(array("HELLO", "3") + array("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "k") + array("PING"))
	if head, err := c.in.ReadString('\n'); err != nil || !strings.HasPrefix(head, "%") {
		t.Fatalf("HELLO 3 says %q, %v; want a map", head, err)
	}
	for line := ""; line != "+PONG\r\n"; { // what else it says is different in each server
		var err error
		if line, err = c.in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	srv.Do("SET", "k1", "v")
	c.hear(">2\r\n$10\r\ninvalidate\r\n*1\r\n$2\r\nk1\r\n")
	set(t, p, faultproxy.Fault{Answer: "-LOADING"})
	srv.Do("SET", "k2", "v")
	c.hear(">2\r\n$10\r\ninvalidate\r\n*1\r\n$2\r\nk2\r\n")
	// A push is no reply to anything: what is answered here still waits its turn.
	set(t, p, faultproxy.Fault{})
	c.say(array("BLPOP", "list", "0"))
	eventually(t, "it waits", func() bool { return strings.Contains(srv.Do("CLIENT", "LIST").(string), "cmd=blpop") })
	set(t, p, faultproxy.Fault{Answer: "-LOADING"})
	c.say(array("PING"))
	c.silent()
	if n := p.Stats().Replies; n != 3 {
		t.Errorf("%d replies", n)
	}
}

func TestRefuse(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	for range 3 {
		c, idle := dial(t, p.Addr()), dial(t, p.Addr())
		c.say("PING\r\n")
		c.hear("+PONG\r\n")
		for range 2 { // the second time says nothing new
			set(t, p, faultproxy.Fault{Refuse: true})
			if c, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("a new connection: %v, %v; want it refused", c, err)
			}
		}
		c.over()
		idle.over()
		set(t, p, faultproxy.Fault{})
	}
	c := dial(t, p.Addr())
	c.say("PING\r\n")
	c.hear("+PONG\r\n")
}

func TestServerThatIsGone(t *testing.T) {
	srv := redistest.Start(t)
	p := start(t, srv.Addr())
	c := dial(t, p.Addr())
	c.say("PING\r\n")
	c.hear("+PONG\r\n")
	srv.Kill()
	c.over()
	c = dial(t, p.Addr())
	c.say("PING\r\n")
	c.over()
	srv.Restart()
	c = dial(t, p.Addr())
	c.say("PING\r\n")
	c.hear("+PONG\r\n")
}

func TestStartTellsWhatItCannotDo(t *testing.T) {
	p := start(t, "127.0.0.1:1")
	if _, port, err := net.SplitHostPort(p.Addr()); err != nil || port == "0" {
		t.Errorf("listens on %s", p.Addr())
	}
	set(t, p, faultproxy.Fault{Refuse: true})
	taken, err := net.Listen("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if err := p.Set(faultproxy.Fault{}); err == nil || !strings.HasPrefix(err.Error(), "faultproxy: ") {
		t.Errorf("Set on a port that somebody else has: %v", err)
	}
}

func TestCloseAtAnyMoment(t *testing.T) {
	srv := redistest.Start(t)
	before := runtime.NumGoroutine()
	for _, f := range []faultproxy.Fault{
		{}, {Refuse: true}, {Silent: true}, {Reset: true}, {Half: true}, {Answer: "-ERR no"}, {Delay: patience},
	} {
		p := start(t, srv.Addr())
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					c, err := net.Dial("tcp", p.Addr())
					if err != nil {
						return // refused: it is closed
					}
					_, _ = c.Write([]byte(array("BLPOP", "none", "0") + array("PING")))
					_ = c.SetReadDeadline(aMoment())
					if _, err := c.Read(make([]byte, 64)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
						_, _ = c.Write([]byte("PING\r\n"))
					}
					_ = c.Close()
				}
			})
		}
		eventually(t, "somebody has come", func() bool { return p.Stats().Connections > 4 })
		set(t, p, f)
		wg.Go(func() { _ = p.Close() })
		_ = p.Close()
		if stacks := allStacks(); strings.Contains(stacks, "faultproxy.(*link)") {
			t.Errorf("%+v: something runs after Close:\n%s", f, stacks)
		}
		wg.Wait()
		if err := p.Set(faultproxy.Fault{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Set after Close: %v", err)
		}
	}
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
	eventually(t, "no connection to the server is left", func() bool {
		list, _ := srv.Do("CLIENT", "LIST").(string)
		return strings.Count(list, "\n") == 1
	})
}

func allStacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

// While a proxy refuses, nobody listens on its port. Another one must not be given it: its
// server would be reached by who is refused here.
func TestRefusedPortIsNobodyElses(t *testing.T) {
	had := make(map[string]bool)
	for range 500 {
		p := start(t, "127.0.0.1:1")
		if had[p.Addr()] {
			t.Fatalf("%s is the port of two proxies", p.Addr())
		}
		had[p.Addr()] = true
		set(t, p, faultproxy.Fault{Refuse: true})
	}
}
