package pipenet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/pipenet"
)

const addr = "advoware.test:80"

func TestAddresses(t *testing.T) {
	var n pipenet.Network
	ln := listen(t, &n, addr)
	if got := ln.Addr().String(); got != addr {
		t.Errorf("address %q", got)
	}
	if _, err := n.Listen(addr); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("second listener: %v", err)
	}
	if _, err := n.Listen("no port"); err == nil {
		t.Error("an address without a port was taken")
	}
	if _, err := n.DialContext(t.Context(), "tcp", "elsewhere.test:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial elsewhere: %v", err)
	}
	ln.Close()
	ln.Close()
	if _, err := n.DialContext(t.Context(), "tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial after close: %v", err)
	}
	listen(t, &n, addr) // free again
}

func TestFullBacklogMakesDialersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n pipenet.Network
		ln := listen(t, &n, addr)
		for range pipenet.Backlog {
			dial(t, &n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := n.DialContext(ctx, "tcp", addr); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial on a full backlog: %v", err)
		}
		dialled := make(chan error, 1)
		go func() { _, err := n.DialContext(t.Context(), "tcp", addr); dialled <- err }()
		synctest.Wait()
		if len(dialled) > 0 {
			t.Fatal("the dialer did not wait")
		}
		if _, err := ln.Accept(); err != nil {
			t.Fatal(err)
		}
		if err := <-dialled; err != nil {
			t.Errorf("dial after an accept: %v", err)
		}
		if _, err := n.DialContext(cancelled(t), "tcp", addr); !errors.Is(err, context.Canceled) {
			t.Errorf("dial with an ended context: %v", err)
		}
	})
}

func TestListenerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n pipenet.Network
		ln := listen(t, &n, addr)
		accepted := dial(t, &n)
		server, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		accepts := make(chan error, 1)
		go func() { _, err := ln.Accept(); accepts <- err }()
		synctest.Wait()
		ln.Close()
		if err := <-accepts; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept: %v", err)
		}
		if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept after close: %v", err)
		}
		write(t, server, "still here")
		server.Close()
		if got, err := io.ReadAll(accepted); string(got) != "still here" || err != nil {
			t.Errorf("accepted connection: %q, %v", got, err)
		}
	})
}

func TestListenerCloseEndsThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n pipenet.Network
		ln := listen(t, &n, addr)
		queued := dial(t, &n)
		for range pipenet.Backlog - 1 {
			dial(t, &n)
		}
		dialled := make(chan error, 1)
		go func() { _, err := n.DialContext(t.Context(), "tcp", addr); dialled <- err }()
		synctest.Wait()
		ln.Close()
		if err := <-dialled; !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("waiting dialer: %v", err)
		}
		if _, err := queued.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("connection in the backlog: %v", err)
		}
	})
}

// Dialers race with Close: none may be left with a connection that nobody serves.
func TestDialDuringClose(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			var n pipenet.Network
			ln := listen(t, &n, addr)
			for range 8 {
				go func() {
					if c, err := n.DialContext(t.Context(), "tcp", addr); err == nil {
						c.Read(make([]byte, 1)) // never returns if it was forgotten
					}
				}()
			}
			go ln.Close()
		})
	}
}

// The conversation that net.Pipe cannot carry: the server answers and closes while
// the client is in the middle of a large body.
func TestHTTPInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n pipenet.Network
		ln := listen(t, &n, addr)
		mux := http.NewServeMux()
		mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour)
			io.Copy(w, r.Body)
		})
		mux.HandleFunc("/early", func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "too much", http.StatusRequestEntityTooLarge)
		})
		gone := make(chan struct{})
		mux.HandleFunc("/patient", func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			close(gone)
		})
		server := &http.Server{Handler: mux}
		go server.Serve(ln)
		transport := &http.Transport{DialContext: n.DialContext}
		client := &http.Client{Transport: transport}
		defer transport.CloseIdleConnections()
		defer server.Close()

		large := strings.Repeat("Akte ", 200_000)
		start := time.Now()
		res, err := client.Post("http://advoware.test/slow", "text/plain", strings.NewReader(large))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if string(got) != large || err != nil {
			t.Errorf("%d bytes came back of %d: %v", len(got), len(large), err)
		}
		if took := time.Since(start); took != time.Hour {
			t.Errorf("took %v of virtual time", took)
		}

		res, err = client.Post("http://advoware.test/early", "text/plain", strings.NewReader(large))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("status %d", res.StatusCode)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", "http://advoware.test/patient", nil)
		if _, err := client.Do(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("request that ends early: %v", err)
		}
		<-gone
	})
}

func listen(t *testing.T, n *pipenet.Network, addr string) *pipenet.Listener {
	t.Helper()
	ln, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

func dial(t *testing.T, n *pipenet.Network) net.Conn {
	t.Helper()
	c, err := n.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
