package jsonpart

import "io"

// Feed is a reader of one element after another, each on a line, for a decoder that is used for
// all of them. The zero value has none yet.
type Feed struct {
	line  []byte
	total int64
}

// Next sets what is read next, and returns the offset of its end.
func (f *Feed) Next(text []byte) (end int64) {
	f.line = append(text, '\n') // so that a number ends there
	end = f.total + int64(len(text))
	f.total = end + 1
	return end
}

func (f *Feed) Read(p []byte) (int, error) {
	if len(f.line) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.line)
	f.line = f.line[n:]
	return n, nil
}

// Counter counts what is read, and remembers what went wrong.
type Counter struct {
	N      int
	Failed error
	r      io.Reader
}

// NewCounter returns a Counter of what is read from r.
func NewCounter(r io.Reader) *Counter { return &Counter{r: r} }

func (c *Counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.N += n
	if err != nil && err != io.EOF {
		c.Failed = err
	}
	return n, err
}
