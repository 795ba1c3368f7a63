package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/control"
)

// start starts a fake and its control, and returns the base of the control.
func start(t *testing.T) (*clienttest.Server, string) {
	t.Helper()
	fake, base, _ := startUntil(t)
	return fake, base
}

// startUntil is start, for a test that ends the control by itself.
func startUntil(t *testing.T) (fake *clienttest.Server, base string, stop func()) {
	t.Helper()
	fake = clienttest.Start(t, clienttest.Options{})
	s, err := control.Start(fake, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return fake, s.URL(), s.Close
}

// reply is an answer of the control.
type reply struct {
	status int
	header http.Header
	text   string
}

// call makes one request, with JSON unless the header says otherwise.
func call(t *testing.T, method, url, body string, header ...string) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // redirects are seen
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

// want checks the status and decodes the answer.
func (r reply) want(t *testing.T, status int, to any) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, %s; want %d", r.status, r.text, status)
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(r.text)))
	if to == nil {
		return
	}
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		t.Fatalf("%v: %s", err, r.text)
	}
}

// wantProblem checks that a request is refused with a sentence that has these words.
func (r reply) wantProblem(t *testing.T, status int, words ...string) {
	t.Helper()
	var p struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal([]byte(r.text), &p); err != nil || r.status != status || p.Error == "" || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("status %d, %q; want %d and an error in JSON", r.status, r.text, status)
	}
	for _, word := range words {
		if !strings.Contains(p.Error, word) {
			t.Errorf("%q does not name %q", p.Error, word)
		}
	}
}

// ask makes a call of the API of the fake, with a token of its own, and returns the status.
func ask(t *testing.T, fake *clienttest.Server, path string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", fake.BaseURL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+fake.Issue())
	resp, err := fake.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
