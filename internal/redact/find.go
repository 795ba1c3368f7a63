package redact

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// find returns where in a text the secret is, in order. If the text broke off, a
// beginning of the secret at its end counts.
func (s *Secret) find(text string, cut bool) []span {
	if s.secret == "" || !cut && s.absent(text) {
		return nil
	}
	s.once.Do(s.spell)
	spans := s.spans(text, len(text), cut)
	if end := lastEscape(text); cut && end < len(text) {
		spans = append(spans, s.spans(text[:end], len(text), cut)...)
	}
	return merged(spans)
}

// each calls f with the text and with what is left of it, one layer of escapes after
// another.
func (s *Secret) each(text string, f func(view)) {
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
func (s *Secret) spans(text string, end int, cut bool) (spans []span) {
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
func (s *Secret) absent(text string) bool {
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
	if run == len(text) || text[run]|0x20 != 'u' && text[run]|0x20 != 'x' {
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
