package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/leaktest"
)

// An answer of any type comes as it is, with its header, after a 401 too.
func TestOpen(t *testing.T) {
	pdf := strings.Repeat("%PDF\x00\xff\xfe", 50_000)
	for _, revoked := range []bool{false, true} {
		w := start(t, setup{client: func(c *client.Config) { c.MaxAnswer = 10 }})
		bearer := w.warm1(t)
		if revoked {
			w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
		}
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Body: pdf, Header: http.Header{"Content-Type": {"application/pdf; charset=utf-16"}, "Etag": {"a"}}})
		var answer client.Answer
		resp, err := client.Open(t.Context(), w.Client, client.Request{Endpoint: "/File", Answer: &answer})
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != pdf || resp.StatusCode != 200 || resp.Header.Get("ETag") != "a" || answer.Header.Get("ETag") != "a" {
			t.Errorf("%d of %d bytes, %v: %v", len(got), len(pdf), err, resp.Header)
		}
		if err := errors.Join(resp.Body.Close(), resp.Body.Close()); err != nil {
			t.Errorf("Close: %v", err)
		}
		if _, err := resp.Body.Read(make([]byte, 1)); err == nil {
			t.Error("a closed body could be read")
		}
		requests := w.fake.Requests()
		if last := requests[len(requests)-1]; last.Header.Get("Accept") != "*/*" {
			t.Errorf("Accept: %s", last.Header.Get("Accept"))
		}
		if resp.Request == nil || resp.Request.URL.Path != "/File" || resp.Request.Context() != t.Context() {
			t.Errorf("Request: %v", resp.Request)
		}
		leaktest.Check(t, "the answer", resp.Request, bearer)
		leaktest.Check(t, "the answer", resp.Request, w.bearer())
	}
}

// warm1 is warm for a Client that holds but ten bytes.
func (w *world) warm1(t *testing.T) string {
	t.Helper()
	if _, err := w.source.Token(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return w.bearer()
}

func TestOpenErrors(t *testing.T) {
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 404, Body: "{}"})
	_, err := client.Open(t.Context(), w.Client, client.Request{Endpoint: "/x?q=secret"})
	var api *client.APIError
	if !errors.As(err, &api) || api.Status != 404 || string(api.Body) != "{}" {
		t.Errorf("status: %v", err)
	}
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Body: "abc", Cut: true})
	resp, err := client.Open(t.Context(), w.Client, client.Request{Method: "POST", Endpoint: "/x?q=secret"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(resp.Body)
	var call *client.CallError
	if !errors.As(err, &call) || !call.Sent || !errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "secret") {
		t.Errorf("cut: %v", err)
	}
	if n, again := resp.Body.Read(make([]byte, 1)); n != 0 || again == nil || again.Error() != err.Error() {
		t.Errorf("cut, read again: %v", again)
	}
	_ = resp.Body.Close()
	if _, err := client.Open(t.Context(), w.Client, client.Request{Field: "items"}); !errors.Is(err, client.ErrNotSent) {
		t.Errorf("field: %v", err)
	}
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Body: strings.Repeat("a", 1000)})
	for limit, long := range map[int64]bool{999: true, 1000: false, 1001: false, 0: false, -1: false, math.MaxInt64: false} {
		resp, err := client.Open(t.Context(), w.Client, client.Request{MaxAnswer: limit})
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if errors.Is(err, client.ErrTooLong) != long || !long && (err != nil || len(got) != 1000) || long && len(got) > 999 {
			t.Errorf("limit %d: %d bytes, %v", limit, len(got), err)
		}
		_ = resp.Body.Close()
	}
}

// paced is a body that comes a piece at a time, with a pause before each.
type paced struct {
	ctx    context.Context
	pieces int
	pause  time.Duration
}

func (p *paced) Read(b []byte) (int, error) {
	if p.pieces == 0 {
		return 0, io.EOF
	}
	select {
	case <-time.After(p.pause):
	case <-p.ctx.Done():
		return 0, context.Cause(p.ctx)
	}
	p.pieces--
	return copy(b, "piece"), nil
}

// What moves has no timeout, and what does not has one.
func TestOpenIdle(t *testing.T) {
	for name, tt := range map[string]struct {
		token, header, piece, reader time.Duration // pauses
		request                      time.Duration // Request.Timeout
		want                         time.Duration // until the timeout, 0 is none
	}{
		"it moves":                 {token: 4 * time.Second, header: 0, piece: 4 * time.Second},
		"the reader takes long":    {piece: time.Second, reader: time.Hour},
		"no token":                 {token: time.Hour, want: 5 * time.Second},
		"no header":                {header: time.Hour, want: 5 * time.Second},
		"no body":                  {piece: time.Hour, want: 5 * time.Second},
		"no body, after a reader":  {piece: 6 * time.Second, reader: time.Minute, want: 65 * time.Second},
		"a bound of its own":       {piece: 6 * time.Second, request: 7 * time.Second},
		"a shorter one":            {piece: 4 * time.Second, request: 3 * time.Second, want: 3 * time.Second},
		"none":                     {header: time.Minute, piece: time.Minute, request: -1},
		"token and header and all": {token: 4 * time.Second, header: 4 * time.Second, piece: 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{fake: clienttest.Options{TokenLatency: tt.token}, client: func(c *client.Config) {
					c.Timeout = 5 * time.Second
					c.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
						select {
						case <-time.After(tt.header):
						case <-req.Context().Done():
							return nil, context.Cause(req.Context())
						}
						resp := answer(req, 200, "")
						resp.Body, resp.ContentLength = io.NopCloser(&paced{req.Context(), 10, tt.piece}), -1
						return resp, nil
					})
				}})
				began := time.Now()
				resp, err := client.Open(t.Context(), w.Client, client.Request{Timeout: tt.request})
				if err == nil {
					defer resp.Body.Close()
					time.Sleep(tt.reader)
					_, err = io.Copy(io.Discard, resp.Body)
				}
				took := time.Since(began)
				switch {
				case tt.want == 0 && err != nil:
					t.Errorf("after %v: %v", took, err)
				case tt.want > 0 && (!errors.Is(err, context.DeadlineExceeded) || !isTimeout(err) || took != tt.want):
					t.Errorf("after %v: %v; want a timeout after %v", took, err, tt.want)
				}
			})
		})
	}
}

// So it is with what is sent: neither the time that the caller's source takes nor the
// length counts, and a server that takes nothing does.
func TestOpenUploadIdle(t *testing.T) {
	for name, tt := range map[string]struct {
		source, takes time.Duration // of each piece
		ok            bool
	}{
		"it moves":              {source: time.Second, takes: 4 * time.Second, ok: true},
		"the source takes long": {source: time.Hour, ok: true},
		"the server hangs":      {takes: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{client: func(c *client.Config) {
					c.Timeout = 5 * time.Second
					c.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
						defer req.Body.Close()
						for piece := make([]byte, 100); ; {
							if _, err := req.Body.Read(piece); err == io.EOF {
								return answer(&http.Request{}, 200, ""), nil
							}
							select {
							case <-time.After(tt.takes):
							case <-req.Context().Done():
								return nil, context.Cause(req.Context())
							}
						}
					})
				}})
				w.warm1(t)
				body := client.Raw{Reader: &paced{t.Context(), 10, tt.source}}
				resp, err := client.Open(t.Context(), w.Client, client.Request{Method: "PUT", Body: body})
				if tt.ok {
					if err != nil {
						t.Fatal(err)
					}
					_ = resp.Body.Close()
				} else if !isTimeout(err) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrNotSent) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// A file that can only seek is sent again under Open too, which watches it.
func TestOpenSendsAgain(t *testing.T) {
	text := strings.Repeat("a", 3<<20) // more than is kept
	for name, reader := range map[string]func() io.Reader{
		"file": func() io.Reader { return pdf(t, text) }, "seeks": func() io.Reader { return onlySeeks{strings.NewReader(text)} },
	} {
		w := start(t, setup{})
		w.warm(t)
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
		resp, err := client.Open(t.Context(), w.Client, client.Request{Method: "PUT", Endpoint: echoPath, Body: client.Raw{Reader: reader()}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || bytes.Count(got, []byte("a")) < len(text) {
			t.Errorf("%s: %d bytes came back, %v", name, len(got), err)
		}
		_ = resp.Body.Close()
	}
}

// Nothing is left of a call whose answer was closed early, or read to its end.
func TestOpenLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{client: func(c *client.Config) {
			c.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
				resp := answer(req, 200, "")
				resp.Body, resp.ContentLength = io.NopCloser(&paced{req.Context(), 10, time.Second}), -1
				return resp, nil
			})
		}})
		for _, read := range []int64{0, 1, 1000} {
			resp, err := client.Open(t.Context(), w.Client, client.Request{})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.CopyN(io.Discard, resp.Body, read)
			if err := resp.Body.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
