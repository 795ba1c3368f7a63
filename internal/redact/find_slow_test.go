package redact_test

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/internal/redact"
)

// slowSecret is how a secret was found before the search became fast: each layer of a text
// is kept with the place that each byte comes from. The fast one must find the same.
type slowSecret struct {
	secret   string
	fold     folding
	anchor   string
	patterns []string
}

func newSlow(secret string) *slowSecret {
	return &slowSecret{secret: secret, fold: folding{anyCase: true}}
}

func newSlowToken(secret string) *slowSecret {
	return &slowSecret{secret: secret, anchor: longestWord(secret)}
}

func (s *slowSecret) hide(text string, cut bool) string {
	if len(text) > redact.Limit {
		return s.hide(text[:redact.Limit], true) + "…"
	}
	spans := s.find(text, cut)
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.begin])
		b.WriteString(redact.Mark)
		at = s.end
	}
	b.WriteString(text[at:])
	return b.String()
}

// spell finds the patterns: the secret as it is, but for what makes no difference, and
// with all in it that looks like an escape taken for one.
func (s *slowSecret) spell() {
	var views []string
	s.each(s.secret, func(v view) { views = append(views, string(v.text)) })
	folded, plain := views[0], views[len(views)-1]
	if plain == "" && !s.fold.slashes { // nothing but backslashes, which usually count for nothing
		s.fold.slashes = true
		s.spell()
		return
	}
	s.patterns = []string{plain}
	if folded != plain {
		s.patterns = append(s.patterns, folded)
	}
}

// span is a part of a text.
type span struct{ begin, end int }

// find returns where in a text the secret is, in order, also as quoted-printable.
func (s *slowSecret) find(text string, cut bool) []span {
	spans, plain, from, rest := s.findPlain(text, cut), "", []int{}, text
	if half := halfQuoted.FindStringIndex(text); cut && half != nil {
		rest = text[:half[0]]
	}
	escapes, at := append(quotedPrintable.FindAllStringIndex(rest, -1), []int{len(rest), len(rest)}), 0
	for _, escape := range escapes {
		for plain += rest[at:escape[0]]; at < escape[0]; at++ {
			from = append(from, at)
		}
		if at = escape[1]; at-escape[0] == 3 && isHex(rest[escape[0]+1]) {
			c, _ := hex(rest[escape[0]+1 : at])
			plain, from = plain+string([]byte{byte(c)}), append(from, escape[0])
		}
	}
	from = append(from, len(text)) // the end
	for _, one := range s.findPlain(plain, cut) {
		spans = append(spans, span{from[one.begin], from[one.end]})
	}
	return merged(spans)
}

// findPlain is find without that. If the text broke off, a beginning of the secret counts.
func (s *slowSecret) findPlain(text string, cut bool) []span {
	if s.secret == "" || !cut && s.absent(text) {
		return nil
	}
	if s.patterns == nil {
		s.spell()
	}
	spans := s.spans(text, len(text), cut)
	if end := lastEscape(text); cut && end < len(text) {
		spans = append(spans, s.spans(text[:end], len(text), cut)...)
	}
	return merged(spans)
}

// each calls f with the text and with what is left of it, one layer of escapes after
// another.
func (s *slowSecret) each(text string, f func(view)) {
	v := s.fold.view(text)
	f(v)
	for range layers {
		next, changed := s.fold.decode(v)
		if !changed {
			return
		}
		v = next
		f(v)
	}
}

// spans returns where in a text the secret is, in no order. If the text broke off, a
// beginning of the secret at its end counts, and is hidden up to the end given.
func (s *slowSecret) spans(text string, end int, cut bool) (spans []span) {
	const few = 4 // bytes that give nothing away
	s.each(text, func(v view) {
		for _, pattern := range s.patterns {
			for _, found := range occurrences(v.text, pattern) {
				at := span{int(v.from[found.begin]), int(v.from[found.end])}
				for strings.HasSuffix(s.secret, `\`) && at.end < len(text) && text[at.end] == '\\' {
					at.end++
				}
				spans = append(spans, at)
			}
			if !cut {
				continue
			}
			if n := overlap(v.text, pattern); n > few {
				spans = append(spans, span{int(v.from[len(v.text)-n]), end})
			}
		}
	})
	return spans
}

// A text may have the beginning of an escape right before a secret, and what comes
// after it be taken for more of the secret's last one. Of a long secret it is enough
// to find all but so much of its ends.
const (
	firstBytes = 12
	lastBytes  = 4
	long       = 2 * (firstBytes + lastBytes)
)

// occurrences returns where in a view a pattern is, or nearly is.
func occurrences(text []byte, pattern string) []span {
	found := exactly(text, pattern)
	if len(pattern) < long {
		return found
	}
	at := 0
	for _, whole := range slices.Concat(found, []span{{len(text), len(text)}}) {
		for _, core := range exactly(text[at:whole.begin], pattern[firstBytes:len(pattern)-lastBytes]) {
			found = append(found, span{max(0, at+core.begin-firstBytes), min(len(text), at+core.end+lastBytes)})
		}
		at = whole.end
	}
	return found
}

func exactly(text []byte, pattern string) (found []span) {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(pattern))
		if i < 0 {
			return found
		}
		at += i + len(pattern)
		found = append(found, span{at - len(pattern), at})
	}
}

// overlap returns how many bytes at the end of a text a pattern begins with, all of the
// pattern excepted.
func overlap(text []byte, pattern string) int {
	text = text[max(0, len(text)-len(pattern)+1):]
	// The algorithm of Knuth, Morris and Pratt: borders[i] is the same of the pattern
	// with its own first i+1 bytes.
	borders := make([]int, len(pattern))
	for i, n := 1, 0; i < len(pattern); i++ {
		for n > 0 && pattern[i] != pattern[n] {
			n = borders[n-1]
		}
		if pattern[i] == pattern[n] {
			n++
		}
		borders[i] = n
	}
	n := 0
	for _, c := range text { // shorter than the pattern
		for n > 0 && c != pattern[n] {
			n = borders[n-1]
		}
		if c == pattern[n] {
			n++
		}
	}
	return n
}

// lastEscape returns where an escape begins that broke off with the text, the end of
// the text if none did.
func lastEscape(text string) int {
	const longest = 16
	at := strings.LastIndexAny(text, `\%&`)
	if at < 0 || len(text)-at > longest {
		return len(text)
	}
	return len(strings.TrimRight(text[:at], `\%`))
}

// merged puts spans in order and makes one of those that overlap.
func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(a.begin-b.begin, a.end-b.end) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.begin < out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// absent reports that the secret is not in a text, without a look at each byte: its
// longest word is not, nor is there an escape for a letter or a digit.
func (s *slowSecret) absent(text string) bool {
	return s.anchor != "" && !strings.Contains(text, s.anchor) && !spellsWords(text)
}

// spellsWords reports whether a text has an escape that stands for a letter, a digit,
// or what another escape is made of.
func spellsWords(text string) bool {
	for _, sign := range []byte{'\\', '%', '&'} {
		for rest := text; ; {
			i := strings.IndexByte(rest, sign)
			if i < 0 {
				break
			}
			meant, size := decoded(rest[i:])
			for _, c := range meant {
				if isWord(c) || strings.IndexByte(`\%#;`, c) >= 0 || c == '&' && strings.HasPrefix(rest[i+size:], "#") {
					return true
				}
			}
			rest = rest[i+max(1, size):]
		}
	}
	return false
}

// decoded reads an escape as far as it may be one for a word. A backslash before a
// letter that is no escape of JSON's is none: nobody writes a letter so.
func decoded(text string) (meant []byte, size int) {
	switch text[0] {
	case '%':
		return percent(text)
	case '&':
		return entityOfWord(text)
	}
	run := len(text) - len(strings.TrimLeft(text, `\`))
	if run == len(text) || !strings.ContainsRune("uUxX0123", rune(text[run])) {
		return nil, run
	}
	meant, size = folding{}.slashed(text[run-1:])
	if size == 2 {
		meant = nil
	}
	return meant, run - 1 + size
}

// entityOfWord is entity without a look at the names of HTML: of these, only a few mean
// something that another escape is made of.
func entityOfWord(text string) (meant []byte, size int) {
	size = 1
	for strings.HasPrefix(text[size:], "amp;") {
		size += len("amp;")
	}
	for _, name := range []string{"#", "bsol;", "percnt;", "num;", "semi;", "amp"} {
		if strings.HasPrefix(text[size:], name) {
			return entity(text)
		}
	}
	if size > 1 {
		return []byte{'&'}, size
	}
	return nil, 0
}

// longestWord returns the first of the longest runs of letters and digits.
func longestWord(secret string) (word string) {
	for w := range strings.FieldsFuncSeq(secret, func(r rune) bool { return r >= 0x80 || !isWord(byte(r)) }) {
		if len(w) > len(word) {
			word = w
		}
	}
	return word
}

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
