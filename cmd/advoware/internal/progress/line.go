// Package progress shows on a terminal how far many calls are, on one line that is written
// over, and lets what is written beside it have lines of its own.
package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// every is how long a line stands before it is written over.
const every = 200 * time.Millisecond

// Line is the last line of a terminal. What is written to it goes above that line. Make it
// with [New], and end it with End. It is safe for concurrent use; a
// nil Line shows nothing.
type Line struct {
	to    io.Writer
	width func() int

	mu    sync.Mutex
	shown int  // characters that stand there
	open  bool // what was written has no line end yet
	ended bool
	stop  chan struct{}
}

// New returns a Line on a terminal that has so many characters on a line. Nothing is shown
// before Start.
func New(to io.Writer, width func() int) *Line {
	return &Line{to: to, width: width, stop: make(chan struct{})}
}

// Start shows text, and what it is by then five times a second. It is called once at most.
func (l *Line) Start(text func() string) {
	if l == nil {
		return
	}
	l.show(text())
	go func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				l.show(text())
			case <-l.stop:
				return
			}
		}
	}()
}

// Write writes above the line.
func (l *Line) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
	n, err := l.to.Write(p)
	if n > 0 {
		l.open = p[n-1] != '\n'
	}
	return n, err
}

// End takes the line away and writes last in its place, if that is not empty. It may be
// called more than once.
func (l *Line) End(last string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.ended = true
	close(l.stop)
	l.clear()
	if last != "" {
		_, _ = io.WriteString(l.to, last+"\n")
	}
}

// show writes the line anew.
func (l *Line) show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.open {
		return
	}
	if most := l.width() - 1; utf8.RuneCountInString(text) > most { // the last column would begin a new line
		text = string([]rune(text)[:max(most, 0)])
	}
	n := utf8.RuneCountInString(text)
	_, _ = fmt.Fprintf(l.to, "\r%s%s", text, strings.Repeat(" ", max(l.shown-n, 0)))
	l.shown = max(n, l.shown) // the cursor stands behind what was wiped
}

func (l *Line) clear() {
	if l.shown > 0 {
		_, _ = fmt.Fprintf(l.to, "\r%s\r", strings.Repeat(" ", l.shown))
		l.shown = 0
	}
}
