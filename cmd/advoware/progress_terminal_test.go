//go:build linux

package main_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// stepping is an API that answers a third call only after release.
func stepping(t *testing.T) (vars []string, release chan struct{}) {
	t.Helper()
	var n atomic.Int64
	release = make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 2:
			w.WriteHeader(http.StatusInternalServerError)
		case 3:
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, "1")
	}))
	t.Cleanup(api.Close)
	fake := clienttest.Start(t, clienttest.Options{})
	return append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL), release
}

func TestProgress(t *testing.T) {
	vars, release := stepping(t)
	var out strings.Builder
	s := onTerminal(t, 100, vars, func(c *exec.Cmd, tty *os.File) { c.Stdout, c.Stderr = &out, tty },
		"call", "GET", "/x", "--store", "memory", "--repeat", "4", "--log-level", "info")
	line := regexp.MustCompile(`\r2 of 4 calls, 50 %, [0-9.]+/s, [0-9.]+ % token hits, 1 error, [0-9.]+m?s left`)
	until(t, "a line for two calls", func() bool { return line.MatchString(s.String()) })
	close(release)
	if status := s.wait(); status != 1 || out.String() != "1\n" {
		t.Errorf("status %d, stdout %q", status, &out)
	}
	shown := s.String()
	if !regexp.MustCompile(`\r +\r4 calls in [0-9.]+m?s; p50 [0-9.]+ ms, p90 [0-9.]+, p99 [0-9.]+, p99.9 [0-9.]+, max [0-9.]+\nadvoware: API status 500[^\n]*\n$`).MatchString(shown) {
		t.Errorf("%q", shown)
	}
	if !regexp.MustCompile(`(^|\r)time=[^\n]*token fetched[^\n]*\n`).MatchString(shown) {
		t.Errorf("the log has no line of its own: %q", shown)
	}
}

func TestProgressEndsWithASignal(t *testing.T) {
	vars, _ := stepping(t)
	s := onTerminal(t, 40, vars, errTo, "call", "GET", "/x", "--store", "memory", "--repeat", "1000")
	until(t, "the call hangs", func() bool { return strings.Contains(s.String(), "\r2 of 1000 calls") })
	if err := s.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := s.wait(); status != 1 || !regexp.MustCompile(`\r +\r\d calls in [^\n]*\nadvoware: interrupted: [^\n]*\n$`).MatchString(s.String()) {
		t.Errorf("status %d, %q", status, s.String())
	}
	for part := range strings.SplitSeq(s.String(), "\r") {
		if strings.HasPrefix(part, "2 of 1000") && len(part) > 39 {
			t.Errorf("%q on a line of 40", part)
		}
	}
}

// Where it would not be read, or could not be written over, there is none.
func TestNoProgress(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	get := []string{"call", "GET", "/employees", "--store", "memory"}
	run(t, fake.Env(), append(get, "--repeat", "50")...).wantQuiet(t)
	runOnTerminal(t, fake.Env(), append(get, "--repeat", "50")...).wantQuiet(t) // only standard output is one
	for _, c := range []struct{ env, args []string }{{[]string{"TERM=dumb"}, []string{"--repeat", "50"}}, {nil, nil}} {
		s := onTerminal(t, 80, append(fake.Env(), c.env...), errTo, append(get, c.args...)...)
		if status := s.wait(); status != 0 || s.String() != "" {
			t.Errorf("status %d, %q", status, s.String())
		}
	}
}

func TestBatchShowsProgress(t *testing.T) {
	vars, release := stepping(t)
	var out strings.Builder
	s := onTerminal(t, 80, vars, func(c *exec.Cmd, tty *os.File) {
		c.Stdin, c.Stdout, c.Stderr = strings.NewReader("/1\n/2\n/3\n"), &out, tty
	}, "call", "--batch", "--store", "memory")
	until(t, "a line for two calls", func() bool { return strings.Contains(s.String(), "\r2 calls, ") })
	close(release)
	if status := s.wait(); status != 1 || strings.Count(out.String(), "\n") != 3 || !strings.Contains(s.String(), "\r3 calls in ") {
		t.Errorf("status %d, %q, %q", status, s.String(), out.String())
	}
}
