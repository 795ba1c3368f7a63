package client_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
)

// slowly is an answer of two parts, which ends with the context of its request.
type slowly struct {
	ctx   context.Context
	parts []string
}

func (s *slowly) Read(p []byte) (int, error) {
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	if len(s.parts) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.parts[0])
	s.parts = s.parts[1:]
	return n, nil
}

func (*slowly) Close() error { return nil }

// The time that the caller takes between two reads does not count, and Close ends the context of the
// request, also if the answer was not read to its end.
func TestOpenBetweenReadsAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent context.Context
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			sent = req.Context()
			resp := answer(req, 200, "")
			resp.Body = &slowly{sent, []string{"one", "two"}}
			return resp, nil
		})
		resp, err := client.Open(t.Context(), c, client.Request{Endpoint: "/a", Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if n, err := resp.Body.Read(make([]byte, 10)); n != 3 || err != nil {
				t.Fatalf("read %d bytes, %v", n, err)
			}
			time.Sleep(time.Hour)
		}
		if err := resp.Body.Close(); err != nil || sent.Err() == nil {
			t.Errorf("Close: %v; the context of the request: %v", err, sent.Err())
		}
	})
}
