package client_test

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
)

// heldBody counts the bodies that are not closed.
type heldBody struct {
	io.Reader
	open *atomic.Int32
	once atomic.Bool
}

func (c *heldBody) Close() error {
	if !c.once.Swap(true) {
		c.open.Add(-1)
	}
	return nil
}

// Of the answers that the caller does not get, the bodies are closed: else each retry keeps a
// connection. That includes the ones by which a refusal is put to a test.
func TestBodiesOfRefusalsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int32
		refuse := func(*http.Request) bool { return true }
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			status := http.StatusOK
			if refuse(req) {
				status = http.StatusUnauthorized
			}
			resp := answer(req, status, "")
			open.Add(1)
			resp.Body = &heldBody{Reader: io.LimitReader(zeros{}, 100_000), open: &open} // more than is read ahead
			return resp, nil
		})
		texts := make([]string, 20)
		for i := range texts {
			texts[i] = "tok-" + string(rune('a'+i))
		}
		source := newSource(t, texts...)
		defer source.Close()
		tr := &client.Transport{Source: source, Origin: parse(t, apiBase), Base: base, Logger: new(logs).logger()}
		call := func(what string) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), "GET", apiBase+"x", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if n := open.Load(); n != 1 {
				t.Errorf("%s: %d bodies are open while the caller has one", what, n)
			}
			_ = resp.Body.Close()
			if n := open.Swap(0); n != 0 {
				t.Errorf("%s: %d bodies are left open", what, n)
			}
		}
		// An endpoint that refuses each first attempt soon has its refusals tested.
		for range 6 {
			attempt := 0
			refuse = func(*http.Request) bool { attempt++; return attempt == 1 }
			call("refused once")
			time.Sleep(time.Second)
		}
		refuse = func(*http.Request) bool { return true }
		for range 3 {
			call("refused always")
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
