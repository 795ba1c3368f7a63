package client_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// collect ranges over a call and returns the elements and the error.
func collect(t *testing.T, c *client.Client, r client.Request) (got []int, err error) {
	t.Helper()
	for v, e := range client.Each[int](t.Context(), c, r) {
		if err != nil {
			t.Error("something came after the error")
		}
		if e != nil {
			err = e
			continue
		}
		got = append(got, v)
	}
	return got, err
}

func TestEach(t *testing.T) {
	for name, tt := range map[string]struct {
		fault clienttest.Fault
		want  int // elements before the error
		err   string
		is    error
	}{
		"array":                {fault: clienttest.Fault{Body: " [1, 2,3] "}, want: 3},
		"no element":           {fault: clienttest.Fault{Body: "[]"}},
		"byte order mark":      {fault: clienttest.Fault{Body: "\xef\xbb\xbf[1]"}, want: 1},
		"white space":          {fault: clienttest.Fault{Body: " \n"}},
		"nothing":              {fault: clienttest.Fault{Status: 204}},
		"null":                 {fault: clienttest.Fault{Body: " null\n"}},
		"not quite null":       {fault: clienttest.Fault{Body: "nul"}, is: client.ErrNotJSON},
		"an object":            {fault: clienttest.Fault{Body: `{"a":1}`}, err: "no array"},
		"HTML":                 {fault: clienttest.Fault{Body: "<html>"}, is: client.ErrNotJSON},
		"HTML after a while":   {fault: clienttest.Fault{Body: "[1,2<html>"}, want: 1, is: client.ErrNotJSON},
		"a number and more":    {fault: clienttest.Fault{Body: "[1,2x]"}, want: 1, is: client.ErrNotJSON},
		"a word and more":      {fault: clienttest.Fault{Body: "[1,nullx]"}, want: 1, is: client.ErrNotJSON},
		"two numbers":          {fault: clienttest.Fault{Body: "[1,2 3]"}, want: 2, is: client.ErrNotJSON},
		"a colon":              {fault: clienttest.Fault{Body: "[1,2:3]"}, want: 2, is: client.ErrNotJSON},
		"no end":               {fault: clienttest.Fault{Body: "[1,2"}, want: 2, is: client.ErrNotJSON},
		"half an element":      {fault: clienttest.Fault{Body: `[1,"`}, want: 1, is: client.ErrNotJSON},
		"something after it":   {fault: clienttest.Fault{Body: "[1][2]"}, want: 1, is: client.ErrNotJSON},
		"another type":         {fault: clienttest.Fault{Body: `[1,"x"]`}, want: 1, err: "decoding the answer into int"},
		"a status":             {fault: clienttest.Fault{Status: 503}, err: "503"},
		"a redirect elsewhere": {fault: clienttest.Fault{RedirectTo: "http://elsewhere.example/"}, err: "elsewhere.example"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{})
			tt.fault.On, tt.fault.Times = clienttest.API, 1
			w.fake.Inject(tt.fault)
			got, err := collect(t, w.Client, client.Request{Endpoint: "/employees"})
			if len(got) != tt.want || (err != nil) != (tt.err != "" || tt.is != nil) {
				t.Fatalf("%d elements, %v", len(got), err)
			}
			if err == nil {
				return
			}
			if !strings.Contains(err.Error(), tt.err) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v", err)
			}
			var call *client.CallError
			var api *client.APIError
			if !errors.As(err, &call) && !errors.As(err, &api) {
				t.Errorf("%T does not say which call it was", err)
			}
		})
	}
}

// slowBody is an answer that comes a piece at a time, and may break off.
type slowBody struct {
	pieces []string
	end    error
	read   *int
	closed *bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	if *b.read == len(b.pieces) {
		return 0, b.end
	}
	*b.read++
	return copy(p, b.pieces[*b.read-1]), nil
}

func (b *slowBody) Close() error { *b.closed = true; return nil }

// over returns a client whose API answers with that body.
func over(t *testing.T, pieces []string, end error) (w *world, read *int, closed *bool) {
	t.Helper()
	read, closed = new(int), new(bool)
	w = start(t, setup{client: func(c *client.Config) {
		c.Base = roundTripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: 200, Header: http.Header{}, Request: req, ContentLength: -1,
				Body: &slowBody{pieces, end, read, closed},
			}, nil
		})
	}})
	return w, read, closed
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestEachHandsOutElementsWhileTheyArrive(t *testing.T) {
	w, read, closed := over(t, []string{"[1,", "2,", "3,", "4]"}, io.EOF)
	for v, err := range client.Each[int](t.Context(), w.Client, client.Request{Endpoint: "/x"}) {
		if err != nil {
			t.Fatal(err)
		}
		if v == 1 && *read > 2 { // the comma may be looked for
			t.Errorf("%d of 4 pieces were read for the first element", *read)
		}
		if v == 2 {
			break
		}
	}
	if *read == 4 || !*closed {
		t.Errorf("after breaking off: %d pieces read, closed: %v", *read, *closed)
	}
}

func TestEachTellsOfAnAnswerThatBreaksOff(t *testing.T) {
	reset := errors.New("connection reset")
	w, _, closed := over(t, []string{"[1,", "2,"}, reset)
	got, err := collect(t, w.Client, client.Request{Endpoint: "/x"})
	if len(got) != 2 || !errors.Is(err, reset) || !*closed {
		t.Errorf("%v, %v, closed: %v", got, err, *closed)
	}
}

// A range is a call; two are two.
func TestEachCallsAnew(t *testing.T) {
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: 1, Status: 401})
	before := w.fake.Counts().APICalls
	all := client.Each[json.RawMessage](t.Context(), w.Client, client.Request{Endpoint: "/employees"})
	for range 2 {
		n := 0
		for _, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n == 0 {
			t.Error("no element")
		}
	}
	if n := w.fake.Counts().APICalls - before; n != 3 {
		t.Errorf("%d requests, want one each and one after the 401", n)
	}
}

// However a text is put together and arrives, Each finds in it what encoding/json finds.
func FuzzEach(f *testing.F) {
	for _, body := range []string{
		"[1, 2,3]", `["a\\",{"b":[1,"]"]},null,true]`, "[]", " null ", "{}", "[1,]", "[,1]", "[1 2]", "[1}", "[[[]]]", "\xef\xbb\xbf[1]", "", "[1]x", "[-]", `["\u00fc\"]`, "[tru]", "[\x00]",
		`{"a":[1],"b":2}`, `{"b":{"a":[2]},"a":null}`, `{"a":[1]`, "[1e5,-0.5]", "[\"\xff\"]",
	} {
		f.Add(body, 3)
	}
	body, piece := "", 0
	source := newSource(f, "tok-1")
	c, err := client.New(client.Config{
		BaseURL: apiBase, Source: source, Logger: slog.New(slog.DiscardHandler),
		Base: roundTrip(func(req *http.Request) (*http.Response, error) {
			resp := answer(req, 200, "")
			var pieces []string
			for rest := body; rest != ""; rest = rest[min(piece, len(rest)):] {
				pieces = append(pieces, rest[:min(piece, len(rest))])
			}
			resp.Body, resp.ContentLength = &slowBody{pieces, io.EOF, new(int), new(bool)}, -1
			return resp, nil
		}),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size <= 0 || strings.ContainsRune(text[:min(len(text), 4)], 0) || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
			t.Skip("no size, or UTF-16")
		}
		body, piece = text, size
		var got []string
		var failed error
		for v, err := range client.Each[json.RawMessage](t.Context(), c, client.Request{}) {
			if failed = err; err == nil {
				got = append(got, string(v))
			}
		}
		plain := strings.TrimPrefix(text, "\xef\xbb\xbf")
		var want []json.RawMessage
		err := json.Unmarshal([]byte(plain), &want)
		empty := strings.Trim(plain, " \t\r\n") == ""
		if ok := (err == nil || empty) && utf8.ValidString(plain); ok != (failed == nil) {
			t.Fatalf("%q in pieces of %d: %v; encoding/json says %v", text, size, failed, err)
		}
		for i, v := range want {
			if failed == nil && (i >= len(got) || got[i] != string(v)) {
				t.Fatalf("%q: %q, want %q", text, got, want)
			}
		}
	})
}

// A field that is there twice is an error: encoding/json takes the last one, and the
// elements of the first are with the caller by then.
func TestEachFieldTwice(t *testing.T) {
	for _, body := range []string{`{"a":[],"a":[3]}`, `{"a":[1],"a":{"x":1}}`, `{"a":null,"b":1,"a":[3]}`, `{"a":[1],"\u0061":[2]}`} {
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return answer(req, 200, body), nil })
		var err error
		for _, err = range client.Each[int](t.Context(), c, client.Request{}, client.WithField("a")) {
			if err != nil {
				break
			}
		}
		if err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%s: %v", body, err)
		}
	}
}
