package client

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"

	"github.com/advoware-go/advoware/internal/content"
)

// Part is one field or file of a multipart form.
type Part struct {
	Name     string // of the field; required
	FileName string // with it the part is a file

	// ContentType of the part; empty means application/octet-stream for a file, and none
	// for a field.
	ContentType string

	// Value is the text of a field. Reader, Open and Size are for anything longer, as in
	// [Raw]; with them the Value has to be empty.
	Value  string
	Reader io.Reader
	Open   func() (io.ReadCloser, error)
	Size   int64
}

// Multipart returns the body of a form with files (multipart/form-data). It is read from
// its parts while it is sent, and can be sent again if all of them can; its length is
// known if theirs are.
func Multipart(parts ...Part) Raw {
	boundary := multipart.NewWriter(io.Discard).Boundary()
	return Raw{ContentType: "multipart/form-data; boundary=" + boundary, parts: parts, boundary: boundary}
}

func (p Part) content() (content.Content, error) {
	switch {
	case p.Name == "":
		return content.Content{}, errors.New("it has no Name")
	case strings.ContainsAny(p.ContentType, "\r\n"):
		return content.Content{}, errors.New("its ContentType has a line end")
	case p.Reader == nil && p.Open == nil:
		return content.OfBytes("", []byte(p.Value)), nil
	case p.Value != "":
		return content.Content{}, errors.New("it has a Value, and a Reader or Open besides: only one of them can be sent")
	}
	return Raw{Reader: p.Reader, Open: p.Open, Size: p.Size}.content()
}

func (p Part) header() textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	disposition, contentType := multipart.FileContentDisposition(p.Name, p.FileName), p.ContentType
	switch {
	case p.FileName == "":
		disposition = strings.TrimSuffix(disposition, `; filename=""`)
	case contentType == "":
		contentType = "application/octet-stream"
	}
	h.Set("Content-Disposition", disposition)
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	return h
}

// ofParts puts parts together.
func ofParts(parts []Part, boundary string) (content.Content, error) {
	made := make([]content.Part, 0, len(parts))
	for i, p := range parts {
		c, err := p.content()
		if err != nil {
			return content.Content{}, fmt.Errorf("part %d of the multipart body (%.100q): %w", i+1, p.Name, err)
		}
		made = append(made, content.Part{Header: p.header(), Content: c})
	}
	return content.OfParts(made, boundary)
}
