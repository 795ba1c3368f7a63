package content

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/textproto"
)

// Part is a part of a multipart body.
type Part struct {
	Header  textproto.MIMEHeader
	Content Content
}

// OfParts puts parts together, each with what stands before it. The whole can be had again if
// all of them can, and its size is known if theirs are.
func OfParts(parts []Part, boundary string) (Content, error) {
	var frame bytes.Buffer // all that is not of the parts
	w := multipart.NewWriter(&frame)
	if err := w.SetBoundary(boundary); err != nil {
		return Content{}, err
	}
	whole := Content{Again: true}
	var pieces []Content
	add := func(c Content) {
		pieces = append(pieces, c)
		whole.Again = whole.Again && c.Again
		if c.Size < 0 || whole.Size < 0 {
			whole.Size = -1
		} else {
			whole.Size += c.Size
		}
	}
	between := func() {
		add(OfBytes("", bytes.Clone(frame.Bytes())))
		frame.Reset()
	}
	for _, p := range parts {
		if _, err := w.CreatePart(p.Header); err != nil {
			return Content{}, err
		}
		between()
		add(p.Content)
	}
	if err := w.Close(); err != nil {
		return Content{}, err
	}
	between()
	whole.Open = func() (io.ReadCloser, error) { return openAll(pieces) }
	return whole, nil
}

// allOf is several bodies one after another.
type allOf struct {
	io.Reader
	bodies []io.Closer
}

func openAll(pieces []Content) (io.ReadCloser, error) {
	var all allOf
	var readers []io.Reader
	for _, c := range pieces {
		body, err := c.Open()
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
