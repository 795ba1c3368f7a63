package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	issent "github.com/advoware-go/advoware/internal/sent"
)

// An answer may come while its request is still being sent, as it does by HTTP/2: the body goes on
// being read, and is closed when that is done.
func TestBodyThatIsReadAfterTheAnswer(t *testing.T) {
	for status, rest := range map[int]string{200: "0123456789", 500: "0123456789"} {
		var sent io.ReadCloser
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			sent = req.Body
			return answer(&http.Request{}, status, ""), nil
		})
		source := &closeCounter{Reader: strings.NewReader(rest)}
		req, err := http.NewRequestWithContext(t.Context(), "POST", apiBase+"a", source)
		if err != nil {
			t.Fatal(err)
		}
		if err := closed(c.Do(req)); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(sent); string(got) != rest || err != nil || source.closed != 0 {
			t.Errorf("%d: read %q, %v; closed %d times", status, got, err, source.closed)
		}
		if err := sent.Close(); err != nil || source.closed != 1 {
			t.Errorf("%d: %v; closed %d times", status, err, source.closed)
		}
	}
}

// A request that failed is not held up by a body that is still being read.
func TestRequestThatFailedDoesNotWaitForItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, input := io.Pipe()
		defer input.Close()
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			go func() { _, _ = req.Body.Read(make([]byte, 1)) }()
			time.Sleep(time.Millisecond)
			return nil, issent.Not(errors.New("no connection"))
		})
		req, err := http.NewRequestWithContext(t.Context(), "POST", apiBase+"a", body)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := c.Do(req); err == nil || time.Since(began) != time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
