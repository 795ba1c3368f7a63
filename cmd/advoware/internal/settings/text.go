package settings

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Text returns the report in lines: name, value, source.
func (r *Report) Text() []byte {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range r.Settings {
		source := s.Source
		if source == File {
			source = "file " + plain(r.EnvFile)
		}
		if s.Note != "" {
			source += " (" + s.Note + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.shown(), source)
	}
	_ = w.Flush()
	for _, u := range r.Unread {
		fmt.Fprintf(&b, "%s is set, and nothing reads it", plain(u.Name))
		if u.Closer != "" {
			fmt.Fprintf(&b, ": did you mean %s?", u.Closer)
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (s *Setting) shown() string {
	switch {
	case s.Source == Missing:
		return "(none)"
	case s.Problem != "":
		return "(not usable: " + plain(s.Problem) + ")"
	case s.Secret && s.Set:
		return "(set)"
	case s.Secret:
		return "(none)"
	}
	return cmp.Or(plain(*s.Value), "(none)")
}

// plain returns text as it is if it is all printable, and quoted otherwise.
func plain(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return strconv.QuoteToASCII(text)
	}
	return text
}
