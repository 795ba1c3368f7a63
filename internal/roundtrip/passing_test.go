package roundtrip_test

import (
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// What is passed on is neither asked for in compressed form nor unpacked; what is not goes on
// as it did. Both kinds of connections are kept, and closed together.
func TestPassing(t *testing.T) {
	var accepts atomic.Value
	var opened atomic.Int32
	closed := make(chan bool, 8)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accepts.Store(r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "text")
		_ = z.Close()
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			opened.Add(1)
		case http.StateClosed:
			closed <- true
		}
	}
	srv.Start()
	defer srv.Close()
	transport := roundtrip.New(roundtrip.Options{API: true})
	for range 2 {
		for passing, want := range map[bool]string{true: "", false: "gzip"} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if passing {
				req = req.WithContext(roundtrip.Passing(t.Context()))
			}
			if roundtrip.IsPassing(req.Context()) != passing {
				t.Fatal("the context does not say so")
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			if err != nil || resp.Body.Close() != nil {
				t.Fatal(err)
			}
			if got := accepts.Load(); got != want || (string(text) == "text") == passing || (resp.Header.Get("Content-Encoding") == "gzip") != passing {
				t.Errorf("passing %v: asked for %q, got %q and %v", passing, got, text, resp.Header)
			}
		}
	}
	if n := opened.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
	transport.CloseIdleConnections()
	<-closed
	<-closed
}
