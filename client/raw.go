package client

import (
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/internal/content"
)

// Raw is a body that is sent as it is: the Body of a Request that is not JSON.
//
//	file, err := os.Open("akte.pdf")
//	…
//	client.Post[any](ctx, c, "/Scan", client.Raw{ContentType: "application/pdf", Reader: file})
type Raw struct {
	// ContentType is sent as Content-Type; empty means none, unless the Header has one.
	ContentType string

	// Reader is what is sent. One that can seek, a file for one, is sent from where it
	// stands to its end, again after a 401, and stays open; its position stays too if it
	// is an io.ReaderAt. Any other can be read only once: after a 401 it is sent again as
	// far as Transport.ReplayLimit allows, and if it is an io.Closer it is closed.
	Reader io.Reader

	// Open is used instead of Reader if it is set. It is called for each attempt, and what
	// it returns is closed.
	Open func() (io.ReadCloser, error)

	// Size is how many bytes are sent; 0 means as many as there are. Where that is not
	// known, of a Reader that cannot seek and of Open, HTTP/1.1 sends them in chunks.
	// Negative is refused.
	Size int64

	parts    []Part // of a multipart body
	boundary string
}

// Form returns the body of an HTML form.
func Form(values url.Values) Raw {
	return Raw{ContentType: "application/x-www-form-urlencoded", Reader: strings.NewReader(values.Encode())}
}

func (r Raw) content() (content.Content, error) {
	c, err := r.unnamed()
	c.Type = r.ContentType
	return c, err
}

// unnamed returns the content without its type.
func (r Raw) unnamed() (content.Content, error) {
	switch {
	case r.Size < 0:
		return content.Content{}, errors.New("the Size of the body is negative")
	case r.boundary != "":
		return ofParts(r.parts, r.boundary)
	case r.Open != nil:
		size := r.Size
		if size == 0 {
			size = -1
		}
		return content.Content{Size: size, Open: r.opened, Again: true}, nil
	case r.Reader != nil:
		return content.OfReader(r.Reader, r.Size)
	}
	return content.Content{}, errors.New("the body is a client.Raw with neither Reader nor Open")
}

// opened calls Open, which is the caller's.
func (r Raw) opened() (io.ReadCloser, error) {
	body, err := r.Open()
	if err == nil && body == nil {
		err = errors.New("its Open returned neither a reader nor an error")
	}
	return body, err
}
