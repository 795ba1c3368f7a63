package client_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestRefusalWhoseBodyStallsDoesNotHoldUpTheRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := stubbed(t, "http://api.test/", func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("Authorization") != "Bearer tok-1" {
				return answer(req, http.StatusOK, "{}"), nil
			}
			resp := answer(req, http.StatusUnauthorized, "")
			r, w := io.Pipe() // ends with the request, as a body from net/http does
			context.AfterFunc(req.Context(), func() { w.CloseWithError(context.Cause(req.Context())) })
			resp.Body = r
			return resp, nil
		})
		req, _ := http.NewRequest(http.MethodGet, "http://api.test/employees", nil)
		began := time.Now()
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if took := time.Since(began); resp.StatusCode != http.StatusOK || took > time.Second {
			t.Errorf("status %d after %v", resp.StatusCode, took)
		}
	})
}
