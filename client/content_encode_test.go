package client_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"math/big"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
)

type (
	named      []byte
	text       string
	ownWriting struct{ io.Reader }
	hidden     struct{ a int }
	readable   struct{ bytes.Buffer }
	chain      struct {
		Next *chain
		More []any
	}
)

func (ownWriting) MarshalJSON() ([]byte, error) { return []byte(`{"own":true}`), nil }

// A body that is no JSON is not made into one.
func TestBodyThatIsNotJSON(t *testing.T) {
	form, object := url.Values{"a": {"b"}}, `{"a":1}`
	var builder strings.Builder
	builder.WriteString(object)
	var buffer bytes.Buffer
	w := start(t, setup{})
	for name, tt := range map[string]struct {
		body any
		says string
	}{
		"strings.Reader":           {strings.NewReader(object), "client.Raw"},
		"bytes.Reader":             {bytes.NewReader(nil), "client.Raw"},
		"bytes.Buffer":             {&buffer, "client.Raw"},
		"bytes.Buffer, a copy":     {buffer, "client.Raw"},
		"nil Buffer":               {(*bytes.Buffer)(nil), "client.Raw"},
		"file":                     {os.Stdin, "client.Raw"},
		"pipe":                     {&io.PipeReader{}, "client.Raw"},
		"bufio":                    {bufio.NewReader(nil), "client.Raw"},
		"nothing":                  {http.NoBody, "client.Raw"},
		"a struct around a reader": {&readable{}, "client.Raw"},
		"that, copied":             {readable{}, "client.Raw"},
		"bytes":                    {[]byte(object), "json.RawMessage"},
		"named bytes":              {named(object), "json.RawMessage"},
		"a pointer to bytes":       {new([]byte), "json.RawMessage"},
		"form":                     {form, "client.Form"},
		"a pointer to a form":      {&form, "client.Form"},
		"header":                   {http.Header{"A": {"b"}}, "Header"},
		"MIME header":              {textproto.MIMEHeader{}, "Header"},
		"object in a string":       {object, "json.RawMessage"},
		"array in a string":        {" [1, 2]\n", "json.RawMessage"},
		"in a named string":        {text(object), "json.RawMessage"},
		"in HTML":                  {template.HTML(object), "json.RawMessage"},
		"a pointer to a string":    {&object, "json.RawMessage"},
		"builder":                  {&builder, "client.Raw"},
		"builder, a copy":          {strings.Builder{}, "client.Raw"}, //nolint
		"multipart":                {multipart.NewWriter(&buffer), "client.Raw"},
		"encoder":                  {json.NewEncoder(&buffer), "client.Raw"},
		"nothing exported":         {hidden{1}, "no field"},
		"error":                    {errors.New("x"), "no field"},
		"a big number, copied":     {*big.NewInt(1), "no field"},
		"Raw of nothing":           {client.Raw{ContentType: "text/csv"}, "Reader"},
		"no Raw":                   {(*client.Raw)(nil), "nil"},
		"a reader inside":          {map[string]any{"name": "a", "file": strings.NewReader("x")}, `field "file"`},
		"deeper inside":            {map[string]any{"a": []any{map[string]any{"file": &buffer}}}, `field "file"`},
		"readers by name":          {map[string]io.Reader{"file": &buffer}, `field "file"`},
		"a list of readers":        {[]io.Reader{&buffer}, "element 0"},
		"a reader in a struct":     {struct{ File io.Reader }{&buffer}, `field "File"`},
		"a file in a struct":       {&struct{ File *os.File }{os.Stdin}, `field "File"`},
		"a buffer, deep":           {[]struct{ In *struct{ File bytes.Buffer } }{{}, {new(struct{ File bytes.Buffer })}}, `field "File"`},
		"an error inside":          {map[string]any{"error": errors.New("x")}, `field "error"`},
		"a Raw inside":             {map[string]any{"file": client.Raw{}}, "JSON"},
		"raw, not UTF-8":           {json.RawMessage("\"M\xfcller\""), "UTF-8"},
		"text, not UTF-8":          {map[string]string{"name": "M\xfcller"}, "UTF-8"},
		"string, not UTF-8":        {"M\xfcller", "UTF-8"},
		"name, not UTF-8":          {map[string]int{"M\xfcller": 1}, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			for way, err := range map[string]error{
				"Call": func() error {
					_, err := w.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/x", Body: tt.body})
					return err
				}(),
				"Post": func() error { _, err := client.Post[any](t.Context(), w.Client, "/x", tt.body); return err }(),
				"Open": func() error {
					_, err := client.Open(t.Context(), w.Client, client.Request{Method: "PUT", Body: tt.body})
					return err
				}(),
			} {
				var unsendable *client.RequestError
				if !errors.As(err, &unsendable) || !errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), tt.says) || !oneLine(err) {
					t.Errorf("%s: %v; want a RequestError that says %q", way, err, tt.says)
				}
			}
		})
	}
	if n := w.fake.Counts(); n.APICalls+n.TokenRequests != 0 {
		t.Errorf("something was sent: %+v", n)
	}
}

func TestBodyThatIsJSON(t *testing.T) {
	w := start(t, setup{})
	raw, number, empty := json.RawMessage(`{"a": 1}`), 7, ""
	for name, tt := range map[string]struct {
		body any
		want string
	}{
		"a text":                   {"Müller", `"Müller"`},
		"a text in brackets":       {"[Notiz] angerufen", `"[Notiz] angerufen"`},
		"a digit":                  {"1", `"1"`},
		"an empty text":            {empty, `""`},
		"a text in quotes":         {`"a"`, `"\"a\""`},
		"a replacement character":  {"\ufffd", "\"\ufffd\""},
		"an escape that is a text": {`\ufffd`, `"\\ufffd"`},
		"bytes inside":             {map[string]any{"content": []byte("a"), "s": `{"a":1}`}, `{"content":"YQ==","s":"{\"a\":1}"}`},
		"a form inside":            {map[string]any{"f": url.Values{"a": {"b"}}}, `{"f":{"a":["b"]}}`},
		"nothing in a map":         {map[string]any{"a": nil, "b": []any{nil}}, `{"a":null,"b":[null]}`},
		"an empty struct":          {struct{}{}, "{}"},
		"a pointer to raw":         {&raw, `{"a": 1}`},
		"a pointer":                {&number, "7"},
		"no raw":                   {(*json.RawMessage)(nil), "null"},
		"a time":                   {time.Unix(0, 0).UTC(), `"1970-01-01T00:00:00Z"`},
		"a big number":             {big.NewInt(7), "7"},
		"it writes itself":         {ownWriting{strings.NewReader("x")}, `{"own":true}`},
		"json.Number":              {json.Number("12"), "12"},
		"no reader in a struct":    {struct{ File io.Reader }{}, `{"File":null}`},
		"a hidden reader": {struct {
			File io.Reader `json:"-"`
		}{&bytes.Buffer{}}, "{}"},
		"a mutex inside": {&struct {
			sync.Mutex
			Name any
		}{Name: "a"}, `{"Name":"a"}`},
		"a list of itself":          {chain{Next: &chain{}}, `{"Next":{"Next":null,"More":null},"More":null}`},
		"times inside":              {map[string]any{"t": time.Unix(0, 0).UTC(), "b": big.NewInt(1)}, `{"b":1,"t":"1970-01-01T00:00:00Z"}`},
		"a map of lists":            {map[string][]string{"a": {"b"}}, `{"a":["b"]}`},
		"a list of texts with JSON": {[]string{`{"a":1}`}, `["{\"a\":1}"]`},
	} {
		got := echo(t, w, client.Request{Method: "POST", Endpoint: echoPath, Body: tt.body})
		if got.Body != tt.want || got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: arrived as %s (%s), want %s", name, got.Body, got.Header.Get("Content-Type"), tt.want)
		}
	}
}
