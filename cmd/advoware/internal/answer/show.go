package answer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/jsonview"
	"github.com/advoware-go/advoware/cmd/advoware/internal/terminal"
)

// Form is how an answer is written.
type Form struct {
	Terminal bool // control characters are escaped, binary answers refused
	Raw      bool // as it was sent
	Pretty   bool // JSON a line for each member
	Colour   bool // in colours, if it is pretty
}

// ErrBinary is matched by the error of an answer that a terminal cannot show.
var ErrBinary = errors.New("the answer is no text")

// Show writes the body to w, with a final line end if it is text. An error is that of w or of
// the call.
func (a *Answer) Show(w io.Writer, f Form) error {
	switch {
	case a.Empty():
		return nil
	case a.Binary && f.Terminal:
		return fmt.Errorf("%w, which a terminal cannot show (%s): -o FILE keeps it", ErrBinary, a.kind())
	case a.Binary, f.Raw && !f.Terminal:
		return a.writeTo(w)
	case f.Raw:
		return a.escaped(w)
	}
	p := jsonview.New(w, jsonview.Options{Plain: !f.Pretty, Colour: f.Colour})
	var to io.Writer = p
	if f.Terminal {
		e := terminal.NewEscaper(p)
		e.JSON, to = true, e
	}
	err := a.writeTo(to)
	if closed := p.Close(); err == nil {
		err = closed
	}
	if errors.Is(err, jsonview.ErrNotJSON) {
		err = a.failed(fmt.Errorf("%w as a whole: %w", client.ErrNotJSON, err))
	}
	return err
}

// escaped writes what was sent to a terminal.
func (a *Answer) escaped(w io.Writer) error {
	last := &lastByte{Writer: w}
	e := terminal.NewEscaper(last)
	err := a.writeTo(e)
	if flushed := e.Flush(); err == nil {
		err = flushed
	}
	if err == nil && last.byte != '\n' {
		_, err = io.WriteString(w, "\n")
	}
	return err
}

// lastByte is a Writer that remembers the last byte.
type lastByte struct {
	io.Writer
	byte
}

func (l *lastByte) Write(text []byte) (int, error) {
	if len(text) > 0 {
		l.byte = text[len(text)-1]
	}
	return l.Writer.Write(text)
}

// kind is the Content-Type for a person.
func (a *Answer) kind() string {
	media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	return terminal.Escape(fmt.Sprintf("%.60s", media))
}

// Head returns the status line and the header of an answer, as HTTP/1.1 writes them, with an
// empty line at the end. For a terminal, control characters are escaped, and lines end as
// its own do.
func Head(proto string, status int, header http.Header, onTerminal bool) []byte {
	var b bytes.Buffer
	end := "\r\n"
	if onTerminal {
		end = "\n"
	}
	line := func(text string) {
		if onTerminal {
			text = terminal.Escape(text)
		}
		b.WriteString(text + end)
	}
	line(strings.TrimSpace(fmt.Sprintf("%s %d %s", proto, status, http.StatusText(status))))
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			line(name + ": " + value)
		}
	}
	line("")
	return b.Bytes()
}
