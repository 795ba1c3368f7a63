package redistest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/testport"
)

func TestReplies(t *testing.T) {
	s := redistest.Start(t)
	c := s.Dial()
	tests := []struct {
		args []string
		want any
	}{
		{[]string{"PING"}, "PONG"},
		{[]string{"SET", "k", "a\r\n$b"}, "OK"},
		{[]string{"GET", "k"}, "a\r\n$b"},
		{[]string{"GET", "absent"}, nil},
		{[]string{"SET", "k", ""}, "OK"},
		{[]string{"GET", "k"}, ""},
		{[]string{"PTTL", "absent"}, int64(-2)},
		{[]string{"MGET", "k", "absent"}, []any{"", nil}},
		{[]string{"LRANGE", "absent", "0", "-1"}, []any{}},
		{[]string{"NONSENSE"}, redistest.Error("ERR unknown command 'NONSENSE', with args beginning with: ")},
	}
	for _, tt := range tests {
		got, err := c.Do(tt.args...)
		if err != nil {
			t.Fatalf("%q: %v", tt.args, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
	if got := s.Do("GET", "k"); got != "" {
		t.Errorf("Server.Do sees %v under k; want the same database as Dial", got)
	}
}

func TestRestartIsEmptyAndKeepsTheAddress(t *testing.T) {
	s := redistest.Start(t)
	addr, c := s.Addr(), s.Dial()
	s.Do("SET", "k", "v")
	s.Kill()
	if reply, err := c.Do("PING"); err == nil {
		t.Errorf("a killed server answered %v", reply)
	}
	s.Kill() // once more does no harm
	s.Restart()
	if s.Addr() != addr {
		t.Errorf("address %s, was %s", s.Addr(), addr)
	}
	if got := s.Do("GET", "k"); got != nil {
		t.Errorf("k is %v after a restart; want nothing", got)
	}
}

// A listener that was in its place is gone only a moment after it was closed, if a process is
// started beside it.
func TestRestartWherePortIsFreedSoon(t *testing.T) {
	s := redistest.Start(t)
	s.Kill()
	ln, err := testport.Listen(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	freed := time.AfterFunc(100*time.Millisecond, func() { ln.Close() })
	defer freed.Stop()
	s.Restart()
	s.Do("SET", "k", "v")
}

func TestStoppedServerAnswersLater(t *testing.T) {
	s := redistest.Start(t)
	nc, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	in := bufio.NewReader(nc)
	s.Stop()
	if _, err := io.WriteString(nc, "PING\r\n"); err != nil {
		t.Fatal(err)
	}
	// A running server answers within this time as a rule; a stopped one never.
	_ = nc.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if got, err := in.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a stopped server answered %q, %v", got, err)
	}
	s.Cont()
	_ = nc.SetReadDeadline(time.Time{})
	if got, err := in.ReadString('\n'); got != "+PONG\r\n" {
		t.Errorf("got %q, %v after Cont; want PONG", got, err)
	}
	s.Stop() // the cleanup must end a stopped one as well
}

func TestArgumentsReachTheServer(t *testing.T) {
	s := redistest.Start(t, "--maxmemory", "1234567")
	if diff := cmp.Diff([]any{"maxmemory", "1234567"}, s.Do("CONFIG", "GET", "maxmemory")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// recorder is a testing.TB that notes how Start gives up.
type recorder struct {
	testing.TB
	how, text string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Skipf(f string, args ...any)  { r.gives("skip", f, args...) }
func (r *recorder) Fatalf(f string, args ...any) { r.gives("fatal", f, args...) }

func (r *recorder) gives(how, f string, args ...any) {
	r.how, r.text = how, fmt.Sprintf(f, args...)
	panic(r)
}

func TestNoServerOnPath(t *testing.T) {
	for env, want := range map[string]string{"": "skip", "0": "skip", "1": "fatal"} {
		t.Run(want+env, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir())
			t.Setenv(redistest.RequireEnv, env)
			t.Setenv(redistest.ServerEnv, "")
			r := &recorder{TB: t}
			func() {
				defer func() { _ = recover() }()
				redistest.Start(r)
			}()
			if r.how != want {
				t.Errorf("Start ended with %q; want %q", r.how, want)
			}
		})
	}
}
