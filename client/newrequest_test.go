package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// A request of NewRequest is what Call would send, and is sent again after a 401.
func TestNewRequest(t *testing.T) {
	for name, tt := range map[string]struct {
		body        any
		want        string
		contentType string
		once        bool // has no GetBody
	}{
		"none":      {},
		"JSON":      {body: map[string]int{"a": 1}, want: `{"a":1}`, contentType: "application/json"},
		"reader":    {body: strings.NewReader("a,b"), want: "a,b"},
		"bytes":     {body: []byte("a,b"), want: "a,b"},
		"no bytes":  {body: []byte(nil)},
		"file":      {body: pdf(t, "%PDF"), want: "%PDF"},
		"buffer":    {body: bytes.NewBufferString("a,b"), want: "a,b"},
		"stream":    {body: io.MultiReader(strings.NewReader("a,b")), want: "a,b", once: true},
		"raw":       {body: client.Raw{ContentType: "text/csv", Reader: strings.NewReader("a,b")}, want: "a,b", contentType: "text/csv"},
		"form":      {body: client.Form(url.Values{"a": {"b"}}), want: "a=b", contentType: "application/x-www-form-urlencoded"},
		"NoBody":    {body: http.NoBody},
		"a string":  {body: "a", want: `"a"`, contentType: "application/json"},
		"a pointer": {body: &client.Raw{ContentType: "text/csv", Reader: strings.NewReader("a,b")}, want: "a,b", contentType: "text/csv"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{client: func(c *client.Config) { c.UserAgent = "test/1" }})
			w.warm(t)
			w.fake.RevokeAll()
			req, err := w.NewRequest(t.Context(), "PUT", "//api/v1/Echo?x=1", url.Values{"q": {"a b"}}, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if (req.GetBody == nil) != (tt.body == nil || tt.once) {
				t.Errorf("GetBody is there: %v", req.GetBody != nil)
			}
			resp, err := w.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			requests := w.fake.Requests()
			got := requests[len(requests)-1]
			if resp.StatusCode != 200 || got.Method != "PUT" || got.Path != "/api/v1/Echo" || got.Query.Encode() != "q=a+b&x=1" || string(got.Body) != tt.want {
				t.Errorf("status %d, arrived: %s %s?%s %q", resp.StatusCode, got.Method, got.Path, got.Query.Encode(), got.Body)
			}
			if got.Header.Get("Content-Type") != tt.contentType || got.Header.Get("User-Agent") != "test/1" {
				t.Errorf("header %v", got.Header)
			}
		})
	}
}

func TestNewRequestThatCannotBeMade(t *testing.T) {
	w := start(t, setup{})
	var none context.Context
	for name, make := range map[string]func() (*http.Request, error){
		"endpoint": func() (*http.Request, error) { return w.NewRequest(t.Context(), "GET", "https://evil.test/", nil, nil) },
		"escape":   func() (*http.Request, error) { return w.NewRequest(t.Context(), "GET", "/x?q=100%", nil, nil) },
		"method":   func() (*http.Request, error) { return w.NewRequest(t.Context(), "GE T", "/x", nil, nil) },
		"body":     func() (*http.Request, error) { return w.NewRequest(t.Context(), "POST", "/x", nil, url.Values{}) },
		"no JSON":  func() (*http.Request, error) { return w.NewRequest(t.Context(), "POST", "/x", nil, make(chan int)) },
		"context":  func() (*http.Request, error) { return w.NewRequest(none, "GET", "/x", nil, nil) },
		"no client": func() (*http.Request, error) {
			return (*client.Client)(nil).NewRequest(t.Context(), "GET", "/x", nil, nil)
		},
		"no file": func() (*http.Request, error) { return w.NewRequest(t.Context(), "PUT", "/x", nil, (*os.File)(nil)) },
	} {
		req, err := make()
		var unsendable *client.RequestError
		if req != nil || !errors.As(err, &unsendable) {
			t.Errorf("%s: %v, %v; want a RequestError", name, req, err)
		}
	}
}

// What is nil is told, and nothing panics.
func TestNil(t *testing.T) {
	w := start(t, setup{})
	r := client.Request{Endpoint: "/employees"}
	for name, c := range map[string]*client.Client{"a Client": w.Client, "nil": nil, "by new": new(client.Client)} {
		ctx := context.Context(nil)
		if c != w.Client {
			ctx = t.Context()
		}
		_, byCall := c.Call(ctx, r)
		_, byGet := client.Get[any](ctx, c, "/employees", nil)
		_, byOpen := client.Open(ctx, c, r)
		_, byDo := c.Do(nil)
		errs := map[string]error{"Call": byCall, "Get": byGet, "Open": byOpen, "Do": byDo, "Each": nil}
		for _, err := range client.Each[any](ctx, c, r) {
			errs["Each"] = err
		}
		for way, err := range errs {
			var unsendable *client.RequestError
			if !errors.As(err, &unsendable) || !errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), "nil") {
				t.Errorf("%s: %s: %v; want a RequestError", name, way, err)
			}
		}
		if c != w.Client {
			if err := c.Close(); err != nil {
				t.Errorf("%s: Close: %v", name, err)
			}
		}
	}
	if _, err := w.Do(&http.Request{}); err == nil {
		t.Error("a request without anything was sent")
	}
	if got, err := client.Get[any](t.Context(), w.Client, "/employees", nil, nil); err != nil || got == nil {
		t.Errorf("a nil option: %v", err)
	}
}
