//go:build unix

package proxy_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// SIGTERM lets calls under way come to their end; a second one does not.
func TestEnd(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		asked, release := make(chan bool), make(chan bool)
		p := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "first ")
			_ = http.NewResponseController(w).Flush()
			asked <- true
			<-release
			_, _ = io.WriteString(w, "last")
		})
		resp := make(chan string)
		go func() {
			defer close(resp)
			r, err := http.Get(p.url() + "/slow")
			if err != nil {
				if !again { // else what the office had written may not be on its way yet
					resp <- err.Error()
				}
				return
			}
			defer r.Body.Close()
			if text, err := io.ReadAll(r.Body); err == nil {
				resp <- string(text)
			}
		}()
		<-asked
		p.signal(t, syscall.SIGTERM)
		for { // until it has closed its listener
			conn, err := net.Dial("tcp", host(p))
			if err != nil {
				break
			}
			_ = conn.Close()
		}
		if again {
			p.signal(t, syscall.SIGTERM)
			<-p.ended
			if s, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGTERM {
				t.Errorf("after a second signal: %v", p.cmd.ProcessState)
			}
			if text, ok := <-resp; ok {
				t.Errorf("the call that was cut off has %q", text)
			}
			close(release)
			continue
		}
		close(release)
		if text := <-resp; text != "first last" {
			t.Errorf("the call under way has %q", text)
		}
		if status := p.status(); status != 0 || p.stderr.String() != "" {
			t.Errorf("exit status %d, %s", status, p.stderr)
		}
	}
}

// The socket of a proxy that was killed is in nobody's way.
func TestSocketOfAKilledProxy(t *testing.T) {
	t.Parallel()
	fake := clienttest.Start(t, clienttest.Options{})
	path := filepath.Join(t.TempDir(), "s")
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", path) },
	}}
	for range 2 {
		p := launch(t, exec.Command(binary, "proxy", "--addr", "unix:"+path, "--store", "memory"), fake.Env())
		if p.said == "" {
			t.Fatal(p.stderr)
		}
		resp, err := client.Get("http://localhost/employees")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || resp.StatusCode != http.StatusOK {
			t.Errorf("status %d; %v, %v", resp.StatusCode, info, err)
		}
		p.signal(t, os.Kill)
		<-p.ended
	}
}

// Two replicas that start with an empty Redis, and are called at once, request one token.
func TestTwoReplicasRequestOneToken(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	fake := clienttest.Start(t, clienttest.Options{TokenLatency: 300 * time.Millisecond})
	at, port, _ := strings.Cut(redis.Addr(), ":")
	env := append(fake.Env(), "REDIS_HOST="+at, "REDIS_PORT="+port)
	replicas := []*process{startProxy(t, env), startProxy(t, env)}
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() { mustServe(t, replicas[i%2]) })
	}
	all.Wait()
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests", n)
	}
}
