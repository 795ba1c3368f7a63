package redact

import "strings"

// A view is a text with less of what makes no difference. Where in the text its bytes come
// from is not kept, but found out by making it once more: nearly no text has a secret in it.

// folding says what makes no difference.
type folding struct {
	anyCase bool
	slashes bool // backslashes count
}

// lost stands for what is not ASCII, and may have been lost on the way.
const lost = '?'

// byte returns what stands for a byte. A space may be a plus sign, in a query; a
// control character is the letter that it is escaped by.
func (f folding) byte(c byte) byte {
	switch {
	case c >= 0x80:
		return lost
	case c == '+':
		return ' '
	case f.anyCase && 'A' <= c && c <= 'Z':
		return c | 0x20
	case '\b' <= c && c <= '\r' && c != '\v':
		return "btn\vfr"[c-'\b']
	}
	return c
}

// kept has the bytes that stand for themselves, with anyCase and without, but for lost, of
// which several may count as one.
var kept = func() (tables [2][256]bool) {
	for i := range tables {
		f := folding{anyCase: i == 1}
		for c := range tables[i] {
			tables[i][c] = f.byte(byte(c)) == byte(c) && c != lost
		}
	}
	return tables
}()

func (f folding) kept() *[256]bool {
	if f.anyCase {
		return &kept[1]
	}
	return &kept[0]
}

// writer makes a view of a text.
type writer struct {
	folding
	strings.Builder
	last byte
	// want are places in the view, in order, and got is where in the text they are, if
	// they are known already.
	want, got []int
}

// sole reports whether a byte that follows the same one is left out. There is no telling
// how many of what is lost there were.
func (w *writer) sole(c byte) bool { return c == lost || c == '\\' && w.slashes }

// byte appends what stands for a byte that begins at from.
func (w *writer) byte(c byte, from int) {
	c = w.folding.byte(c)
	if w.Len() > 0 && w.last == c && w.sole(c) {
		return
	}
	if len(w.want) > 0 {
		w.locate(1, from)
	}
	w.WriteByte(c)
	w.last = c
}

// run appends bytes that stand for themselves, from there on.
func (w *writer) run(text string, from int) {
	if len(text) == 0 {
		return
	}
	if c := text[0]; w.Len() > 0 && w.last == c && w.sole(c) {
		if text, from = text[1:], from+1; len(text) == 0 {
			return
		}
	}
	if len(w.want) > 0 {
		w.locate(len(text), from)
	}
	w.WriteString(text)
	w.last = text[len(text)-1]
}

// locate tells where the places in the next size bytes of the view are, which begin at from.
func (w *writer) locate(size, from int) {
	n := w.Len()
	for len(w.want) > 0 && w.want[0] < n+size {
		w.got = append(w.got, from+w.want[0]-n)
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
	w.Grow(len(text))
	kept := w.kept()
	for at := 0; at < len(text); {
		begin := at
		for at < len(text) && (kept[text[at]] && (text[at] != '\\' || !w.slashes)) {
			at++
		}
		w.run(text[begin:at], begin)
		if at < len(text) {
			w.byte(text[at], at)
			at++
		}
	}
	w.end(text)
}

// folded reports whether a text is its own view.
func (f folding) folded(text string) bool {
	kept := f.kept()
	for i := range len(text) {
		if !kept[text[i]] {
			return false
		}
	}
	return !f.slashes || strings.IndexByte(text, '\\') < 0
}

// layers is how often one escape is looked for in what another one stands for.
const layers = 4

// decode writes a view in which each escape of another view is what it stands for, and
// reports whether there were any.
func (w *writer) decode(text string) (changed bool) {
	s := newSigns(text)
	for at := 0; ; {
		next := s.next(at)
		if next == len(text) && at == 0 {
			return false
		}
		if at == 0 {
			w.Grow(len(text))
		}
		w.run(text[at:next], at)
		if at = next; at == len(text) {
			break
		}
		var room [16]byte
		meant, n := w.escape(room[:0], text[at:])
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

// each calls do with a text, folded, and with what is left of it, one layer of escapes after
// another.
func (f folding) each(text string, do func(view string)) {
	if !f.folded(text) {
		w := writer{folding: f}
		w.view(text)
		text = w.String()
	}
	do(text)
	for range layers {
		w := writer{folding: f}
		if !w.decode(text) {
			return
		}
		text = w.String()
		do(text)
	}
}

// origins returns where in the text places in a view of it are, which are in order. above are
// the views before it, the first one first.
func (f folding) origins(text string, above []string, places []int) []int {
	for i := len(above) - 1; i >= 0; i-- {
		w := writer{folding: f, want: places}
		w.decode(above[i])
		places = w.got
	}
	if f.folded(text) { // it is its own view
		return places
	}
	w := writer{folding: f, want: places}
	w.view(text)
	return w.got
}
