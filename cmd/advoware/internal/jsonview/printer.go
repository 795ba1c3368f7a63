// Package jsonview shows JSON to people while it arrives: a line for each member, in colours
// if they are wanted. Nothing but the space between is changed: numbers, strings, the order
// of members and members that are there twice stay as they are. Memory does not depend on
// the length of the text.
package jsonview

import (
	"bufio"
	"errors"
	"io"
)

// Options of a [Printer].
type Options struct {
	// Plain writes the text as it comes, and only looks whether it is JSON.
	Plain bool
	// Colour marks names, texts, numbers and words by the escape sequences of terminals.
	Colour bool
}

// Printer writes JSON. What does not belong there, and all that follows, is written as it
// is. Make it with [New]; it is for one goroutine at a time.
type Printer struct {
	Options
	to      *bufio.Writer
	scan    scanner
	wrong   error
	empty   bool // the last thing was an opening bracket
	newLine bool // the last byte was a line end
	some    bool // something was written
	colour  bool // one is set
}

// New returns a Printer that writes to w. Close it.
func New(w io.Writer, o Options) *Printer {
	return &Printer{Options: o, to: bufio.NewWriterSize(w, 32<<10)}
}

// Write writes the next part of the text.
func (p *Printer) Write(text []byte) (int, error) {
	for i := range text {
		if p.wrong != nil || p.Plain {
			if _, err := p.as(text[i:]); err != nil {
				return 0, err
			}
			break
		}
		kind, err := p.scan.next(text[i])
		if err != nil {
			p.end()
			p.wrong = err
			if _, err := p.as(text[i:]); err != nil {
				return 0, err
			}
			break
		}
		if err := p.put(kind, text[i]); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}

// as writes text as it is.
func (p *Printer) as(text []byte) (int, error) {
	for i := 0; i < len(text) && p.wrong == nil; i++ {
		_, p.wrong = p.scan.next(text[i])
	}
	if len(text) > 0 {
		p.some, p.newLine = true, text[len(text)-1] == '\n'
	}
	return p.to.Write(text)
}

// Close writes what is left and a final line end. Its error is that of a write, or says that
// the text was not JSON; then errors.Is finds ErrNotJSON.
func (p *Printer) Close() error {
	p.end()
	if p.some && !p.newLine {
		_ = p.to.WriteByte('\n')
	}
	if err := p.to.Flush(); err != nil {
		return err
	}
	if p.wrong == nil {
		p.wrong = p.scan.end()
	}
	if p.wrong != nil {
		return notJSON{p.wrong}
	}
	return nil
}

// ErrNotJSON is matched by the error of a text that is not JSON.
var ErrNotJSON = errors.New("not JSON")

type notJSON struct{ why error }

func (e notJSON) Error() string        { return e.why.Error() }
func (e notJSON) Is(target error) bool { return target == ErrNotJSON }

// widest is how many levels are shown by more space: output would grow with the square of the depth.
const widest = 40

const indent = "  "

// put writes a byte, and what makes it readable.
func (p *Printer) put(kind what, c byte) error {
	if kind == space {
		p.end()
		return nil
	}
	if kind != within && kind != ends {
		p.end()
		if p.empty != (kind == shut) {
			p.line(kind)
		}
		p.begin(kind)
	}
	p.empty, p.some = kind == open, true
	err := p.to.WriteByte(c)
	switch kind {
	case comma:
		p.line(kind)
	case colon:
		err = p.to.WriteByte(' ')
	case ends:
		p.end()
	}
	return err
}

// line begins the line of a byte of that kind, or of what follows a comma.
func (p *Printer) line(kind what) {
	_ = p.to.WriteByte('\n') // a bufio.Writer remembers its error
	depth := len(p.scan.stack)
	if kind == open {
		depth-- // it is on the stack already
	}
	for range min(depth, widest) {
		_, _ = p.to.WriteString(indent)
	}
}

// The colours, by what they are for.
const (
	blue    = "\x1b[1;34m"
	green   = "\x1b[32m"
	cyan    = "\x1b[36m"
	magenta = "\x1b[35m"
	reset   = "\x1b[0m"
)

func (p *Printer) begin(kind what) {
	if !p.Colour {
		return
	}
	p.colour = true
	switch kind {
	case keyBegins:
		_, _ = p.to.WriteString(blue)
	case stringBegins:
		_, _ = p.to.WriteString(green)
	case numberBegins:
		_, _ = p.to.WriteString(cyan)
	case wordBegins:
		_, _ = p.to.WriteString(magenta)
	default:
		p.colour = false
	}
}

// end ends a colour.
func (p *Printer) end() {
	if p.colour {
		_, _ = p.to.WriteString(reset)
		p.colour = false
	}
}
