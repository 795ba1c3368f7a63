package roundtrip_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/pipenet"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// tunnels is a network of which the connections that there are can go dumb, without an
// end, while new ones work: a firewall that forgot them, a tunnel that froze.
type tunnels struct {
	pipenet.Network
	mu   sync.Mutex
	open []*tunnel
	made int
}

type tunnel struct {
	net.Conn
	frozen, closed chan struct{}
	once           sync.Once
}

func (n *tunnels) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := n.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	t := &tunnel{Conn: conn, frozen: make(chan struct{}), closed: make(chan struct{})}
	n.open = append(n.open, t)
	n.made++
	return t, nil
}

func (n *tunnels) freeze() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, t := range n.open {
		close(t.frozen)
	}
	n.open = nil
}

func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	select {
	case <-t.frozen:
		<-t.closed
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (t *tunnel) Write(p []byte) (int, error) {
	select {
	case <-t.frozen:
		return len(p), nil
	default:
		return t.Conn.Write(p)
	}
}

func (t *tunnel) Close() error {
	t.once.Do(func() { close(t.closed) })
	return t.Conn.Close()
}

// over runs f in a bubble with a Transport whose network can freeze, and a server.
func over(t *testing.T, http2 bool, handle http.HandlerFunc, f func(t *testing.T, rt *roundtrip.Transport, n *tunnels)) {
	synctest.Test(t, func(t *testing.T) {
		n := new(tunnels)
		ln, err := n.Listen("example.com:443")
		if err != nil {
			t.Fatal(err)
		}
		s := httptest.NewUnstartedServer(handle)
		_ = s.Listener.Close()
		s.Listener, s.EnableHTTP2 = ln, http2
		s.StartTLS()
		rt := roundtrip.New(roundtrip.Options{AllowInsecure: true})
		inner := rt.Inner()
		inner.Proxy, inner.DialContext = nil, n.dial
		inner.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		f(t, rt, n)
		rt.CloseIdleConnections()
		n.freeze() // and close what is left of the frozen ones
		time.Sleep(11 * time.Minute)
		s.Close()
	})
}

func get(rt http.RoundTripper, within time.Duration) error {
	ctx := context.Background()
	if within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, within)
		defer cancel()
	}
	req, _ := http.NewRequestWithContext(ctx, "POST", "https://example.com/", nil) // which net/http does not repeat
	resp, err := roundtrip.Exchange(rt, req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// When connections die silently, the calls that are under way are lost, and no others,
// however many there are.
func TestConnectionsThatDieSilently(t *testing.T) {
	for _, http2 := range []bool{true, false} {
		for _, together := range []int{1, 10} {
			t.Run(fmt.Sprintf("http2=%t/together=%d", http2, together), func(t *testing.T) {
				handle := func(w http.ResponseWriter, r *http.Request) {
					time.Sleep(time.Second)
					if want := map[bool]int{true: 2, false: 1}[http2]; r.ProtoMajor != want {
						t.Errorf("%s", r.Proto)
					}
				}
				over(t, http2, handle, func(t *testing.T, rt *roundtrip.Transport, n *tunnels) {
					calls := func() (lost int) {
						errs := make(chan error, together)
						for range together {
							go func() { errs <- get(rt, 30*time.Second) }()
						}
						for range together {
							if err := <-errs; err != nil {
								if !errors.Is(err, context.DeadlineExceeded) && http2 == false {
									t.Error(err)
								}
								lost++
							}
						}
						return lost
					}
					if lost := calls(); lost > 0 {
						t.Fatalf("%d calls were lost before", lost)
					}
					n.freeze()
					lost := 0
					for range 40 {
						lost += calls()
					}
					if lost != together {
						t.Errorf("%d calls were lost, want the %d that found it out", lost, together)
					}
				})
			})
		}
	}
}

// So is one whose answer has begun.
func TestConnectionsThatDieAmidAnAnswer(t *testing.T) {
	for _, http2 := range []bool{true, false} {
		handle := func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "begun")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Second)
		}
		over(t, http2, handle, func(t *testing.T, rt *roundtrip.Transport, n *tunnels) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			for range 5 { // several are idle then
				go func() { _ = get(rt, time.Minute) }()
			}
			time.Sleep(500 * time.Millisecond)
			req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com/", nil)
			resp, err := rt.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(800 * time.Millisecond)
			n.freeze()
			if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the body: %v", err)
			}
			_ = resp.Body.Close()
			if err := get(rt, 3*time.Second); err != nil {
				t.Errorf("http2 %t: the next call: %v", http2, err)
			}
		})
	}
}

// A call without a deadline is not lost for ever by HTTP/2, and an endpoint that takes
// its time is not given up: the server answers pings.
func TestPings(t *testing.T) {
	over(t, true, func(http.ResponseWriter, *http.Request) { time.Sleep(10 * time.Minute) }, func(t *testing.T, rt *roundtrip.Transport, n *tunnels) {
		if err := get(rt, 0); err != nil {
			t.Errorf("an endpoint that takes ten minutes: %v", err)
		}
		time.AfterFunc(time.Minute, n.freeze)
		began := time.Now()
		if err := get(rt, 0); err == nil || time.Since(began) > 80*time.Second {
			t.Errorf("a connection that froze after a minute: %v after %v", err, time.Since(began))
		}
	})
}

// A slow endpoint is no reason to give up connections on which others are answered.
func TestSlowEndpointKeepsConnections(t *testing.T) {
	handle := func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Slow") != "" {
			time.Sleep(time.Minute)
		}
	}
	over(t, true, handle, func(t *testing.T, rt *roundtrip.Transport, n *tunnels) {
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com/", nil)
			req.Header.Set("X-Slow", "1")
			ended := make(chan error, 1)
			go func() { _, err := rt.RoundTrip(req); ended <- err }()
			time.Sleep(time.Second)
			if err := get(rt, time.Second); err != nil {
				t.Error(err)
			}
			if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			cancel()
		}
		if n.made != 1 {
			t.Errorf("%d connections were made, want 1", n.made)
		}
	})
}

// http.Client closes idle connections through whatever is around a Transport.
func TestCloseIdleConnections(t *testing.T) {
	over(t, true, func(http.ResponseWriter, *http.Request) {}, func(t *testing.T, rt *roundtrip.Transport, n *tunnels) {
		for range 3 {
			if err := get(rt, time.Second); err != nil {
				t.Fatal(err)
			}
			(&http.Client{Transport: rt}).CloseIdleConnections()
			synctest.Wait() // until net/http has noticed: else it may dial twice
		}
		if n.made != 3 {
			t.Errorf("%d connections were made, want 3", n.made)
		}
	})
}
