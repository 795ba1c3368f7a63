package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// A field is no file: many servers take a part with a name of a file, be it empty, for one.
func TestFieldOfAMultipartIsNoFile(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	got := echo(t, w, client.Request{Method: "POST", Endpoint: echoPath, Body: client.Multipart(
		client.Part{Name: "titel", Value: "a"}, client.Part{Name: "notiz", Value: "b", ContentType: "text/markdown"}, client.Part{Name: "datei", FileName: "a.bin", Value: "c"},
	)})
	for _, want := range []string{
		"Content-Disposition: form-data; name=\"titel\"\r\n\r\na",
		"Content-Disposition: form-data; name=\"notiz\"\r\nContent-Type: text/markdown\r\n\r\nb",
		"Content-Disposition: form-data; name=\"datei\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream\r\n\r\nc",
	} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("%q is not in\n%s", want, got.Body)
		}
	}
}

// The size of a part that can be read only once may be said.
func TestSizeOfAPart(t *testing.T) {
	for size, known := range map[int64]bool{5: true, 0: false} {
		w := start(t, setup{})
		part := client.Part{Name: "file", FileName: "a.txt", Reader: io.MultiReader(strings.NewReader("hello")), Size: size}
		req, err := w.NewRequest(t.Context(), "POST", "/employees", nil, client.Multipart(part))
		if err != nil || (req.ContentLength > 5) != known {
			t.Errorf("with a size of %d the body has %d bytes, %v", size, req.ContentLength, err)
		}
	}
}

// A part that cannot be sent is named, and numbered from one.
func TestPartThatCannotBeSent(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		t.Error("it was sent")
		return answer(req, 200, ""), nil
	})
	_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a", Body: client.Multipart(
		client.Part{Name: "good", Value: "text"}, client.Part{Name: "bad", Value: "text", Reader: strings.NewReader("more")},
	)})
	if err == nil || !strings.Contains(err.Error(), `part 2 of the multipart body ("bad"): `) {
		t.Errorf("got %v", err)
	}
}
