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
		body := io.MultiReader(strings.NewReader(strings.Repeat("x", size))) // which nothing can rewind
		req, err := http.NewRequestWithContext(t.Context(), "POST", apiBase+"x", body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%d bytes: status %d after %d attempts, want %d", size, resp.StatusCode, attempts, want)
		}
	}
}
