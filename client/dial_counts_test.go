package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/foundhook"
)

// rejections are the rejections that there were.
func rejections(c *client.Client) map[metric.Rejection]uint64 {
	got, s := make(map[metric.Rejection]uint64), c.Metrics()
	for _, counts := range []map[metric.Rejection]uint64{s.Calls.Rejections, s.Token.Rejections} {
		for what, n := range counts {
			if n > 0 {
				got[what] += n
			}
		}
	}
	return got
}

// A 401 for a token that is accepted when it is sent again is one that was taken back.
func TestDialCountsWhatWasTakenBack(t *testing.T) {
	t.Parallel()
	s, _, c := startSessions(t)
	dial := handshake(t, new(dialed))
	for range 3 { // the last two meet a refusal, so that the next one is put to the test
		s.revoke()
		if _, err := client.Dial(t.Context(), c, "/live", dial); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	_, err := client.Dial(t.Context(), c, "/live", func(ctx context.Context, u string, h http.Header) (*dialed, *http.Response, error) {
		if n++; n == 1 {
			return nil, &http.Response{StatusCode: 401, Status: "401 Unauthorized"}, errors.New("bad handshake")
		}
		return dial(ctx, u, h)
	})
	want := map[metric.Rejection]uint64{metric.Dropped: 2, metric.Contradicted: 1}
	if diff := cmp.Diff(want, rejections(c)); diff != "" || err != nil || n != 2 || c.Stats().API401 != 3 {
		t.Errorf("%v, %d handshakes, %d 401s: %s", err, n, c.Stats().API401, diff)
	}
}

// A 401 at the new address of an office is the first one.
func TestDialCountsA401AtANewAddressOnce(t *testing.T) {
	t.Parallel()
	o, first := startOffices(t), startAPI(t, nil)
	second := startAPI(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })
	o.names.Store(first.URL)
	c := moving(t, o, true)
	if _, err := client.Dial(t.Context(), c, "/live", handshake(t, new(dialed))); err != nil {
		t.Fatal(err)
	}
	first.Close()
	o.names.Store(second.URL)
	_, err := client.Dial(t.Context(), c, "/live", handshake(t, new(dialed)))
	if got := rejections(c); !errors.Is(err, client.ErrUnauthorized) || got[metric.Second] != 0 || c.Stats().API401 != 1 {
		t.Errorf("%v, %d 401s: %v", err, c.Stats().API401, got)
	}
}

func TestDialByNothing(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	var none func(context.Context, string, http.Header) (*dialed, *http.Response, error)
	if _, err := client.Dial(t.Context(), c, "/live", none); !errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), "is nil") || c.Stats().Calls != 0 {
		t.Errorf("%v", err)
	}
}

// A library that returns a refusal without an error has not opened anything.
func TestDialRefusedWithoutAnError(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	n := 0
	conn, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		n++
		return nil, &http.Response{StatusCode: 401, Status: "401 Unauthorized"}, nil
	})
	if conn != nil || n != 2 || !errors.Is(err, client.ErrUnauthorized) {
		t.Errorf("%v, %d handshakes, %v", conn, n, err)
	}
}

// The second token that is refused counts as that; one that is refused twice does not.
func TestDialCountsTheSecondToken(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	n := 0
	_, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		n++
		return nil, &http.Response{StatusCode: 401, Status: "401 Unauthorized"}, errors.New("bad handshake")
	})
	want := map[metric.Rejection]uint64{metric.Dropped: 1, metric.Second: 1}
	if diff := cmp.Diff(want, rejections(c)); diff != "" || err == nil || n != 2 {
		t.Errorf("%v, %d handshakes: %s", err, n, diff)
	}
}

// A library that takes a redirect for a connection has none.
func TestDialAnsweredByARedirectWithoutAnError(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	_, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		return new(dialed), &http.Response{StatusCode: 300, Status: "300 Multiple Choices"}, nil
	})
	var api *client.APIError
	if !errors.As(err, &api) || api.Status != 300 {
		t.Errorf("got %v", err)
	}
}

// A server that is in trouble when a refusal is put to the test has not said that the token is good.
func TestDialRefusedThenInTrouble(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]uint64{404: 1, 499: 1, 500: 0, 503: 0} {
		_, _, c := startSessions(t)
		found, err := c.Source().Lookup(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		foundhook.Contradicted(found) // from now on refusals are put to the test
		n := 0
		_, err = client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
			if n++; n == 1 {
				return nil, &http.Response{StatusCode: 401, Status: "401 Unauthorized"}, errors.New("bad handshake")
			}
			return nil, &http.Response{StatusCode: status}, errors.New("bad handshake")
		})
		if got := rejections(c)[metric.Contradicted]; got != want || n != 2 || err == nil {
			t.Errorf("%d: %v, %d refusals count as contradicted, want %d; %d handshakes", status, err, got, want, n)
		}
	}
}

// A token that is refused, and again when that is put to the test, is the first one all the same.
func TestDialCountsATokenThatIsRefusedTwiceOnce(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	found, err := c.Source().Lookup(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	foundhook.Contradicted(found)
	n := 0
	_, err = client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		if n++; n < 3 {
			return nil, &http.Response{StatusCode: 401, Status: "401 Unauthorized"}, errors.New("bad handshake")
		}
		return new(dialed), nil, nil
	})
	want := map[metric.Rejection]uint64{metric.Dropped: 1}
	if diff := cmp.Diff(want, rejections(c)); diff != "" || err != nil || n != 3 {
		t.Errorf("%v, %d handshakes: %s", err, n, diff)
	}
}

// A handshake that fails with an answer that refuses nothing fails with the error of the library.
func TestDialAnsweredByWhatIsNoRefusal(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	for _, status := range []int{101, 200, 299} {
		_, err := client.Dial(t.Context(), c, "/live", func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
			return nil, &http.Response{StatusCode: status}, errors.New("bad handshake")
		})
		if _, ok := errors.AsType[*client.APIError](err); ok || err == nil || !strings.Contains(err.Error(), "bad handshake") {
			t.Errorf("%d: %v", status, err)
		}
	}
}
