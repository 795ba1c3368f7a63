package redact

// A view is a text with less of what makes no difference, and where in the text each
// byte of it comes from.
type view struct {
	text []byte
	from []int32 // one more than text: where that begins, and where the last one ends
}

func newView(size int) view {
	return view{make([]byte, 0, size), make([]int32, 0, size+1)}
}

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

// add appends what stands for a byte that begins there. There is no telling how many
// of what is lost there were.
func (f folding) add(v *view, c byte, from int32) {
	c = f.byte(c)
	if n := len(v.text); n > 0 && v.text[n-1] == c && (c == lost || c == '\\' && f.slashes) {
		return
	}
	v.text = append(v.text, c)
	v.from = append(v.from, from)
}

// view returns the text itself, folded.
func (f folding) view(text string) view {
	v := newView(len(text))
	for i := range len(text) {
		f.add(&v, text[i], int32(i))
	}
	v.from = append(v.from, int32(len(text)))
	return v
}

// layers is how often one escape is looked for in what another one stands for.
const layers = 4

// decode returns a view in which each escape is what it stands for, and whether there
// were any.
func (f folding) decode(v view) (view, bool) {
	out, text := newView(len(v.text)), string(v.text)
	changed := false
	for at := 0; at < len(text); {
		var n int // bytes that the escape has
		var meant []byte
		switch text[at] {
		case '\\':
			meant, n = f.slashed(text[at:])
		case '%':
			meant, n = percent(text[at:])
		case '&':
			meant, n = entity(text[at:])
		}
		if n == 0 {
			f.add(&out, text[at], v.from[at])
			at++
			continue
		}
		changed = true
		for _, c := range meant {
			f.add(&out, c, v.from[at])
		}
		at += n
	}
	out.from = append(out.from, v.from[len(text)])
	return out, changed
}
