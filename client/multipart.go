package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
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

func (p Part) content() (content, error) {
	switch {
	case p.Name == "":
		return content{}, errors.New("it has no Name")
	case strings.ContainsAny(p.ContentType, "\r\n"):
		return content{}, errors.New("its ContentType has a line end")
	case p.Reader == nil && p.Open == nil:
		return ofBytes("", []byte(p.Value)), nil
	case p.Value != "":
		return content{}, errors.New("it has a Value, and a Reader or Open besides: only one of them can be sent")
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

// ofParts puts parts together, each with what stands before it.
func ofParts(parts []Part, boundary string) (content, error) {
	var frame bytes.Buffer // all that is not of the parts
	w := multipart.NewWriter(&frame)
	if err := w.SetBoundary(boundary); err != nil {
		return content{}, err
	}
	whole := content{again: true}
	var pieces []content
	add := func(c content) {
		pieces = append(pieces, c)
		whole.again = whole.again && c.again
		if c.size < 0 || whole.size < 0 {
			whole.size = -1
		} else {
			whole.size += c.size
		}
	}
	between := func() {
		add(ofBytes("", bytes.Clone(frame.Bytes())))
		frame.Reset()
	}
	for i, p := range parts {
		c, err := p.content()
		if err != nil {
			return content{}, fmt.Errorf("part %d of the multipart body (%.100q): %w", i+1, p.Name, err)
		}
		if _, err := w.CreatePart(p.header()); err != nil {
			return content{}, err
		}
		between()
		add(c)
	}
	if err := w.Close(); err != nil {
		return content{}, err
	}
	between()
	whole.open = func() (io.ReadCloser, error) { return openAll(pieces) }
	return whole, nil
}

// allOf is several bodies one after another.
type allOf struct {
	io.Reader
	bodies []io.Closer
}

func openAll(pieces []content) (io.ReadCloser, error) {
	var all allOf
	var readers []io.Reader
	for _, c := range pieces {
		body, err := c.open()
		if err != nil {
			return nil, errors.Join(err, all.Close())
		}
		all.bodies, readers = append(all.bodies, body), append(readers, body)
	}
	all.Reader = io.MultiReader(readers...)
	return &all, nil
}

func (a *allOf) Close() error {
	var errs []error
	for _, b := range a.bodies {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}
