package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/foundhook"
)

// A request that is sent once more, to put a refusal to the test, and has no answer then fails with
// what it met.
func TestTestOfARefusalThatHasNoAnswer(t *testing.T) {
	reset := errors.New("connection reset")
	n := 0
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		if n++; n == 2 {
			return nil, reset
		}
		return answer(req, 401, ""), nil
	})
	found, err := c.Source().Lookup(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	foundhook.Contradicted(found)
	_, err = c.Call(t.Context(), client.Request{Endpoint: "/a"})
	if !errors.Is(err, reset) || !errors.Is(err, client.ErrMaybeDone) || n != 2 {
		t.Errorf("%v after %d attempts", err, n)
	}
}

// So it is when the refusal of the second token is put to the test.
func TestTestOfASecondRefusalThatHasNoAnswer(t *testing.T) {
	reset := errors.New("connection reset")
	n := 0
	var c *client.Client
	c = stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		switch n++; n {
		case 2: // from now on refusals are doubted
			found, err := c.Source().Lookup(req.Context(), 0)
			if err != nil {
				t.Error(err)
			}
			foundhook.Contradicted(found)
		case 3:
			return nil, reset
		}
		return answer(req, 401, ""), nil
	})
	_, err := c.Call(t.Context(), client.Request{Endpoint: "/a"})
	if !errors.Is(err, reset) || !errors.Is(err, client.ErrMaybeDone) || n != 3 {
		t.Errorf("%v after %d attempts", err, n)
	}
}

// A server that is in trouble when a refusal is put to the test has not said that the token is good.
func TestTestOfARefusalByAServerInTrouble(t *testing.T) {
	for status, want := range map[int]uint64{200: 1, 404: 1, 499: 1, 500: 0, 503: 0, 599: 0} {
		n := 0
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			if n++; n == 2 {
				return answer(req, status, "{}"), nil
			}
			return answer(req, 401, ""), nil
		})
		found, err := c.Source().Lookup(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		foundhook.Contradicted(found)
		_, _ = c.Call(t.Context(), client.Request{Endpoint: "/a"})
		if got := c.Metrics().Calls.Rejections[metric.Contradicted]; got != want || n != 2 {
			t.Errorf("%d: %d refusals count as contradicted, want %d; %d attempts", status, got, want, n)
		}
	}
}

// The caller's request is only read, also when it is sent once more: net/http may still have it.
func TestTestOfARefusalLeavesTheRequest(t *testing.T) {
	n := 0
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		if n++; n == 1 {
			return answer(req, 401, ""), nil
		}
		return answer(req, 200, "{}"), nil
	})
	found, err := c.Source().Lookup(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	foundhook.Contradicted(found)
	req, err := http.NewRequestWithContext(t.Context(), "GET", apiBase+"a", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.HTTPClient().Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if len(req.Header) != 0 || n != 2 {
		t.Errorf("the caller's request has %v after %d attempts", req.Header, n)
	}
}

// A 401 that is sure to mean something else than the token is counted as that.
func TestRefusalForAnotherReasonIsCounted(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Body: "Der angegebene Rechner ist nicht registriert."})
	err := w.get(t.Context(), "/a")
	if got := rejections(w.Client); !errors.Is(err, client.ErrUnauthorized) || got[metric.Spared] != 1 || len(got) != 1 {
		t.Errorf("%v, %v", err, got)
	}
}

// A refusal that is put to the test, and turns out to mean something else, does not cost the token.
func TestTestOfARefusalThatMeansSomethingElse(t *testing.T) {
	n := 0
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		if n++; n == 1 {
			return answer(req, 401, ""), nil
		}
		return answer(req, 401, "Der angegebene Rechner ist nicht registriert."), nil
	})
	found, err := c.Source().Lookup(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	foundhook.Contradicted(found)
	_, err = c.Call(t.Context(), client.Request{Endpoint: "/a"})
	if tok, lost := c.Source().Token(t.Context(), 0); !errors.Is(err, client.ErrUnauthorized) || n != 2 || lost != nil || !tok.Equal(found.Token) {
		t.Errorf("%v after %d attempts; the token is another one: %v", err, n, !tok.Equal(found.Token))
	}
}
