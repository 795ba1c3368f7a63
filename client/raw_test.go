package client_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// onlySeeks is a file as far as it can seek, and no io.ReaderAt.
type onlySeeks struct{ io.ReadSeeker }

// closing counts how often it is closed.
type closing struct {
	io.Reader
	closed *int
}

func (c closing) Close() error { *c.closed++; return nil }

func pdf(t *testing.T, text string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "akte.pdf")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// What is sent as it is arrives whole, after a 401 and a 307 too, and says how long it is
// where that is known.
func TestRaw(t *testing.T) {
	text := strings.Repeat("\r\nPDF\x00\n", 15_000) // more than any buffer holds
	size := int64(len(text))
	for name, tt := range map[string]struct {
		body   func() client.Raw
		length int64 // -1 is in chunks
		once   bool  // after a redirect it is not to be had
	}{
		"file":       {body: func() client.Raw { return client.Raw{Reader: pdf(t, text)} }, length: size},
		"strings":    {body: func() client.Raw { return client.Raw{Reader: strings.NewReader(text)} }, length: size},
		"buffer":     {body: func() client.Raw { return client.Raw{Reader: bytes.NewBufferString(text)} }, length: size},
		"only seeks": {body: func() client.Raw { return client.Raw{Reader: onlySeeks{strings.NewReader(text)}} }, length: size, once: true},
		"stream":     {body: func() client.Raw { return client.Raw{Reader: iotest.HalfReader(strings.NewReader(text))} }, length: -1, once: true},
		"sized":      {body: func() client.Raw { return client.Raw{Reader: io.MultiReader(strings.NewReader(text)), Size: size} }, length: size, once: true},
		"opened": {body: func() client.Raw {
			return client.Raw{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
		}, length: -1},
		"opened, sized": {body: func() client.Raw {
			return client.Raw{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }, Size: size}
		}, length: size},
		"from its middle": {body: func() client.Raw {
			r := strings.NewReader("begin" + text)
			_, _ = r.Seek(5, io.SeekStart)
			return client.Raw{Reader: r}
		}, length: size},
		"a part of it": {body: func() client.Raw { return client.Raw{Reader: strings.NewReader(text + "end"), Size: size} }, length: size},
	} {
		for meets, f := range map[string]clienttest.Fault{
			"nothing": {}, "a 401": {Status: 401}, "a 307": {Status: 307, RedirectTo: "/" + echoPath}, "a 308": {Status: 308, RedirectTo: "/" + echoPath},
		} {
			t.Run(name+"/"+meets, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { // see TestReplay
					w := start(t, setup{})
					w.warm(t)
					if f.Status != 0 {
						f.On = clienttest.API
						w.fake.Inject(f)
					}
					raw := tt.body()
					raw.ContentType = "application/pdf"
					got, err := client.Post[clienttest.Echo](t.Context(), w.Client, echoPath, raw)
					if tt.once && f.RedirectTo != "" {
						var api *client.APIError
						if !errors.As(err, &api) || api.Status != f.Status {
							t.Errorf("got %v, want the redirect, which cannot be followed", err)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if got.Body != text || got.Header.Get("Content-Type") != "application/pdf" || got.Length != tt.length {
						t.Errorf("%d of %d bytes arrived, declared %d, as %s", len(got.Body), size, got.Length, got.Header.Get("Content-Type"))
					}
				})
			})
		}
	}
}

// A Request is not used up by a call, as far as its Reader can seek.
func TestRawAgain(t *testing.T) {
	w := start(t, setup{})
	f := pdf(t, "abc")
	r := client.Request{Method: "PUT", Endpoint: echoPath, Body: client.Raw{Reader: f}}
	for range 3 {
		if got := echo(t, w, r); got.Body != "abc" {
			t.Errorf("arrived: %q", got.Body)
		}
	}
	if at, err := f.Seek(0, io.SeekCurrent); at != 0 || err != nil {
		t.Errorf("the file stands at %d, %v", at, err)
	}
}

func TestRawIsClosed(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*world)
		want    int
	}{
		"sent":       {want: 1},
		"no token":   {prepare: func(w *world) { w.fake.Inject(clienttest.Fault{Status: 401, Times: -1}) }, want: 1},
		"closed":     {prepare: func(w *world) { _ = w.Close() }, want: 1},
		"redirected": {prepare: func(w *world) { w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/x"}) }, want: 1},
	} {
		w := start(t, setup{})
		if tt.prepare != nil {
			tt.prepare(w)
		}
		closed := 0
		_, _ = w.Call(t.Context(), client.Request{Method: "PUT", Endpoint: echoPath, Body: client.Raw{Reader: closing{strings.NewReader("x"), &closed}}})
		if closed != tt.want {
			t.Errorf("%s: closed %d times", name, closed)
		}
	}
}

func TestRawThatCannotBeSent(t *testing.T) {
	w := start(t, setup{})
	atEnd := strings.NewReader("abc")
	_, _ = io.Copy(io.Discard, atEnd)
	for name, body := range map[string]any{
		"at its end": client.Raw{Reader: atEnd}, "shorter": client.Raw{Reader: strings.NewReader("abc"), Size: 4}, "negative": client.Raw{Reader: strings.NewReader("abc"), Size: -1},
		"no file": client.Raw{Open: func() (io.ReadCloser, error) { return os.Open(filepath.Join(t.TempDir(), "none")) }},
		"locked":  client.Raw{Open: func() (io.ReadCloser, error) { return nil, errors.New("locked by somebody") }},
		"no name": client.Multipart(client.Part{Value: "a"}), "line end": client.Multipart(client.Part{Name: "a", ContentType: "text/plain\r\nX: y"}),
		"two":             client.Multipart(client.Part{Name: "a", Value: "b", Reader: strings.NewReader("c")}),
		"part at its end": client.Multipart(client.Part{Name: "a", Reader: atEnd}),
		"type":            client.Raw{ContentType: "a\nb", Reader: strings.NewReader("abc")},
	} {
		_, err := w.Call(t.Context(), client.Request{Method: "PUT", Endpoint: echoPath, Body: body})
		if !errors.Is(err, client.ErrNotSent) && name != "type" || err == nil {
			t.Errorf("%s: got %v", name, err)
		}
		if name == "locked" && !strings.Contains(err.Error(), "locked by somebody") {
			t.Errorf("%s: %v does not say what Open said", name, err)
		}
	}
	if n := w.fake.Counts().APICalls; n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestForm(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
	got := echo(t, w, client.Request{Method: "POST", Endpoint: echoPath, Body: client.Form(url.Values{"name": {"Müller & Söhne"}})})
	if got.Body != "name=M%C3%BCller+%26+S%C3%B6hne" || got.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("arrived: %s as %s", got.Body, got.Header.Get("Content-Type"))
	}
}

// A multipart body is what mime/multipart reads.
func TestMultipart(t *testing.T) {
	content := strings.Repeat("\r\n--x", 30_000)
	for name, tt := range map[string]struct {
		file   func() client.Part
		length bool
		once   bool
	}{
		"file": {file: func() client.Part { return client.Part{Reader: pdf(t, content)} }, length: true},
		"opened": {file: func() client.Part {
			return client.Part{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
		}},
		"stream": {file: func() client.Part { return client.Part{Reader: iotest.DataErrReader(strings.NewReader(content))} }, once: true},
		"seeks":  {file: func() client.Part { return client.Part{Reader: onlySeeks{strings.NewReader(content)}} }, length: true, once: true},
	} {
		for meets, f := range map[string]clienttest.Fault{"nothing": {}, "a 401": {Status: 401}, "a 307": {Status: 307, RedirectTo: "/" + echoPath}} {
			if tt.once && f.RedirectTo != "" {
				continue
			}
			t.Run(name+"/"+meets, func(t *testing.T) {
				w := start(t, setup{})
				w.warm(t)
				if f.Status != 0 {
					f.On = clienttest.API
					w.fake.Inject(f)
				}
				part := tt.file()
				part.Name, part.FileName, part.ContentType = "datei", `Müller "Akte".pdf`, "application/pdf"
				got := echo(t, w, client.Request{Method: "POST", Endpoint: echoPath, Body: client.Multipart(client.Part{Name: "titel", Value: "Gütetermin"}, part, client.Part{Name: "leer"})})
				if tt.length != (got.Length == int64(len(got.Body))) {
					t.Errorf("declared %d bytes of %d", got.Length, len(got.Body))
				}
				_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
				if err != nil {
					t.Fatal(err)
				}
				form, err := multipart.NewReader(strings.NewReader(got.Body), params["boundary"]).ReadForm(1 << 20)
				if err != nil {
					t.Fatal(err)
				}
				if form.Value["titel"][0] != "Gütetermin" || form.Value["leer"][0] != "" || len(form.File["datei"]) != 1 {
					t.Fatalf("arrived: %+v", form)
				}
				h := form.File["datei"][0]
				f, err := h.Open()
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(f)
				if err != nil || string(text) != content || h.Filename != `Müller "Akte".pdf` || h.Header.Get("Content-Type") != "application/pdf" {
					t.Errorf("%d of %d bytes of %q (%s), %v", len(text), len(content), h.Filename, h.Header.Get("Content-Type"), err)
				}
			})
		}
	}
}

// An Open that returns nothing is an error, and not a panic when net/http reads it.
func TestOpenThatReturnsNothing(t *testing.T) {
	nothing := func() (io.ReadCloser, error) { return nil, nil }
	for name, body := range map[string]client.Raw{
		"Raw":  {Open: nothing},
		"Part": client.Multipart(client.Part{Name: "a", Value: "1"}, client.Part{Name: "file", FileName: "a.pdf", Open: nothing}),
	} {
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			_, err := io.Copy(io.Discard, req.Body)
			return answer(req, 200, "{}"), err
		})
		r := client.Request{Method: "POST", Endpoint: "/x", Body: body}
		_, err := c.Call(t.Context(), r)
		check := func(how string, err error) {
			var wrong *client.RequestError
			if !errors.As(err, &wrong) || !errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), "Open") {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
		check("Call", err)
		_, err = client.Open(t.Context(), c, r)
		check("Open", err)
		_, err = c.NewRequest(t.Context(), "POST", "/x", nil, body)
		check("NewRequest", err)
	}
}
