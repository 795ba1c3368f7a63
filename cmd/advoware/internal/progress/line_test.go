package progress_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/cmd/advoware/internal/progress"
)

// screen keeps what a terminal would show: a carriage return writes over the line.
type screen struct {
	mu    sync.Mutex
	lines []string
	line  []rune
	at    int
	wide  int
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range string(p) {
		switch {
		case r == '\r':
			s.at = 0
		case r == '\n':
			s.lines, s.line, s.at = append(s.lines, strings.TrimRight(string(s.line), " ")), nil, 0
		case s.at < len(s.line):
			s.line[s.at] = r
			s.at++
		default:
			s.line = append(s.line, r)
			s.at++
		}
		s.wide = max(s.wide, len(s.line))
	}
	return len(p), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(append(s.lines, strings.TrimRight(string(s.line), " ")), "\n")
}

func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to, text := new(screen), "1 of 3 calls"
		var mu sync.Mutex
		set := func(s string) { mu.Lock(); defer mu.Unlock(); text = s }
		l := progress.New(to, func() int { return 30 })
		want := func(want string) {
			t.Helper()
			if got := to.String(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		_, _ = l.Write([]byte("before\n"))
		l.Start(func() string { mu.Lock(); defer mu.Unlock(); return text })
		want("before\n1 of 3 calls")
		set("2")
		time.Sleep(time.Second)
		synctest.Wait()
		want("before\n2")
		_, _ = l.Write([]byte("a warning\n"))
		want("before\na warning\n")
		time.Sleep(time.Second)
		synctest.Wait()
		want("before\na warning\n2")
		_, _ = l.Write([]byte("half a "))
		time.Sleep(time.Second)
		synctest.Wait()
		want("before\na warning\nhalf a")
		_, _ = l.Write([]byte("line\n"))
		set(strings.Repeat("ü", 100))
		time.Sleep(time.Second)
		synctest.Wait()
		want("before\na warning\nhalf a line\n" + strings.Repeat("ü", 29))
		l.End("all")
		l.End("again")
		want("before\na warning\nhalf a line\nall\n")
		time.Sleep(time.Second)
		_, _ = l.Write([]byte("after\n"))
		want("before\na warning\nhalf a line\nall\nafter\n")
		if to.wide > 29 {
			t.Errorf("%d characters on a line of 30", to.wide)
		}
	})
}

func TestNothingIsShownWithoutATerminal(t *testing.T) {
	var l *progress.Line
	l.Start(func() string { t.Error("asked"); return "" })
	l.End("all")
	var b bytes.Buffer
	progress.New(&b, func() int { return 80 }).End("")
	if b.Len() != 0 {
		t.Errorf("%q", &b)
	}
}

func TestCalls(t *testing.T) {
	for want, c := range map[string]progress.Calls{
		"0 of 10 calls, 0 %, 0 errors":                                                     {Of: 10},
		"250 of 1000 calls, 25 %, 125/s, 99.6 % token hits, 1 error, 6s left":              {Made: 250, Of: 1000, Failed: 1, HitRate: 0.996, Took: 2 * time.Second},
		"1 of 100 calls, 1 %, 0.5/s, 0 % token hits, 0 errors, 3m18s left":                 {Made: 1, Of: 100, Took: 2 * time.Second},
		"1 of 9000000 calls, 0 %, 0.5/s, 100 % token hits, 0 errors, more than 1000h left": {Made: 1, Of: 9_000_000, HitRate: 1, Took: 2 * time.Second},
		"12 calls, 12/s, 100 % token hits, 2 errors":                                       {Made: 12, Failed: 2, HitRate: 1, Took: time.Second},
		"10 of 10 calls, 100 %, 10/s, 100 % token hits, 0 errors":                          {Made: 10, Of: 10, HitRate: 1, Took: time.Second},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
