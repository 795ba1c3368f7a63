package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	attempts "github.com/advoware-go/advoware/client/attempt"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/metric"
)

// Without an address nothing is dialled: the token would go where the office is not.
func TestDialWithoutAnAddress(t *testing.T) {
	t.Parallel()
	c := moving(t, startOffices(t), true)
	_, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		t.Error("it is dialled")
		return nil, nil, errors.New("no connection")
	})
	if !errors.Is(err, discovery.ErrNoAddress) || !errors.Is(err, client.ErrNotSent) {
		t.Errorf("got %v", err)
	}
}

// A Dial that runs out of time at an address has the office looked for, so that the next one finds
// it. One that was cancelled says nothing about the address.
func TestDialThatRunsOutOfTimeAtAnAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		cancel bool
		asked  int
		next   string
	}{
		"out of time": {false, 2, "wss://new.example.com/live"}, "cancelled": {true, 1, "wss://old.example.com/live"},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := &towns{answers: []string{at("https://old.example.com/", ""), at("https://new.example.com/", "")}}
			c := o.client(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			_, err := client.Dial(ctx, c, "/live", func(ctx context.Context, _ string, _ http.Header) (*dialed, *http.Response, error) {
				if n++; tt.cancel {
					cancel()
				}
				<-ctx.Done()
				return nil, nil, ctx.Err()
			})
			time.Sleep(time.Minute)
			synctest.Wait()
			if err == nil || n != 1 || o.asked != tt.asked {
				t.Errorf("%s: %v after %d handshakes, asked %d times", name, err, n, o.asked)
			}
			_, err = client.Dial(t.Context(), c, "/live", func(_ context.Context, u string, _ http.Header) (*dialed, *http.Response, error) {
				if u != tt.next {
					t.Errorf("%s: then dialled at %s", name, u)
				}
				return new(dialed), nil, nil
			})
			synctest.Wait()
			if err != nil || o.asked != tt.asked {
				t.Errorf("%s: %v; asked %d times after a handshake", name, err, o.asked)
			}
		})
	}
}

// A Dial that has run out of time is not made again, also if another call has found the office by then.
func TestDialThatRunsOutOfTimeWhileTheOfficeIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := relocated()
		c := o.client(t)
		n := 0
		_, err := client.Dial(t.Context(), c, "/live", func(ctx context.Context, _ string, _ http.Header) (*dialed, *http.Response, error) {
			if n++; n > 1 {
				t.Errorf("dialled with a context that says %v", ctx.Err())
			}
			if _, err := c.Call(t.Context(), client.Request{Endpoint: "/a"}); err != nil {
				t.Error(err)
			}
			<-ctx.Done()
			return nil, nil, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || o.asked != 2 {
			t.Errorf("%v, asked %d times", err, o.asked)
		}
	})
}

// An office that has another gateway by now, and is where it was, is dialled once.
func TestDialOfAnOfficeThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &towns{answers: []string{at("https://old.example.com/", ""), at("https://old.example.com/", "https://other.example.com/")}}
		n := 0
		_, err := client.Dial(t.Context(), o.client(t), "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
			n++
			return nil, nil, errors.New("no connection")
		})
		if err == nil || !strings.Contains(err.Error(), "https://old.example.com: no connection") || n != 1 || o.asked != 2 {
			t.Errorf("%v after %d handshakes, asked %d times", err, n, o.asked)
		}
	})
}

// An error of a library that looks like one of ours is the library's.
func TestDialThatFailsWithAnAttemptOfItsOwn(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	_, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		return nil, nil, &attempts.Error{Err: errors.New("no connection"), TokenErr: errors.New("of another one")}
	})
	if _, ok := errors.AsType[*client.CallError](err); !ok || !strings.Contains(err.Error(), "no connection") {
		t.Errorf("got %v", err)
	}
}

// A 401 that is sure to mean something else than the token costs none, and is counted as that.
func TestDialRefusedForAnotherReason(t *testing.T) {
	t.Parallel()
	s, _, c := startSessions(t)
	n := 0
	_, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		n++
		return nil, answer(&http.Request{}, 401, "Der angegebene Rechner ist nicht registriert."), errors.New("bad handshake")
	})
	if got := rejections(c); !errors.Is(err, client.ErrUnauthorized) || n != 1 || s.issued.Load() != 1 || got[metric.Spared] != 1 || len(got) != 1 {
		t.Errorf("%v after %d handshakes, %d tokens, %v", err, n, s.issued.Load(), got)
	}
}
