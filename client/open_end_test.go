package client_test

import (
	"context"
	"errors"
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

// At the end of its answer nothing is left of a call, also if nobody closes it.
func TestOpenReadToItsEndLeavesNothing(t *testing.T) {
	for body, want := range map[string]error{"all": nil, "more than is wanted": client.ErrTooLong} {
		var sent context.Context
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			sent = req.Context()
			return answer(req, 200, body), nil
		})
		resp, err := client.Open(t.Context(), c, client.Request{Endpoint: "/a", MaxAnswer: 3})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, want) || sent.Err() == nil {
			t.Errorf("%q: %v; the context of the request: %v", body, err, sent.Err())
		}
		_ = resp.Body.Close()
	}
}

// An Open that fails ends the context of its request too.
func TestOpenThatFailsLeavesNothing(t *testing.T) {
	var sent context.Context
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		sent = req.Context()
		return answer(req, 404, "{}"), nil
	})
	if _, err := client.Open(t.Context(), c, client.Request{Endpoint: "/a"}); !errors.Is(err, client.ErrNotFound) || sent.Err() == nil {
		t.Errorf("%v; the context of the request: %v", err, sent.Err())
	}
}

// No Read returns more than MaxAnswer, however much there is and however much the reader has room for.
func TestOpenReturnsNoMoreThanItsBound(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return answer(req, 200, "0123456789"), nil })
	for _, room := range []int{3, 4, 5, 100} {
		for _, limit := range []int64{1, 4} {
			resp, err := client.Open(t.Context(), c, client.Request{Endpoint: "/a", MaxAnswer: limit})
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for err == nil {
				var n int
				p := make([]byte, room)
				n, err = resp.Body.Read(p)
				got = append(got, p[:n]...)
			}
			if string(got) != "0123"[:limit] || !errors.Is(err, client.ErrTooLong) {
				t.Errorf("%d bytes at a time, %d at most: %q, %v", room, limit, got, err)
			}
		}
	}
}
