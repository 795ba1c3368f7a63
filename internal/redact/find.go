package redact

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// find returns where in a text the secret is, in order. If the text broke off, a
// beginning of the secret at its end counts.
func (s *Secret) find(text string, cut bool) []span {
	if s.secret == "" {
		return nil
	}
	spans := s.findPlain(text, cut)
	if l := printable(text, cut); l != nil {
		for _, one := range s.findPlain(string(l.text), cut) {
			spans = append(spans, l.origin(one))
		}
		spans = merged(spans)
	}
	if end := strings.TrimRight(text, "\ufffd"); strings.HasSuffix(text, "\ufffd") { // it broke off inside a character
		spans = merged(append(spans, s.find(end, true)...))
	}
	return spans
}

// findPlain is find for a text that is not quoted-printable.
func (s *Secret) findPlain(text string, cut bool) []span {
	spans := s.codes(text, cut)
	if !cut && s.absent(text) {
		return merged(spans)
	}
	s.once.Do(s.spell)
	spans = append(spans, s.spans(text, len(text), cut)...)
	if cut {
		if end := lastEscape(text); end < len(text) {
			spans = append(spans, s.spans(text[:end], len(text), cut)...)
		}
	}
	return merged(spans)
}

// spans returns where in a text the secret is, in no order. If the text broke off, a
// beginning of the secret at its end counts, and is hidden up to the end given.
func (s *Secret) spans(text string, end int, cut bool) (spans []span) {
	const few = 4 // bytes that give nothing away
	v := s.fold.begin()
	defer v.end()
	v.each(text, func(view string) {
		var found []span
		tail := -1 // where the beginning of a secret at the end begins
		for _, pattern := range s.patterns {
			found = append(found, occurrences(view, pattern)...)
			if !cut {
				continue
			}
			if n := overlap(view, pattern); n > few && (tail < 0 || len(view)-n < tail) {
				tail = len(view) - n
			}
		}
		spans = append(spans, s.located(text, v, found)...)
		if tail >= 0 {
			spans = append(spans, span{v.origins(text, []int{tail})[0], end})
		}
	})
	return spans
}

// located returns where in the text spans of the view of it are that v is at.
func (s *Secret) located(text string, v *views, found []span) []span {
	if len(found) == 0 {
		return nil
	}
	places := make([]int, 0, 2*len(found))
	for _, f := range found {
		places = append(places, f.begin, f.end)
	}
	slices.Sort(places)
	at := v.origins(text, places)
	for i, f := range found {
		f = span{at[sort.SearchInts(places, f.begin)], at[sort.SearchInts(places, f.end)]}
		for strings.HasSuffix(s.secret, `\`) && f.end < len(text) && text[f.end] == '\\' {
			f.end++
		}
		found[i] = f
	}
	return found
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
func occurrences(view, pattern string) []span {
	if len(pattern) < long {
		return exactly(nil, view, pattern, 0)
	}
	core := pattern[firstBytes : len(pattern)-lastBytes]
	first := index(view, core)
	if first < 0 { // nor is there all of it
		return nil
	}
	from := max(0, first-firstBytes) // there is no whole one before that
	found := exactly(nil, view[from:], pattern, from)
	wholes, at := len(found), first
	for i := range wholes + 1 {
		next := span{len(view), len(view)}
		if i < wholes {
			next = found[i]
		}
		for _, c := range exactly(nil, view[min(at, next.begin):next.begin], core, at) {
			found = append(found, span{max(0, c.begin-firstBytes), min(len(view), c.end+lastBytes)})
		}
		at = next.end
	}
	return found
}

// exactly appends where in a text a pattern is. The text begins at from.
func exactly(found []span, text, pattern string, from int) []span {
	for at := 0; ; {
		i := index(text[at:], pattern)
		if i < 0 {
			return found
		}
		at += i + len(pattern)
		found = append(found, span{from + at - len(pattern), from + at})
	}
}

// index is strings.Index, which is several times as fast for a short pattern as for a long
// one: where the beginning is not, the rest is not looked for.
func index(text, pattern string) int {
	const short = 32
	if len(pattern) <= 2*short-1 {
		return strings.Index(text, pattern)
	}
	at := 0
	for range 4 + len(text)/len(pattern) { // beginnings; of a pattern that repeats itself there may be one at each byte
		n := strings.Index(text[at:], pattern[:short])
		if n < 0 {
			return -1
		}
		if at += n; strings.HasPrefix(text[at:], pattern) {
			return at
		}
		at++
	}
	if n := strings.Index(text[at:], pattern); n >= 0 {
		return at + n
	}
	return -1
}

// overlap returns how many bytes at the end of a text a pattern begins with, all of the
// pattern excepted.
func overlap(text, pattern string) int {
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
	for i := range len(text) { // shorter than the pattern
		c := text[i]
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
	from := max(0, len(text)-longest)
	at := strings.LastIndexAny(text[from:], `\%&`)
	if at < 0 {
		return len(text)
	}
	return len(strings.TrimRight(text[:from+at], `\%`))
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
