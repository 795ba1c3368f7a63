package client_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/clienthook"
	"github.com/advoware-go/advoware/store"
)

func TestCloseOnce(t *testing.T) {
	var closed atomic.Int32
	w := start(t, setup{client: func(c *client.Config) {
		clienthook.Attach(c, clienthook.Stores{Close: func() error { closed.Add(1); return io.ErrNoProgress }})
	}})
	w.warm(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := w.Close(); !errors.Is(err, io.ErrNoProgress) {
				t.Errorf("Close: %v, want what the stores returned", err)
			}
		})
	}
	all.Wait()
	if n := closed.Load(); n != 1 {
		t.Errorf("the stores were closed %d times", n)
	}
}

// The store still has a good token; that does not matter.
func TestCallsAfterClose(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	before := w.fake.Counts()
	errs := map[string]error{"Call": w.get(t.Context(), "/employees")}
	_, errs["typed"] = client.Get[[]int](t.Context(), w.Client, "/employees", nil)
	req, _ := http.NewRequest("GET", w.fake.BaseURL()+"employees", nil)
	_, errs["Do"] = w.Do(req)
	_, errs["HTTPClient"] = w.HTTPClient().Get(w.fake.BaseURL() + "employees")
	_, errs["HTTPClient, elsewhere"] = w.HTTPClient().Get("http://elsewhere.test/")
	for how, err := range errs {
		if !errors.Is(err, token.ErrClosed) {
			t.Errorf("%s: %v, want token.ErrClosed", how, err)
		}
	}
	if n := w.since(before); n != (clienttest.Counts{}) {
		t.Errorf("something was sent: %+v", n)
	}
}

// Close at any moment: of waiting for a token, of an answer, of a retry. The
// bubble ends only when every goroutine has.
func TestCloseMeanwhile(t *testing.T) {
	for name, tt := range map[string]struct {
		at    time.Duration // of a call that takes two tokens and two answers, 1 s each
		after time.Duration // when the call ends
		check func(error) bool
	}{
		"first token":   {500 * time.Millisecond, 500 * time.Millisecond, func(err error) bool { return errors.Is(err, token.ErrClosed) }},
		"first answer":  {1500 * time.Millisecond, 2 * time.Second, refusedAndClosed},
		"second token":  {2500 * time.Millisecond, 2500 * time.Millisecond, refusedAndClosed},
		"second answer": {3500 * time.Millisecond, 4 * time.Second, func(err error) bool { return err == nil }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{fake: clienttest.Options{TokenLatency: time.Second, Latency: time.Second}})
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
				begin := time.Now()
				time.AfterFunc(tt.at, func() { w.Close() })
				err := w.get(t.Context(), "/employees")
				if took := time.Since(begin); took != tt.after || !tt.check(err) {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}

func refusedAndClosed(err error) bool {
	return errors.Is(err, client.ErrUnauthorized) && errors.Is(err, token.ErrClosed)
}

// A transport that was passed in stays as it is, the package's own lets go.
func TestCloseAndConnections(t *testing.T) {
	for name, own := range map[string]bool{"own": true, "the caller's": false} {
		t.Run(name, func(t *testing.T) {
			opened, closed := make(chan struct{}, 10), make(chan struct{}, 10)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				switch s {
				case http.StateNew:
					opened <- struct{}{}
				case http.StateClosed:
					closed <- struct{}{}
				}
			}
			server.Start()
			defer server.Close()
			base := new(http.Transport)
			defer base.CloseIdleConnections()
			cfg := client.Config{BaseURL: server.URL, Source: newSource(t, "tok-1"), Logger: new(logs).logger()}
			if !own {
				cfg.Base = base
			}
			c, err := client.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Call(t.Context(), client.Request{}); err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if own {
				<-closed
				return
			}
			resp, err := (&http.Client{Transport: base}).Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if n := len(opened); n != 1 {
				t.Errorf("%d connections were opened, want 1: Close took the caller's", n)
			}
		})
	}
}

// What Close calls may call it, and everything else, and does not wait for itself.
func TestWhatCloseCallsMayCallTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *world
		calls := 0
		within := func() {
			calls++
			_ = w.Close()
			_ = w.Stats()
			if err := w.get(t.Context(), "/employees"); !errors.Is(err, token.ErrClosed) {
				t.Errorf("a call: %v", err)
			}
		}
		w = start(t, setup{
			token: func(c *token.Config) {
				c.Tiers.Follow = func(string, func(store.Token)) func() { return within }
			},
			client: func(c *client.Config) {
				clienthook.Attach(c, clienthook.Stores{Errors: func() uint64 { return 0 }, Close: func() error { within(); return nil }})
			},
		})
		w.warm(t)
		if err := w.Close(); err != nil || calls != 2 {
			t.Errorf("Close: %v; %d calls from within", err, calls)
		}
	})
}

func TestCloseOfAClientThatWasNeverMade(t *testing.T) {
	var none *client.Client
	if err := errors.Join(none.Close(), new(client.Client).Close()); err != nil {
		t.Error(err)
	}
}
