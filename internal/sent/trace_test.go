package sent_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/internal/sent"
	"github.com/advoware-go/advoware/internal/testport"
)

// brittle is a connection that takes nothing any more once it is broken.
type brittle struct {
	net.Conn
	broken *atomic.Bool
}

func (b brittle) Write(p []byte) (int, error) {
	if b.broken.Load() {
		return 0, errors.New("broken")
	}
	return b.Conn.Write(p)
}

// A connection that was kept may be broken before anything is written to it. net/http then
// looks for another one, and where there is none nothing was sent.
func TestNothingWrittenIsNotSent(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer srv.Close()
	for key, not := range map[string]bool{"X-Other": true, "Idempotency-Key": false, "X-Idempotency-Key": false} {
		var broken atomic.Bool
		base := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if broken.Load() {
				return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("refused")}
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return brittle{conn, &broken}, err
		}}
		post := func() error {
			req, _ := http.NewRequestWithContext(t.Context(), "POST", srv.URL, strings.NewReader("1"))
			req.Header.Set(key, "1")
			req, trace := sent.Begin(base, req)
			resp, err := base.RoundTrip(req)
			if err != nil {
				return sent.Of(err, base, trace)
			}
			_, err = io.Copy(io.Discard, resp.Body)
			return errors.Join(err, resp.Body.Close())
		}
		if err := post(); err != nil {
			t.Fatal(err)
		}
		broken.Store(true)
		if err := post(); errors.Is(err, sent.ErrNot) != not || errors.Is(err, sent.ErrMaybe) == not {
			t.Errorf("%s: %v: want not sent %v", key, err, not)
		}
		base.CloseIdleConnections()
	}
}

// A base of somebody else's may repeat a request: that there is no connection for the
// second time says nothing of the first one.
func TestBaseThatRepeats(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	inner := &http.Transport{}
	defer inner.CloseIdleConnections()
	base := repeater{inner, srv.Close}
	whole, _ := http.NewRequestWithContext(t.Context(), "POST", srv.URL, nil)
	req, trace := sent.Begin(base, whole)
	_, err := base.RoundTrip(req)
	var op *net.OpError
	if err = sent.Of(err, base, trace); !errors.Is(err, sent.ErrMaybe) || !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("%v: want that it may be done", err)
	}
	req, trace = sent.Begin(base, whole) // as if that had been answered
	if _, err = base.RoundTrip(req); !errors.Is(sent.Of(err, base, trace), sent.ErrNot) {
		t.Errorf("%v: want that it was not sent", err)
	}
}

// repeater makes each request twice, and lets something happen between.
type repeater struct {
	http.RoundTripper
	between func()
}

func (r repeater) RoundTrip(req *http.Request) (*http.Response, error) {
	if resp, err := r.RoundTripper.RoundTrip(req); err == nil {
		return resp, nil
	}
	r.between()
	return r.RoundTripper.RoundTrip(req)
}

// Without a Trace, the error itself has to tell.
func TestErrorThatTellsByItself(t *testing.T) {
	base := http.DefaultTransport
	var none *sent.Trace
	for err, not := range map[error]bool{
		&net.OpError{Op: "dial", Err: io.EOF}: true, &net.OpError{Op: "read", Err: io.EOF}: false, io.EOF: false, http.ErrSchemeMismatch: true,
		sent.Not(io.EOF): true, sent.Maybe(&net.OpError{Op: "dial", Err: io.EOF}): false, errors.Join(sent.ErrMaybe, sent.ErrNot): false,
	} {
		if got := sent.Of(err, base, none); errors.Is(got, sent.ErrNot) != not || errors.Is(got, sent.ErrMaybe) == not {
			t.Errorf("%v: want not sent %v", err, not)
		}
	}
}

// HTTP/2 tells of a connection too, also of one that was there already.
func TestHTTP2TellsOfItsConnection(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path != "/good" {
			panic(http.ErrAbortHandler)
		}
	}))
	addr, err := testport.Take() // nobody listens there when it is gone
	if err != nil {
		t.Fatal(err)
	}
	_ = srv.Listener.Close()
	if srv.Listener, err = testport.Listen(addr); err != nil {
		t.Fatal(err)
	}
	srv.EnableHTTP2 = true
	srv.StartTLS()
	base := srv.Client().Transport.(*http.Transport)
	for _, step := range []struct {
		path string
		want error
	}{{"/bad", sent.ErrMaybe}, {"/good", nil}, {"/bad", sent.ErrMaybe}, {"/gone", sent.ErrNot}} {
		if step.path == "/gone" {
			srv.Close()
			base = base.Clone() // one without connections: the other may not have heard yet that its own is closed
		}
		req, _ := http.NewRequestWithContext(t.Context(), "POST", srv.URL+step.path, strings.NewReader("1"))
		req, trace := sent.Begin(base, req)
		resp, err := base.RoundTrip(req)
		if err == nil {
			if resp.ProtoMajor != 2 {
				t.Fatal(resp.Proto)
			}
			_ = resp.Body.Close()
		} else {
			err = sent.Of(err, base, trace)
		}
		if !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.path, err, step.want)
		}
	}
}
