package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// Without a ReplayLimit, 1 MiB of a body that can be read only once is kept for the second
// attempt, and not a byte more.
func TestReplayLimitByDefault(t *testing.T) {
	const limit = 1 << 20
	for size, want := range map[int]int{limit: http.StatusOK, limit + 1: http.StatusUnauthorized} {
		attempts := 0
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			attempts++
			if req.Header.Get("Authorization") == "Bearer tok-1" {
				return answer(req, http.StatusUnauthorized, ""), nil
			}
			if text, err := io.ReadAll(req.Body); len(text) != size || err != nil {
				t.Errorf("the second attempt has %d bytes of %d, %v", len(text), size, err)
			}
			return answer(req, http.StatusOK, ""), nil
		})
		tr := &client.Transport{Source: newSource(t, "tok-1", "tok-2"), Origin: parse(t, apiBase), Base: base, Logger: new(logs).logger()}
		if got := postOnce(t, tr, size); got != want {
			t.Errorf("%d bytes: status %d after %d attempts, want %d", size, got, attempts, want)
		}
	}
}

// The ReplayLimit of a Client is that of its Transport.
func TestReplayLimitOfAClient(t *testing.T) {
	const limit = 10
	for size, want := range map[int]int{limit: http.StatusOK, limit + 1: http.StatusUnauthorized} {
		c, err := client.New(client.Config{
			BaseURL: apiBase, Source: newSource(t, "tok-1", "tok-2"), ReplayLimit: limit, Logger: new(logs).logger(),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				status := http.StatusOK
				if req.Header.Get("Authorization") == "Bearer tok-1" {
					status = http.StatusUnauthorized
				}
				return answer(req, status, ""), nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.HTTPClient().Post(apiBase+"x", "text/plain", io.MultiReader(strings.NewReader(strings.Repeat("x", size))))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		_ = c.Close()
		if resp.StatusCode != want {
			t.Errorf("%d bytes: status %d, want %d", size, resp.StatusCode, want)
		}
	}
}

// A body that is not kept and cannot be had again is not promised to the Base, which may want it for
// another connection.
func TestBodyThatIsNotKeptIsNotPromised(t *testing.T) {
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.GetBody != nil {
			t.Error("the Base is told that it can have the body again")
		}
		return answer(req, http.StatusOK, ""), nil
	})
	tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, apiBase), Base: base, ReplayLimit: -1, Logger: new(logs).logger()}
	postOnce(t, tr, 1)
}

// postOnce sends a body of size bytes that nothing can rewind, and returns the status of the answer.
func postOnce(t *testing.T, tr http.RoundTripper, size int) (status int) {
	t.Helper()
	body := io.MultiReader(strings.NewReader(strings.Repeat("x", size)))
	req, err := http.NewRequestWithContext(t.Context(), "POST", apiBase+"x", body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
