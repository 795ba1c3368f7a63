package discovery_test

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/testport"
)

// recorder listens where somebody else did before, and keeps what it gets.
type recorder struct {
	mu   sync.Mutex
	got  bytes.Buffer
	dial int
}

func record(t testing.TB, addr string) *recorder {
	t.Helper()
	l, err := testport.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	r := new(recorder)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.dial++
			r.mu.Unlock()
			conns.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(time.Second))
				_, _ = io.Copy(r, conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); conns.Wait() })
	return r
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got.Write(p)
}

func (r *recorder) wantNothing(t testing.TB) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dial > 0 || r.got.Len() > 0 {
		t.Errorf("the old address got %d connections, and %q", r.dial, r.got.Bytes())
	}
}

func hostOf(t testing.TB, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// The connector of an office moves to another address while 50 callers work; the gateway
// stays. The new connector takes the tokens that the gateway issued.
func TestConnectorThatMovesWhileCallersWork(t *testing.T) {
	const callers = 50
	v := startVendor(t)
	before, after := clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{})
	kanzlei := before.Options().Kanzlei
	v.change(func() { v.says[kanzlei] = connector(before, before) })
	cfg := e2etest.Sharing(t, before, redistest.Start(t))
	cfg.BaseURL, cfg.TokenURL, cfg.DiscoveryURL = "", "", v.url // with connections of the client's own
	c := open(t, cfg)
	mustCall(t, c)
	wantBase(t, c, before)

	var good, lost, unsent atomic.Int64
	stop, one := make(chan struct{}), []byte(`{"text":"x","datum":"2026-02-10"}`)
	var calling sync.WaitGroup
	for i := range callers {
		calling.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				r := client.Request{Endpoint: "/employees"}
				if (i+n)%2 == 0 {
					r = client.Request{Method: "POST", Endpoint: "/appointments", Body: rawJSON(one)}
				}
				switch _, err := c.Call(t.Context(), r); {
				case err == nil:
					good.Add(1)
				case errors.Is(err, client.ErrNotSent):
					unsent.Add(1)
					t.Error(err)
				default:
					lost.Add(1)
					t.Log("lost: ", err)
				}
			}
		})
	}
	e2etest.WaitUntil(t, "all work", func() bool { return good.Load() > 10*callers })
	v.change(func() { v.says[kanzlei] = connector(after, after) })
	began := time.Now()
	before.Close()
	e2etest.WaitUntil(t, "the client has moved", func() bool {
		base, err := c.BaseURL(t.Context())
		return err == nil && base.String() == after.BaseURL()
	})
	moved, at := time.Since(began), good.Load()
	e2etest.WaitUntil(t, "all work again", func() bool { return good.Load() > at+10*callers })
	old := record(t, hostOf(t, before.BaseURL()))
	at = good.Load()
	e2etest.WaitUntil(t, "they have gone on for a while", func() bool { return good.Load() > at+20*callers })
	close(stop)
	calling.Wait()
	old.wantNothing(t)
	t.Logf("%d callers, %d calls: %d lost that may have been carried out, %d that were not sent; the client moved after %v; the vendor was asked %d times",
		callers, good.Load(), lost.Load(), unsent.Load(), moved.Round(time.Millisecond), v.asked())
	v.wantAsked(t, 2)
	wantBase(t, c, after)

	restarted := open(t, cfg) // another process takes what is remembered by now
	mustCall(t, restarted)
	v.wantAsked(t, 2)
	old.wantNothing(t)
}
