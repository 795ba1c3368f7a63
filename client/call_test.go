package client_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// echo calls the echo of the fake and returns what arrived there.
func echo(t *testing.T, w *world, r client.Request) clienttest.Echo {
	t.Helper()
	got, err := client.Decode[clienttest.Echo](t.Context(), w.Client, r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCallMethods(t *testing.T) {
	w := start(t, setup{})
	for _, method := range []string{"", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		want := method
		if want == "" {
			want = "GET"
		}
		if got := echo(t, w, client.Request{Method: method, Endpoint: "/api/v1/Echo"}); got.Method != want {
			t.Errorf("%q arrived as %q", method, got.Method)
		}
	}
	if raw, err := w.Call(t.Context(), client.Request{Method: "HEAD", Endpoint: "/employees"}); raw != nil || err != nil {
		t.Errorf("HEAD: %s, %v; want neither", raw, err)
	}
}

func TestCallURL(t *testing.T) {
	for name, tt := range map[string]struct {
		base     string // what follows the address
		endpoint string
		query    url.Values
		path     string
		rawQuery string
	}{
		"slash":            {"", "/api/v1/Echo", nil, "/api/v1/Echo", ""},
		"no slash":         {"", "api/v1/Echo", nil, "/api/v1/Echo", ""},
		"base with a path": {"api/v1/", "/Echo/x", nil, "/api/v1/Echo/x", ""},
		"base, no slash":   {"api/v1", "Echo/x", nil, "/api/v1/Echo/x", ""},
		"escaped slash":    {"", "/api/v1/Echo/00017%2F26", nil, "/api/v1/Echo/00017%2F26", ""},
		"umlaut":           {"", "/api/v1/Echo/Schäfer", nil, "/api/v1/Echo/Sch%C3%A4fer", ""},
		"query":            {"", "/api/v1/Echo", url.Values{"a": {"1", "2"}, "ü": {"x y&z"}}, "/api/v1/Echo", "a=1&a=2&%C3%BC=x+y%26z"},
		"query inside":     {"", "/api/v1/Echo?b=2&a=1", nil, "/api/v1/Echo", "b=2&a=1"},
		"both":             {"", "/api/v1/Echo?b=2", url.Values{"a": {"1"}}, "/api/v1/Echo", "b=2&a=1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{client: func(c *client.Config) { c.BaseURL += tt.base }})
			got := echo(t, w, client.Request{Endpoint: tt.endpoint, Query: tt.query})
			if got.Path != tt.path || got.RawQuery != tt.rawQuery {
				t.Errorf("arrived at %s ? %s", got.Path, got.RawQuery)
			}
		})
	}
}

func TestCallHeader(t *testing.T) {
	w := start(t, setup{client: func(c *client.Config) { c.UserAgent = "test/1" }})
	got := echo(t, w, client.Request{Method: "POST", Endpoint: "/api/v1/Echo", Body: 1}).Header
	for name, want := range map[string]string{"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "test/1"} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
	if h := echo(t, w, client.Request{Endpoint: "/api/v1/Echo"}).Header; h.Get("Content-Type") != "" {
		t.Errorf("a call without a body has Content-Type %q", h.Get("Content-Type"))
	}

	// The caller's own win, but for Authorization however it is written.
	given := http.Header{
		"X-Two": {"1", "2"}, "x-small": {"kept"}, "Accept": {"text/plain"}, "User-Agent": {"mine"},
		"Authorization": {"Basic a"}, "authorization": {"Basic b"}, "AUTHORIZATION": {"Basic c"},
	}
	before := given.Clone()
	got = echo(t, w, client.Request{Endpoint: "/api/v1/Echo", Header: given}).Header
	for name, want := range map[string][]string{"X-Two": {"1", "2"}, "X-Small": {"kept"}, "Accept": {"text/plain"}, "User-Agent": {"mine"}} {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(before, given); diff != "" {
		t.Errorf("the caller's header was changed: %s", diff)
	}
	requests := w.fake.RawRequests()
	last := requests[len(requests)-1]
	if diff := cmp.Diff([]string{"Bearer " + w.bearer()}, last.Header["Authorization"]); diff != "" {
		t.Errorf("Authorization: %s", diff)
	}
}

func TestCallBody(t *testing.T) {
	w := start(t, setup{})
	for name, tt := range map[string]struct {
		body any
		want string
	}{
		"none": {nil, ""},
		"struct": {struct {
			Text, Skip string `json:",omitempty"`
		}{Text: "a"}, `{"Text":"a"}`},
		"map":               {map[string]any{"n": 1, "a": []int{}}, `{"a":[],"n":1}`},
		"no HTML escapes":   {map[string]string{"t": "<Müller & Söhne>"}, `{"t":"<Müller & Söhne>"}`},
		"raw":               {json.RawMessage(" { \"b\": 1.50,\n\"a\":\"\\u003c\" } "), " { \"b\": 1.50,\n\"a\":\"\\u003c\" } "},
		"raw inside":        {map[string]any{"r": json.RawMessage(`{"x":"<"}`)}, `{"r":{"x":"<"}}`},
		"null":              {(*int)(nil), "null"},
		"ends in a newline": {"x\n", `"x\n"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := echo(t, w, client.Request{Method: "POST", Endpoint: "/api/v1/Echo", Body: tt.body})
			if got.Body != tt.want || got.Length != int64(len(tt.want)) {
				t.Errorf("arrived: %q, %d bytes declared; want %q", got.Body, got.Length, tt.want)
			}
		})
	}
}

// urlErrorBody cannot be written as JSON, and says so with an error that Call
// takes off when it comes from net/http.
type urlErrorBody struct{}

func (urlErrorBody) MarshalJSON() ([]byte, error) {
	return nil, &url.Error{Op: "parse", URL: "x", Err: io.ErrNoProgress}
}

func TestCallThatCannotBeSent(t *testing.T) {
	w := start(t, setup{})
	for name, r := range map[string]client.Request{
		"channel":      {Method: "POST", Body: make(chan int)},
		"infinite":     {Method: "POST", Body: math.Inf(1)},
		"raw, broken":  {Method: "POST", Body: json.RawMessage(`{"a":`)},
		"raw, empty":   {Method: "POST", Body: json.RawMessage{}},
		"url.Error":    {Method: "POST", Body: urlErrorBody{}},
		"method":       {Method: "GE T"},
		"method, line": {Method: "GE\nT"},
		"fragment":     {Endpoint: "/a#b"},
		"bad escape":   {Endpoint: "/a%zz"},
		"control":      {Endpoint: "/a\nb"},
		"URL":          {Endpoint: "https://evil.test/x"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Call(t.Context(), r)
			var unsendable *client.RequestError
			var call *client.CallError
			if !errors.As(err, &unsendable) || !errors.As(err, &call) {
				t.Fatalf("got %v; want a RequestError in a CallError", err)
			}
			if !oneLine(err) || unsendable.Err == nil {
				t.Errorf("the message has more than one line, or does not say why: %q", err)
			}
		})
	}
	if n := w.fake.Counts(); n.APICalls+n.TokenRequests != 0 {
		t.Errorf("something was sent: %+v", n)
	}
	if s := w.Stats(); s.Calls != 0 {
		t.Errorf("calls that were not made were counted: %+v", s)
	}
}

func oneLine(err error) bool { return !strings.ContainsAny(err.Error(), "\r\n") }

func TestCallAnswers(t *testing.T) {
	const bom = "\xef\xbb\xbf"
	for name, tt := range map[string]struct {
		fault clienttest.Fault
		want  string // "" is nil
		err   error
	}{
		"as received":     {fault: clienttest.Fault{Body: " { \"a\" : 1.50 }\r\n"}, want: " { \"a\" : 1.50 }\r\n"},
		"201":             {fault: clienttest.Fault{Status: 201, Body: "[1]"}, want: "[1]"},
		"204":             {fault: clienttest.Fault{Status: 204}},
		"empty":           {fault: clienttest.Fault{Status: 200}},
		"white space":     {fault: clienttest.Fault{Body: " \r\n\t"}},
		"mark":            {fault: clienttest.Fault{Body: bom + `{"a":1}`}, want: `{"a":1}`},
		"mark alone":      {fault: clienttest.Fault{Body: bom + "\n"}},
		"null":            {fault: clienttest.Fault{Body: "null"}, want: "null"},
		"HTML":            {fault: clienttest.Fault{Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}}, err: client.ErrNotJSON},
		"breaks off":      {fault: clienttest.Fault{Malformed: true}, err: client.ErrNotJSON},
		"two values":      {fault: clienttest.Fault{Body: "{}{}"}, err: client.ErrNotJSON},
		"cut":             {fault: clienttest.Fault{Cut: true}, err: io.ErrUnexpectedEOF},
		"cut, still JSON": {fault: clienttest.Fault{Body: "1111", Cut: true}, err: io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{})
			tt.fault.On = clienttest.API
			w.fake.Inject(tt.fault)
			got, err := w.Call(t.Context(), client.Request{Endpoint: "/employees?secret=42"})
			if string(got) != tt.want || (got == nil) != (tt.want == "") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err == nil {
				return
			}
			var call *client.CallError
			if !errors.As(err, &call) || call.Method != "GET" || call.Endpoint != "/employees" {
				t.Errorf("%#v does not name the call", err)
			}
			if !oneLine(err) || strings.Contains(err.Error(), "42") {
				t.Errorf("message %q", err)
			}
			if n := w.fake.Counts().APICalls; n != 1 {
				t.Errorf("%d calls arrived, want 1", n)
			}
		})
	}
}
