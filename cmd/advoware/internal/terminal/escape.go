package terminal

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Escaper writes text of others to a terminal. What a terminal would act on is written as
// an escape: control characters but for line ends and tabs, and what changes the direction
// of writing or cannot be seen. Within JSON strings these are the escapes of JSON, so that
// the value stays the same. Bytes that are no UTF-8 are written as \xNN.
//
// Make it with [NewEscaper]. It is for one goroutine at a time.
type Escaper struct {
	// JSON says that the text is JSON, in which a carriage return is space. Elsewhere one
	// without a line end would let text be written over.
	JSON bool

	to   io.Writer
	rest []byte // the beginning of a character
	out  []byte
}

// NewEscaper returns an Escaper that writes to w.
func NewEscaper(w io.Writer) *Escaper { return &Escaper{to: w} }

// Write writes p; a character whose end is missing waits for it.
func (e *Escaper) Write(p []byte) (int, error) {
	text := p
	if len(e.rest) > 0 {
		text = append(e.rest, p...)
	}
	e.out = e.out[:0]
	for len(text) > 0 && utf8.FullRune(text) {
		r, size := utf8.DecodeRune(text)
		if r == '\r' && !e.JSON {
			if len(text) == 1 {
				break
			}
			if text[1] == '\n' {
				e.out = append(e.out, '\r')
				text = text[1:]
				continue
			}
		}
		if r == '\r' && e.JSON {
			e.out = append(e.out, ' ')
		} else {
			e.out = appendEscaped(e.out, r, text[:size])
		}
		text = text[size:]
	}
	e.rest = append([]byte(nil), text...)
	if _, err := e.to.Write(e.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what waits for the end of a character that does not come.
func (e *Escaper) Flush() error {
	e.out = e.out[:0]
	for _, c := range e.rest {
		e.out = fmt.Appendf(e.out, `\x%02x`, c)
	}
	e.rest = nil
	_, err := e.to.Write(e.out)
	return err
}

// Escape returns text as an [Escaper] writes it.
func Escape(text string) string {
	var out []byte
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		out = appendEscaped(out, r, []byte(text[:size]))
		text = text[size:]
	}
	return string(out)
}

// appendEscaped appends r, which is written as in.
func appendEscaped(out []byte, r rune, in []byte) []byte {
	switch {
	case r == utf8.RuneError && len(in) == 1:
		return fmt.Appendf(out, `\x%02x`, in[0])
	case r == '\n', r == '\t', unicode.IsPrint(r), unicode.Is(unicode.Zs, r):
		return append(out, in...)
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
