package redact

import (
	"strings"
	"unicode"
)

const (
	// Searched is how much of a body an Excerpt is taken from, in bytes.
	Searched = 8 << 10
	// maxExcerpt is how long an Excerpt is at most, in bytes.
	maxExcerpt = 300
)

// Excerpt returns the beginning of an error's body as one line without secrets; whole
// tells whether the body has its end. A body that speaks of an access_token is not shown
// at all: there is no telling what of it is one. Nor is a body that has a very short
// secret in it, since cutting that out everywhere would spell it, nor one with a secret in hex or
// in base64, or broken into lines, nor one in an encoding that cannot be searched. Half a secret cannot be found, so where the end of the body is
// missing nothing near it is shown.
func Excerpt(body []byte, whole bool, secrets ...string) string {
	if len(body) > Searched {
		body, whole = body[:Searched], false
	}
	text := string([]rune(string(body))) // each byte that is not UTF-8 becomes a U+FFFD
	if strings.ContainsRune(text, 0) || New("access_token").In(text) {
		return ""
	}
	all := New("")
	for _, s := range secrets {
		secret := New(s)
		if secret.Short() && secret.In(text) {
			return ""
		}
		all = all.And(secret)
	}
	text = all.hide(text, !whole)
	for _, s := range secrets {
		if hasEncoded(text, s) {
			return ""
		}
	}
	if line := oneLine(text); whole || len(line) >= 4*maxExcerpt {
		return cut(line, maxExcerpt)
	}
	return ""
}

// OneLine returns the beginning of a text, without line ends and other controls, and
// without what is not UTF-8.
func OneLine(text string, limit int) string {
	return cut(oneLine(strings.ToValidUTF8(text, "")), limit)
}

func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func cut(line string, limit int) string {
	if len(line) > limit {
		line = strings.ToValidUTF8(line[:limit], "") + "…"
	}
	return line
}
