package client_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/replay"
)

// tracer notes each attempt: how many came before it, and the answer.
type tracer struct {
	base http.RoundTripper
	mu   sync.Mutex
	seen [][2]int
}

func (t *tracer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	t.mu.Lock()
	defer t.mu.Unlock()
	status := 0
	if err == nil {
		status = resp.StatusCode
	}
	t.seen = append(t.seen, [2]int{replay.Resends(req.Context()), status})
	return resp, err
}

func TestWrapSeesEachAttemptWithItsNumber(t *testing.T) {
	var tr *tracer
	w := start(t, setup{client: func(c *client.Config) {
		c.Wrap = func(base http.RoundTripper) http.RoundTripper { tr = &tracer{base: base}; return tr }
	}})
	w.warm(t)
	w.fake.RevokeAll()
	w.warm(t)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/employees/1"})
	w.warm(t)
	want := [][2]int{{0, 200}, {0, 401}, {1, 200}, {0, 302}, {0, 200}}
	if diff := cmp.Diff(want, tr.seen); diff != "" {
		t.Error(diff)
	}
}

// Without the wrapped transport, nobody would look at the certificate of the API.
func TestWrapThatReturnsNothingChangesNothing(t *testing.T) {
	for name, wrap := range map[string]func(http.RoundTripper) http.RoundTripper{
		"nil":         func(http.RoundTripper) http.RoundTripper { return nil },
		"nil pointer": func(http.RoundTripper) http.RoundTripper { return (*tracer)(nil) },
	} {
		w := start(t, setup{client: func(c *client.Config) { c.Wrap = wrap }})
		if err := w.get(t.Context(), "/employees"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
