// Package redact removes a secret from text that others wrote: a server may repeat what
// it was sent.
//
// The secret is found as it is and as programs spell it: escaped for JSON, for a URL
// or for HTML, or as C and others escape bytes, once or more, one within another, any of its
// bytes or all of them, and in a wrong encoding; and all that as quoted-printable. It finds too much rather than too little. The cost is linear in the length
// of any text, and no more than [Limit] of a text is searched or shown.
//
// A Secret is safe for concurrent use. See ARCHITECTURE.md for where it is used.
package redact

import (
	"strings"
	"sync"
	"unsafe"

	"github.com/advoware-go/advoware/internal/redact/internal/coded"
)

const (
	// Mark stands where a secret was.
	Mark = "[redacted]"
	// Limit is how much of a text is searched, in bytes; the rest is not shown.
	Limit = 128 << 10
)

// Secret is what must not be shown. It prints as itself: keep it out of what is
// printed.
type Secret struct {
	secret string
	fold   folding
	anchor string // letters and digits of it, as they are; "" if it is to be found in any case
	rare   int    // a place in the anchor

	encoded bool    // hidden in hex and in base64 too
	also    *Secret // hidden too; nil for none

	coding sync.Once
	forms  coded.Forms // of an encoded one

	once     sync.Once // for what only a thorough search needs
	patterns []string  // that views have in them where the secret is
}

// New returns a Secret that is found in capitals too, a password for one.
func New(secret string) *Secret {
	return &Secret{secret: secret, fold: folding{anyCase: true}}
}

// NewToken returns a Secret whose case counts. It is found faster.
func NewToken(secret string) *Secret {
	anchor := longestWord(secret)
	return &Secret{secret: secret, anchor: anchor, rare: rarely(anchor)}
}

// And returns a Secret that hides s and other.
func (s *Secret) And(other *Secret) *Secret {
	return &Secret{secret: s.secret, fold: s.fold, anchor: s.anchor, rare: s.rare, encoded: s.encoded, also: other.with(s.also)}
}

func (s *Secret) with(also *Secret) *Secret {
	if also == nil {
		return s
	}
	return s.And(also)
}

// spell finds the patterns: the secret as it is, but for what makes no difference, and
// with all in it that looks like an escape taken for one.
func (s *Secret) spell() {
	if s.fold.kept(s.secret, 0) == len(s.secret) && !strings.ContainsAny(s.secret, escapes) {
		s.patterns = []string{s.secret}
		return
	}
	var views []string
	v := s.fold.begin()
	defer v.end()
	v.each(s.secret, func(view string) { views = append(views, strings.Clone(view)) })
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

// shortest is how long a secret must be for its place in a text not to give it away.
const shortest = 4

// Short reports whether the secret is so short that to take it out of a text in which
// it stands everywhere would spell it.
func (s *Secret) Short() bool { return len(s.secret) < shortest }

// In reports whether the secret is in the text, as far as that is searched.
func (s *Secret) In(text string) bool {
	return len(s.find(text[:min(len(text), Limit)], false)) > 0 || s.also != nil && s.also.In(text)
}

// Hide returns the text with a Mark in place of the secret. A text beyond Limit is cut
// there, which shows.
func (s *Secret) Hide(text string) string {
	if len(text) > Limit {
		return s.HideCut(text[:Limit]) + "…"
	}
	return s.hide(text, false)
}

// HideCut is Hide for a text that broke off, maybe in the middle of the secret: its
// beginning is hidden at the end of the text.
func (s *Secret) HideCut(text string) string {
	if len(text) > Limit {
		return s.HideCut(text[:Limit]) + "…"
	}
	return s.hide(text, true)
}

// HideIn is Hide for bytes, and HideCut too if the text broke off. It returns text itself if
// there is nothing to hide, and copies it only else: nearly always there is nothing.
func (s *Secret) HideIn(text []byte, cut bool) []byte {
	shown := unsafe.String(unsafe.SliceData(text), len(text)) // nobody writes to it meanwhile
	hidden := s.Hide(shown)
	if cut {
		hidden = s.HideCut(hidden)
	}
	if len(hidden) == len(shown) && unsafe.StringData(hidden) == unsafe.StringData(shown) {
		return text
	}
	return []byte(hidden)
}

// hide looks for all secrets before it hides any: one may begin with another, or overlap it, and
// what was left of it would be shown.
func (s *Secret) hide(text string, cut bool) string {
	spans := s.find(text, cut)
	if s.also != nil {
		for one := s.also; one != nil; one = one.also {
			spans = append(spans, one.find(text, cut)...)
		}
		spans = merged(spans)
	}
	return replace(text, spans)
}

// span is a part of a text.
type span struct{ begin, end int }

func replace(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.begin])
		b.WriteString(Mark)
		at = s.end
	}
	b.WriteString(text[at:])
	return b.String()
}
