package client_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/clienttest"
)

// A server says where a redirect leads, however long that is.
func TestOriginErrorIsOneShortLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		w.warm(t)
		for _, host := range []string{strings.Repeat("a", 900_000), "a\u2028b"} {
			w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "https://" + host + "/"})
			req, err := w.NewRequest(t.Context(), "GET", "/employees", nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.Do(req)
			if text := err.Error(); len(text) > 2<<10 || strings.Contains(text, "\u2028") || !strings.Contains(text, "leaves the configured origin") {
				t.Errorf("got %d bytes: %.200q", len(text), text)
			}
		}
	})
}
