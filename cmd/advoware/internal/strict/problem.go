package strict

import (
	"fmt"
)

// Problem is why a request is refused, and with which status. Any other error is one with
// 400.
type Problem struct {
	Status int
	Text   string
}

func (p *Problem) Error() string { return p.Text }

// Refusef makes a Problem.
func Refusef(status int, format string, args ...any) error {
	return &Problem{status, fmt.Sprintf(format, args...)}
}

// Inner is an error that says by itself in which member it is.
type Inner struct{ error }

// Within makes an Inner of an error in a nested object; nil stays nil.
func Within(err error) error {
	if err == nil {
		return nil
	}
	return &Inner{err}
}

// Cut is text that others sent, short enough for an error.
func Cut(text string) string {
	if len(text) > 80 {
		return fmt.Sprintf("%q…", text[:80])
	}
	return fmt.Sprintf("%q", text)
}
