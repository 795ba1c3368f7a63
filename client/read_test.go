package client_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// written is an answer in a character set, "" where it cannot be read.
var written = map[string]struct{ contentType, body, want string }{
	"UTF-8":               {"application/json; charset=utf-8", `["Müller €"]`, "Müller €"},
	"ISO 8859-1":          {"application/json; charset=iso-8859-1", "[\"M\xfcller \x80\"]", "Müller €"},
	"Windows-1252":        {`text/json; charset="Windows-1252"`, "[\"M\xfcller \x80\"]", "Müller €"},
	"ISO 8859-15":         {"application/json;charset=ISO-8859-15", "[\"M\xfcller \xa4\"]", "Müller €"},
	"UTF-16, marked":      {"application/json", "\xff\xfe" + utf16le(`["Müller €"]`), "Müller €"},
	"UTF-16, named":       {"application/json; charset=utf-16", utf16le(`["Müller €"]`), "Müller €"},
	"unnamed, no UTF-8":   {"application/json", "[\"M\xfcller\"]", ""},
	"no UTF-8":            {"application/json; charset=utf-8", "[\"M\xfcller\"]", ""},
	"nobody knows it":     {"application/json; charset=klingon", "[\"M\xfcller\"]", ""},
	"it is not supported": {"application/json; charset=utf-7", "[\"M+APw-ller\"]", ""},
}

// utf16le is for signs of one unit.
func utf16le(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(string([]byte{byte(r), byte(r >> 8)}))
	}
	return b.String()
}

func TestCharacterSets(t *testing.T) {
	for name, tt := range written {
		w := start(t, setup{})
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Body: tt.body, Header: http.Header{"Content-Type": {tt.contentType}}})
		r := client.Request{Endpoint: "/employees"}
		got := make(map[string]string)
		errs := make(map[string]error)

		raw, err := w.Call(t.Context(), r)
		var list []string
		if errs["Call"] = err; err == nil && json.Unmarshal(raw, &list) == nil {
			got["Call"] = list[0]
		}
		if list, errs["Decode"] = client.Decode[[]string](t.Context(), w.Client, r); errs["Decode"] == nil {
			got["Decode"] = list[0]
		}
		for v, err := range client.Each[string](t.Context(), w.Client, r) {
			if errs["Each"] = err; err == nil {
				got["Each"] = v
			}
		}
		for way, err := range errs {
			if (tt.want == "") != errors.Is(err, client.ErrCharset) || got[way] != tt.want {
				t.Errorf("%s, %s: %q, %v; want %q", name, way, got[way], err, tt.want)
			}
		}
	}
}

// What a person reads is decoded as well as can be.
func TestCharacterSetsOfErrors(t *testing.T) {
	for contentType, body := range map[string]string{
		"text/plain; charset=windows-1252": "Zugriff f\xfcr M\xfcller \x80", "application/problem+json": "Zugriff f\xfcr M\xfcller \x80",
		"": "Zugriff f\xfcr M\xfcller \x80", "text/html": "\xff\xfe" + utf16le("Zugriff für Müller €"), "application/json": "\xef\xbb\xbfZugriff für Müller €",
	} {
		w := start(t, setup{})
		got := failed(t, w, client.Request{}, clienttest.Fault{Status: 403, Body: body, Header: http.Header{"Content-Type": {contentType}}})
		if string(got.Body) != "Zugriff für Müller €" || !strings.Contains(got.Error(), string(got.Body)) {
			t.Errorf("%s: %q, %v", contentType, got.Body, got)
		}
	}
}

// The token is found in an error that has it in another character set.
func TestCharacterSetsDoNotHideTheToken(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		return answer(req, 500, utf16le("you sent tok-1"), "Content-Type: text/plain; charset=utf-16"), nil
	})
	_, err := c.Call(t.Context(), client.Request{})
	var api *client.APIError
	if !errors.As(err, &api) || string(api.Body) != "you sent [redacted]" {
		t.Errorf("got %v", err)
	}
}

// unending is a body without end, of a JSON text that may go on for ever.
type unending struct {
	begin, more string
	read        *int
}

func (e *unending) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		text := e.begin
		if text == "" {
			text = e.more
		}
		c := copy(p[n:], text)
		n += c
		if e.begin != "" {
			e.begin = e.begin[c:]
		}
	}
	*e.read += n
	return n, nil
}

// longAnswers go on for ever, each in its way.
var longAnswers = map[string][2]string{
	"elements": {"[", "1,"}, "a text": {`["`, "a"}, "a text with escapes": {`["`, `\"`}, "a number": {"[", "1"}, "brackets": {"", "["}, "objects": {"", `{"a":`},
	"a name": {`{"`, "a"}, "a field before": {`{"a":"`, "b"}, "fields before": {`{`, `"a":[1],`}, "inside an element": {"[{", `"a":1,`}, "a word": {"[", "t"}, "nothing readable": {"[", "\x00"},
	"no JSON": {"", "<"},
}

func TestAnswerWithoutEnd(t *testing.T) {
	const limit = 128 << 10 // many times the size of any buffer
	for name, text := range longAnswers {
		for _, contentType := range []string{"application/json", "application/json; charset=iso-8859-1"} {
			for way, bound := range map[string]int64{"Client": 0, "Request": limit / 2} {
				read := 0
				w := start(t, setup{client: func(c *client.Config) {
					c.MaxAnswer = limit
					c.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
						resp := answer(req, 200, "", "Content-Type: "+contentType)
						resp.Body, resp.ContentLength = io.NopCloser(&unending{text[0], text[1], &read}), -1
						return resp, nil
					})
				}})
				r := client.Request{Endpoint: "/x", MaxAnswer: bound}
				_, err := w.Call(t.Context(), r)
				if !errors.Is(err, client.ErrTooLong) || read > 2*limit || !strings.Contains(err.Error(), strconv.Itoa(limit)) && bound == 0 {
					t.Errorf("%s, %s: Call read %d bytes: %v", name, way, read, err)
				}
				if name == "elements" || name == "fields before" {
					continue // has no end for Each either, and only time bounds it
				}
				read = 0
				r.Field = map[bool]string{true: "wanted"}[strings.Contains(name, "before") || name == "a name" || name == "objects"]
				for _, err = range client.Each[any](t.Context(), w.Client, r) {
					if err != nil {
						break
					}
				}
				if !errors.Is(err, client.ErrTooLong) && !errors.Is(err, client.ErrNotJSON) || read > 2*limit {
					t.Errorf("%s, %s: Each read %d bytes: %v", name, way, read, err)
				}
			}
		}
	}
}

// What counts is what is held, not what is sent.
func TestLongAnswerBehindGzip(t *testing.T) {
	const size = 2 << 20
	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	_, _ = gz.Write([]byte(`["` + strings.Repeat("a", size) + `"]`))
	_ = gz.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}))
	defer server.Close()
	for _, limit := range []int64{1 << 20, size, size + 4, -1} {
		c, err := client.New(client.Config{BaseURL: server.URL, Source: newSource(t, "tok-1"), Logger: new(logs).logger(), MaxAnswer: limit})
		if err != nil {
			t.Fatal(err)
		}
		_, byCall := c.Call(t.Context(), client.Request{})
		_, byEach := client.Decode[[]string](t.Context(), c, client.Request{})
		for _, err := range []error{byCall, byEach} {
			if long := limit > 0 && limit < size+4; errors.Is(err, client.ErrTooLong) != long || !long && err != nil {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// An answer of exactly the limit is not too long, and one that says that it is longer is
// not read.
func TestMaxAnswer(t *testing.T) {
	w := start(t, setup{})
	for _, tt := range []struct {
		size  int
		limit int64
		ok    bool
	}{{100, 100, true}, {101, 100, false}, {3 << 20, 1 << 20, false}, {3 << 20, 3 << 20, true}, {100, -1, true}, {1000, 0, true}, {100, math.MaxInt64, true}} {
		body := `"` + strings.Repeat("a", tt.size-2) + `"`
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: 3, Body: body})
		r := client.Request{MaxAnswer: tt.limit}
		got, byCall := w.Call(t.Context(), r)
		text, byDecode := client.Decode[string](t.Context(), w.Client, r)
		_, byGet := client.Get[string](t.Context(), w.Client, "/x", nil, client.WithMaxAnswer(tt.limit))
		if tt.ok && (string(got) != body || len(text) != tt.size-2) {
			t.Errorf("%+v: got %d bytes", tt, len(got))
		}
		for _, err := range []error{byCall, byDecode, byGet} {
			if tt.ok != (err == nil) || !tt.ok && !errors.Is(err, client.ErrTooLong) {
				t.Errorf("%+v: %v", tt, err)
			}
			if want := fmt.Sprintf("it has more than %d bytes, which is MaxAnswer", tt.limit); !tt.ok && !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v does not say that %s", tt, err, want)
			}
		}
	}
}

// Each has a bound for an element, and none on the whole.
func TestMaxAnswerOfAnElement(t *testing.T) {
	w := start(t, setup{})
	body := "[" + strings.Repeat(`"aaaaaaaa",`, 10_000) + `"last"]`
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Body: body})
	n := 0
	for _, err := range client.Each[string](t.Context(), w.Client, client.Request{MaxAnswer: 10}) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != 10_001 {
		t.Errorf("%d elements", n)
	}
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Body: `["a","aaaaaaaaaaaa"]`})
	var last error
	for _, last = range client.Each[string](t.Context(), w.Client, client.Request{MaxAnswer: 10}) {
	}
	if !errors.Is(last, client.ErrTooLong) {
		t.Errorf("got %v", last)
	}
}

// The field that is wanted, and what is there instead.
func TestField(t *testing.T) {
	for name, tt := range map[string]struct {
		body, field string
		want        []int
		is          error
		err         string
	}{
		"first":              {body: `{"items":[1,2],"count":2}`, field: "items", want: []int{1, 2}},
		"last":               {body: ` { "a" : {"items":[7]} , "b":[[[3]]], "c":"]}", "items" : [ 1 , 2 ] } `, field: "items", want: []int{1, 2}},
		"inside":             {body: `{"data":{"count":1,"items":[1]},"items":[2]}`, field: "data/items", want: []int{1}},
		"pointer":            {body: `{"data":{"items":[1]}}`, field: "/data/items", want: []int{1}},
		"slash and tilde":    {body: `{"a/b~c":[1]}`, field: "a~1b~0c", want: []int{1}},
		"dots are no path":   {body: `{"@odata.value":[1]}`, field: "@odata.value", want: []int{1}},
		"escaped":            {body: `{"\u00fcber":[1]}`, field: "über", want: []int{1}},
		"null":               {body: `{"items":null}`, field: "items"},
		"null above":         {body: `{"data":null}`, field: "data/items"},
		"null itself":        {body: `null`, field: "items"},
		"null, no field":     {body: ` null `},
		"empty":              {body: ` `, field: "items"},
		"empty array":        {body: `{"items":[]}`, field: "items"},
		"missing":            {body: `{"Items":[1]}`, field: "items", err: `no field "items"`},
		"missing inside":     {body: `{"data":{"x":[1]}}`, field: "data/items", err: `no field "items"`},
		"an array":           {body: `[1]`, field: "items", err: `no object with a field "items"`},
		"an array above":     {body: `{"data":[1]}`, field: "data/items", err: `no object with a field "items"`},
		"empty object":       {body: `{}`, field: "items", err: `no field "items"`},
		"cut before":         {body: `{"a":1`, field: "items", is: client.ErrNotJSON},
		"cut within":         {body: `{"items":[1`, field: "items", is: client.ErrNotJSON},
		"cut after":          {body: `{"items":[1]`, field: "items", is: client.ErrNotJSON},
		"something after":    {body: `{"items":[1]} x`, field: "items", is: client.ErrNotJSON},
		"bad before":         {body: `{"a":tru,"items":[1]}`, field: "items", is: client.ErrNotJSON},
		"bad after":          {body: `{"items":[1],"a":tru}`, field: "items", is: client.ErrNotJSON},
		"no colon":           {body: `{"items" [1]}`, field: "items", is: client.ErrNotJSON},
		"a comma at the end": {body: `{"items":[1],}`, field: "items", is: client.ErrNotJSON},
		"the same in a list": {body: `{"items":[1,]}`, field: "items", is: client.ErrNotJSON},
		"no comma":           {body: `{"items":[1 2]}`, field: "items", is: client.ErrNotJSON},
		"no name":            {body: `{1:[1]}`, field: "items", is: client.ErrNotJSON},
		"wrong bracket":      {body: `{"items":[1}}`, field: "items", is: client.ErrNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{})
			w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Body: tt.body})
			r := client.Request{Endpoint: "/x", Field: tt.field}
			each, byEach := collect(t, w.Client, r)
			list, byDecode := client.Get[[]int](t.Context(), w.Client, "/x", nil, client.WithField(tt.field))
			raw, byCall := w.Call(t.Context(), r)
			for way, err := range map[string]error{"Each": byEach, "Decode": byDecode, "Call": byCall} {
				switch {
				case tt.is != nil && !errors.Is(err, tt.is), tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)), tt.is == nil && tt.err == "" && err != nil:
					t.Errorf("%s: %v", way, err)
				}
			}
			if tt.is != nil || tt.err != "" {
				return
			}
			var byHand []int
			if len(raw) > 0 {
				if err := json.Unmarshal(raw, &byHand); err != nil {
					t.Error(err)
				}
			}
			for way, got := range map[string][]int{"Each": each, "Decode": list, "Call": byHand} {
				if len(got) != len(tt.want) || len(got) > 0 && cmp.Diff(tt.want, got) != "" {
					t.Errorf("%s: %v, want %v", way, got, tt.want)
				}
			}
		})
	}
}

// Beyond 2^53 a float64 has no room for each whole number.
func TestLargeNumbers(t *testing.T) {
	const large = "9007199254740993"
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Body: "[" + large + "]"})
	got, err := client.Get[[]any](t.Context(), w.Client, "/x", nil, client.WithNumber())
	if err != nil || got[0] != json.Number(large) {
		t.Errorf("Get: %v, %v", got, err)
	}
	for v, err := range client.Each[any](t.Context(), w.Client, client.Request{UseNumber: true}) {
		if err != nil || v != json.Number(large) {
			t.Errorf("Each: %v, %v", v, err)
		}
	}
	w.fake.ClearFaults()
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Body: "[1] [2]"})
	if _, err := client.Get[[]any](t.Context(), w.Client, "/x", nil, client.WithNumber()); !errors.Is(err, client.ErrNotJSON) {
		t.Errorf("two values: %v", err)
	}
}

// Without WithNumber a number is a float64, as encoding/json has it.
func TestNumbers(t *testing.T) {
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Body: "[1]"})
	got, err := client.Get[[]any](t.Context(), w.Client, "/x", nil)
	if err != nil || got[0] != 1.0 {
		t.Errorf("Get: %T, %v", got[0], err)
	}
	for v, err := range client.Each[any](t.Context(), w.Client, client.Request{}) {
		if err != nil || v != 1.0 {
			t.Errorf("Each: %T, %v", v, err)
		}
	}
}

// A HEAD says how long the answer to a GET would be, and has none.
func TestMaxAnswerOfHead(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		resp := answer(req, 200, "")
		resp.ContentLength = 1 << 40
		return resp, nil
	})
	if got, err := c.Call(t.Context(), client.Request{Method: "HEAD"}); got != nil || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
