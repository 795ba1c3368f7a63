package redact

import (
	"strings"
	"unsafe"
)

// A view is a text with less of what makes no difference. Where in the text its bytes come
// from is not kept, but found out by making it once more: nearly no text has a secret in it.

// writer makes a view of a text, in the room that it is given, which is as long as the text:
// no view is longer than what it is made of.
type writer struct {
	folding
	room  []byte
	size  int // of the view
	names *names
	// want are places in the view, in order, and got is where in the text they are, if
	// they are known already.
	want, got []int
}

// text returns the view.
func (w *writer) text() string { return unsafe.String(unsafe.SliceData(w.room), w.size) }

// sole reports whether a byte is left out since it follows the same one. There is no telling
// how many of what is lost there were.
func (w *writer) sole(c byte) bool {
	return (c == lost || c == '\\' && w.slashes) && w.size > 0 && w.room[w.size-1] == c
}

// byte appends what stands for a byte that begins at from.
func (w *writer) byte(c byte, from int) {
	c = w.standing()[c]
	if w.sole(c) {
		return
	}
	if len(w.want) > 0 {
		w.locate(1, from)
	}
	w.room[w.size] = c
	w.size++
}

// run appends bytes that stand for themselves, from there on.
func (w *writer) run(text string, from int) {
	if len(text) == 0 {
		return
	}
	if w.sole(text[0]) {
		if text, from = text[1:], from+1; len(text) == 0 {
			return
		}
	}
	if len(w.want) > 0 {
		w.locate(len(text), from)
	}
	w.size += copy(w.room[w.size:], text)
}

// locate tells where the places in the next size bytes of the view are, which begin at from.
func (w *writer) locate(size, from int) {
	for len(w.want) > 0 && w.want[0] < w.size+size {
		w.got = append(w.got, from+w.want[0]-w.size)
		w.want = w.want[1:]
	}
}

// end locates places at the end of the view.
func (w *writer) end(text string) {
	for range w.want {
		w.got = append(w.got, len(text))
	}
}

// view writes the text itself, folded.
func (w *writer) view(text string) {
	for at := 0; at < len(text); {
		next := w.kept(text, at)
		w.run(text[at:next], at)
		for at = next; at < len(text) && w.standing()[text[at]] != text[at]; at++ { // one seldom comes alone
			w.byte(text[at], at)
		}
		if at == next && at < len(text) {
			w.byte(text[at], at)
			at++
		}
	}
	w.end(text)
}

// layers is how often one escape is looked for in what another one stands for.
const layers = 4

// decode writes a view in which each escape of another view is what it stands for, and
// reports whether there were any.
func (w *writer) decode(text string) (changed bool) {
	s := newSigns(text)
	if s.next(0) == len(text) {
		return false
	}
	for at := 0; ; {
		if len(w.want) == 0 && !w.slashes {
			next, some := w.quickly(text, at)
			at, changed = next, changed || some
		}
		next := s.next(at)
		w.run(text[at:next], at)
		if at = next; at == len(text) {
			break
		}
		var room [16]byte
		meant, n := w.escape(room[:0], text[at:], w.names)
		if n == 0 {
			w.byte(text[at], at)
			at++
			continue
		}
		changed = true
		for _, c := range meant {
			w.byte(c, at)
		}
		at += n
	}
	w.end(text)
	return changed
}

// quickly decodes from there on what is decoded quickly, nearly all, and returns where
// something else is: an escape of another kind, or bytes that are no escapes, so many that it
// is better to look for the next one.
func (w *writer) quickly(text string, at int) (next int, changed bool) {
	table, room, size := w.standing(), w.room[:len(text)], w.size
loop:
	for last := at; at < len(text) && at-last < nearby; { // last is where the last escape ended
		c := text[at]
		switch {
		case c == '%' && at+2 < len(text):
			octet := at + percents(text[at:])
			d := digits[text[octet]]<<4 | digits[text[octet+1]]
			if d < 0 {
				break loop
			}
			at, c = octet+2, table[byte(d)]
			last, changed = at, true
		case c == '\\' && at+5 < len(text) && text[at+1]|0x20 == 'u':
			r := digits[text[at+2]]<<12 | digits[text[at+3]]<<8 | digits[text[at+4]]<<4 | digits[text[at+5]]
			if r < 0 || r == 1 { // of eight digits, maybe
				break loop
			}
			at, c = at+6, table[byte(min(r, 0x80))]
			last, changed = at, true
		case c == '\\' || c == '%' || c == '&':
			break loop
		default:
			at++
		}
		if c != lost || size == 0 || room[size-1] != lost {
			room[size] = c
			size++
		}
	}
	w.size = size
	return at, changed
}

// signs finds where an escape may begin.
type signs struct {
	text string
	at   [3]int // the next of each
}

const (
	escapes = `\%&`
	nearby  = 16 // how far the next one is looked for byte by byte: often one follows another
)

func newSigns(text string) signs { return signs{text, [3]int{-1, -1, -1}} }

// next returns the first place from at on, the end of the text if there is none. It is asked
// for later and later places.
func (s *signs) next(at int) int {
	for near := min(at+nearby, len(s.text)); at < near; at++ {
		if c := s.text[at]; c == '\\' || c == '%' || c == '&' {
			return at
		}
	}
	first := len(s.text)
	for i := range s.at {
		if s.at[i] < at {
			n := strings.IndexByte(s.text[at:], escapes[i])
			if s.at[i] = at + n; n < 0 {
				s.at[i] = len(s.text)
			}
		}
		first = min(first, s.at[i])
	}
	return first
}
