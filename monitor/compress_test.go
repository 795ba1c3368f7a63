package monitor_test

import (
	"compress/gzip"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
)

// The metrics are compressed for those who ask for that, and the same for all others.
func TestMetricsAreCompressed(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, monitor.Config{Every: -1}, newKanzlei(t, "one", false, clienttest.Options{}))
	plain := get(m, "/metrics").Body.String()
	for _, c := range []struct {
		accepts []string // header lines
		gzip    bool
	}{
		{[]string{"Accept-Encoding", "gzip"}, true}, {[]string{"Accept-Encoding", "deflate, GZIP;q=0.5"}, true}, {[]string{"Accept-Encoding", "br;q=1, gzip ; q=1"}, true},
		{[]string{"Accept-Encoding", "gzip;q=0"}, false}, {[]string{"Accept-Encoding", "gzip;q=x"}, false}, {[]string{"Accept-Encoding", "*"}, false},
		{[]string{"Accept-Encoding", "identity"}, false}, {[]string{"Accept-Encoding", "x-gzip"}, false}, {nil, false},
	} {
		w := get(m, "/metrics", c.accepts...)
		text := w.Body.String()
		if is := w.Header().Get("Content-Encoding") == "gzip"; is != c.gzip || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", c.accepts, w.Header())
		} else if is {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(z)
			if err != nil {
				t.Error(c.accepts, err)
			}
			text = string(b)
		}
		if diff := cmp.Diff(plain, text); diff != "" {
			t.Errorf("%q: %s", c.accepts, diff)
		}
	}
}
