package client_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/internal/replay"
)

// doubted has everything refused, refusals doubted after so many attempts, and returns what was sent:
// the number of each attempt, its token and its body.
func doubted(t *testing.T, body func() io.Reader, from int) (seen []string) {
	t.Helper()
	var rt roundTrip
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return rt(req) })
	rt = func(req *http.Request) (*http.Response, error) {
		text := ""
		if req.Body != nil {
			got, err := io.ReadAll(req.Body)
			if err != nil {
				t.Error(err)
			}
			text = " " + string(got)
		}
		seen = append(seen, fmt.Sprint(replay.Resends(req.Context()), " ", req.Header.Get("Authorization"), text))
		if len(seen) == from {
			found, err := c.Source().Lookup(req.Context(), 0)
			if err != nil {
				t.Error(err)
			}
			foundhook.Contradicted(found)
		}
		return answer(req, 401, ""), nil
	}
	var sent io.Reader
	if body != nil {
		sent = body()
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", apiBase+"a", sent)
	if err != nil {
		t.Fatal(err)
	}
	if err := closed(c.Do(req)); err != nil {
		t.Error(err)
	}
	return seen
}

// Each attempt has its number and the whole body, also if refusals are put to the test. A body that
// can be had but once more is not sent for a test.
func TestAttemptsAreNumbered(t *testing.T) {
	again := func() io.Reader { return strings.NewReader("x") }
	once := func() io.Reader { return io.MultiReader(strings.NewReader("x")) }
	for name, tt := range map[string]struct {
		body func() io.Reader
		from int // the attempt after which refusals are doubted
		want string
	}{
		"no doubt":                {again, 9, "0 Bearer tok-1 x, 1 Bearer tok-2 x"},
		"doubted":                 {again, 1, "0 Bearer tok-1 x, 1 Bearer tok-1 x, 2 Bearer tok-2 x, 3 Bearer tok-2 x"},
		"doubted late":            {again, 2, "0 Bearer tok-1 x, 1 Bearer tok-2 x, 2 Bearer tok-2 x"},
		"doubted, without a body": {nil, 1, "0 Bearer tok-1, 1 Bearer tok-1, 2 Bearer tok-2, 3 Bearer tok-2"},
		"doubted, once more":      {once, 1, "0 Bearer tok-1 x, 1 Bearer tok-2 x"},
		"doubted late, once more": {once, 2, "0 Bearer tok-1 x, 1 Bearer tok-2 x"},
	} {
		if got := strings.Join(doubted(t, tt.body, tt.from), ", "); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
