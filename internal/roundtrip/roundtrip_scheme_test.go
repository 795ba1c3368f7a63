package roundtrip_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// A server that answers TLS with plain HTTP is named as that, as http.Client does it for
// net/http's own transport.
func TestPlainHTTPWhereTLSWasMeant(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	url := strings.Replace(srv.URL, "http:", "https:", 1)
	for name, base := range map[string]http.RoundTripper{"net/http": &http.Transport{}, "ours": roundtrip.New(roundtrip.Options{API: true})} {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		_, err := roundtrip.Exchange(base, req)
		var header tls.RecordHeaderError
		if !errors.Is(err, http.ErrSchemeMismatch) || !errors.As(err, &header) || !roundtrip.Unconnected(err) {
			t.Errorf("%s: %v: want http.ErrSchemeMismatch, with the record, of no connection", name, err)
		}
		if err != nil && !strings.Contains(err.Error(), "HTTP response to HTTPS client") {
			t.Errorf("%s: the text is %q", name, err)
		}
	}
}
