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

// What counts is the length in UTF-8, in which an answer is held.
func TestMaxAnswerOfWhatGrowsInUTF8(t *testing.T) {
	for limit, tooLong := range map[int64]bool{6: true, 7: true, 10: false} {
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			return answer(req, http.StatusOK, "\"\xfc\xfc\xfc\xfc\"", "Content-Type: application/json; charset=iso-8859-1"), nil
		})
		body, err := c.Call(t.Context(), client.Request{Endpoint: "/x", MaxAnswer: limit})
		if errors.Is(err, client.ErrTooLong) != tooLong || !tooLong && string(body) != `"üüüü"` {
			t.Errorf("%d bytes at most: %q, %v", limit, body, err)
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
