package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/client"
)

// Breaking out of the loop is no error, also if the answer is known to have broken off by then.
func TestEachLeftBeforeTheAnswerBreaksOff(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		resp := answer(req, 200, "")
		broken := io.MultiReader(strings.NewReader("[1,2,3"), iotest.ErrReader(io.ErrUnexpectedEOF))
		resp.Body, resp.ContentLength = io.NopCloser(iotest.DataErrReader(broken)), -1
		return resp, nil
	})
	n := 0
	for v, err := range client.Each[int](t.Context(), c, client.Request{Endpoint: "/a"}) {
		if n++; v != 1 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		break
	}
	if n != 1 {
		t.Errorf("%d elements", n)
	}
}
