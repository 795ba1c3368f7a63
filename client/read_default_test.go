package client_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/client"
)

// Without a MaxAnswer an answer has 64 MiB at most. One that says that it is longer is not read,
// and one that is as long is.
func TestMaxAnswerByDefault(t *testing.T) {
	const limit = 64 << 20
	broken := errors.New("broken in the middle")
	for size, tooLong := range map[int64]bool{limit: false, limit + 1: true} {
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			resp := answer(req, http.StatusOK, "")
			resp.ContentLength, resp.Body = size, io.NopCloser(iotest.ErrReader(broken))
			return resp, nil
		})
		_, err := stubbed(t, apiBase, base).Call(t.Context(), client.Request{Endpoint: "/x"})
		if errors.Is(err, client.ErrTooLong) != tooLong || errors.Is(err, broken) == tooLong {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// An answer without a body is not too long, whatever length a cache or a proxy leaves in it.
func TestLengthOfAnAnswerWithoutABody(t *testing.T) {
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		resp := answer(req, http.StatusOK, "")
		resp.ContentLength, resp.Body = 1<<40, http.NoBody
		return resp, nil
	})
	body, err := stubbed(t, apiBase, base).Call(t.Context(), client.Request{Endpoint: "/x"})
	if err != nil || body != nil {
		t.Errorf("got %q, %v; want nothing", body, err)
	}
}
