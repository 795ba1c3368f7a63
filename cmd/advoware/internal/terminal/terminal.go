// Package terminal says what may be written where: whether a stream is a terminal, how wide
// it is, whether it may have colour, and how text of others is shown on one without driving
// it.
package terminal

import (
	"runtime"

	"golang.org/x/term"
)

// Is reports whether a stream, an *os.File for one, is a terminal.
func Is(stream any) bool {
	fd, ok := descriptor(stream)
	return ok && term.IsTerminal(fd)
}

// usualWidth is that of a terminal which does not know its own.
const usualWidth = 80

// Width returns how many characters a line of the terminal has; 80 if that is not known.
func Width(stream any) int {
	if fd, ok := descriptor(stream); ok {
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			return width
		}
	}
	return usualWidth
}

// Colour reports whether text for the stream may have colours: it is a terminal that has
// them, and NO_COLOR (https://no-color.org) is empty or not set.
func Colour(stream any, getenv func(string) string) bool {
	return Is(stream) && !Dumb(getenv) && getenv("NO_COLOR") == "" && runtime.GOOS != "windows"
}

// Dumb reports whether the terminal is one that cannot go back in a line, as TERM says.
func Dumb(getenv func(string) string) bool {
	return getenv("TERM") == "dumb" || getenv("TERM") == "" && runtime.GOOS != "windows"
}

func descriptor(stream any) (int, bool) {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	return int(f.Fd()), true
}
