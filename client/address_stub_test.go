package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/internal/replay"
	issent "github.com/advoware-go/advoware/internal/sent"
)

// towns is the vendor's service and the network of an office that moves, without a network.
type towns struct {
	mu      sync.Mutex
	answers []string // what the vendor says, one after the other, the last one again and again
	asked   int
	send    func(*http.Request) (*http.Response, error)
	tried   []string // where requests went, and how many attempts came before
	dropped int      // how often the connections were closed
}

// relocated is an office that has left its old address for a new one.
func relocated() *towns {
	return &towns{
		answers: []string{at("https://old.example.com/", ""), at("https://new.example.com/", "")},
		send: func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "old.example.com" {
				return notSent(r)
			}
			return answer(r, 200, "{}"), nil
		},
	}
}

func (o *towns) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	o.tried = append(o.tried, fmt.Sprintf("%s://%s after %d", r.URL.Scheme, r.URL.Host, replay.Resends(r.Context())))
	o.mu.Unlock()
	return o.send(r)
}

func (o *towns) CloseIdleConnections() { o.dropped++ }

func (o *towns) client(t *testing.T) *client.Client {
	t.Helper()
	finder, err := discovery.New(discovery.Config{
		URL: "https://vendor.example.com/Url", Kanzlei: "kanzlei", BaseURL: "http://base.example.com/", TokenURL: "https://gateway.example.com/t",
		AllowInsecure: true, Required: true, Logger: slog.New(slog.DiscardHandler),
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			said := o.answers[min(o.asked, len(o.answers)-1)]
			o.asked++
			return answer(r, 200, said, "Content-Type: application/json"), nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{
		BaseURL: "http://base.example.com/", AllowInsecure: true, Discovery: finder, Source: newSource(t, "tok-1"), Base: o, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func at(api, gateway string) string {
	return fmt.Sprintf(`{"connectorUrl":%q,"securityGateway":%q}`, api, gateway)
}

func notSent(*http.Request) (*http.Response, error) {
	return nil, issent.Not(errors.New("connection refused"))
}

// The scheme is the address's too.
func TestAddressWithAnotherScheme(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &towns{answers: []string{at("https://base.example.com/", "https://gateway.example.com/")}, send: func(r *http.Request) (*http.Response, error) { return answer(r, 200, "{}"), nil }}
		if _, err := o.client(t).Call(t.Context(), client.Request{Endpoint: "/a"}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(o.tried, ", "); got != "https://base.example.com after 0" {
			t.Errorf("tried %s", got)
		}
	})
}

// A request that was not sent goes to the new address once, whose attempt is the second one. The
// connections to the old one are dropped, once.
func TestRequestAfterAMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := relocated()
		c := o.client(t)
		for range 3 {
			if _, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a", Body: 1}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if got, want := strings.Join(o.tried, ", "), "https://old.example.com after 0, https://new.example.com after 1, https://new.example.com after 0, https://new.example.com after 0"; got != want {
			t.Errorf("tried %s, want %s", got, want)
		}
		if o.dropped != 1 || o.asked != 2 {
			t.Errorf("dropped %d times, asked %d times", o.dropped, o.asked)
		}
	})
}

// Whether an office is looked for again is decided by what a request met.
func TestWhenAnOfficeIsLookedForAgain(t *testing.T) {
	for name, c := range map[string]struct {
		second string // what the vendor says then
		send   func(context.CancelFunc) func(*http.Request) (*http.Response, error)
		tried  int
		asked  int
	}{
		"not sent, and it is where it was": {at("https://old.example.com/", ""), func(context.CancelFunc) func(*http.Request) (*http.Response, error) { return notSent }, 1, 2},
		"not sent, and another gateway":    {at("https://old.example.com/", "https://other.example.com/"), func(context.CancelFunc) func(*http.Request) (*http.Response, error) { return notSent }, 1, 2},
		"it may have been sent": {at("https://new.example.com/", ""), func(context.CancelFunc) func(*http.Request) (*http.Response, error) {
			return func(*http.Request) (*http.Response, error) { return nil, errors.New("reset") }
		}, 1, 2},
		"out of time before it was sent": {at("https://new.example.com/", ""), func(context.CancelFunc) func(*http.Request) (*http.Response, error) {
			return func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, issent.Not(r.Context().Err())
			}
		}, 1, 2},
		"what came is no answer": {at("https://new.example.com/", ""), func(context.CancelFunc) func(*http.Request) (*http.Response, error) {
			return func(*http.Request) (*http.Response, error) { return nil, nil }
		}, 1, 1},
		"the caller has left": {at("https://new.example.com/", ""), func(leave context.CancelFunc) func(*http.Request) (*http.Response, error) {
			return func(r *http.Request) (*http.Response, error) { leave(); return nil, r.Context().Err() }
		}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				o := &towns{answers: []string{at("https://old.example.com/", ""), c.second}, send: c.send(leave)}
				cl := o.client(t)
				if _, err := cl.Call(ctx, client.Request{Method: "POST", Endpoint: "/a", Body: 1}); err == nil {
					t.Error("no error")
				}
				time.Sleep(time.Minute) // what goes on beside the call
				synctest.Wait()
				if len(o.tried) != c.tried || o.asked != c.asked {
					t.Errorf("tried %q, asked %d times; want %d and %d", o.tried, o.asked, c.tried, c.asked)
				}
			})
		})
	}
}

// So it is for a request of the caller's own making, which stays as it is.
func TestAddressWithAnotherSchemeForDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &towns{answers: []string{at("https://base.example.com/", "https://gateway.example.com/")}, send: func(r *http.Request) (*http.Response, error) { return answer(r, 200, "{}"), nil }}
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://base.example.com/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := closed(o.client(t).Do(req)); err != nil || req.URL.Scheme != "http" {
			t.Fatal(err, req.URL)
		}
		if got := strings.Join(o.tried, ", "); got != "https://base.example.com after 0" {
			t.Errorf("tried %s", got)
		}
	})
}

// Of several requests that find the office gone at the same time, one drops the connections to it.
func TestConnectionsOfAnOfficeThatMovedAreDroppedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &towns{answers: []string{at("https://old.example.com/", ""), at("https://new.example.com/", "")}}
		o.send = func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "old.example.com" {
				time.Sleep(time.Second)
				return notSent(r)
			}
			return answer(r, 200, "{}"), nil
		}
		c := o.client(t)
		if _, err := c.BaseURL(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := c.Call(t.Context(), client.Request{Endpoint: "/a"}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		synctest.Wait()
		if o.dropped != 1 || o.asked != 2 {
			t.Errorf("dropped %d times, asked %d times", o.dropped, o.asked)
		}
	})
}
