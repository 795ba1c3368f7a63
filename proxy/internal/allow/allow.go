// Package allow is a list of methods and paths that may be asked for, compared so that no
// spelling of a path gets around it.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package allow

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/advoware-go/advoware/internal/reserved"
)

// List is what may be asked for; an empty one permits everything.
type List []pattern

// pattern is one line of it.
type pattern struct {
	methods []string // none means all
	path    string
	below   bool // all paths that begin with path
}

// Parse reads patterns, and returns what is wrong with them.
func Parse(texts []string) (all List, problems []string) {
	for _, text := range texts {
		methods, path, ok := strings.Cut(strings.TrimSpace(text), " ")
		if !ok {
			methods, path = "", strings.TrimSpace(text)
		}
		p := pattern{path: strings.TrimSpace(path), below: strings.HasSuffix(path, "/")}
		if methods != "" {
			p.methods = strings.Split(methods, ",")
		}
		plain, why := plainPath(p.path)
		switch {
		case !strings.HasPrefix(p.path, "/"):
			problems = append(problems, fmt.Sprintf("%q has no path: it is a path that begins with a slash, with methods before it or not, such as GET,HEAD /employees", text))
		case strings.ContainsAny(p.path, "?*"):
			problems = append(problems, fmt.Sprintf("%q has a ? or a *: a pattern is one path, or, with a slash at the end, all below it", text))
		case why != "":
			problems = append(problems, fmt.Sprintf("%q never fits: a path that %s is refused", text, why))
		case slices.ContainsFunc(p.methods, func(m string) bool { return m == "" || strings.ToUpper(m) != m }):
			problems = append(problems, fmt.Sprintf("%q: methods are written in capitals, with commas between them and no spaces", text))
		}
		p.path = plain
		all = append(all, p)
	}
	return all, problems
}

// Refusal says why a request is refused, "" if it is not. Path is still escaped.
func (l List) Refusal(r *http.Request, path string) string {
	if len(l) == 0 {
		return ""
	}
	plain, why := plainPath(path)
	if why != "" {
		return "the path " + why + ", which servers read in different ways: where only some paths are allowed it is refused"
	}
	if name := cmp.Or(reserved.Override(r.Header), reserved.Rewrite(r.Header)); name != "" {
		return "the header " + name + " makes another request of it: where only some paths are allowed it is refused"
	}
	if slices.ContainsFunc(l, func(p pattern) bool { return p.fits(r.Method, plain) }) {
		return ""
	}
	return "this method and path are not on the list of what is allowed"
}

func (p pattern) fits(method, path string) bool {
	if len(p.methods) > 0 && !slices.Contains(p.methods, method) && (method != http.MethodHead || !slices.Contains(p.methods, http.MethodGet)) {
		return false
	}
	return path == p.path || p.below && strings.HasPrefix(path, p.path)
}

// alike are characters that Unicode counts as other forms of . / \ % and ; which a server that
// normalizes a path, or makes another encoding of it, takes them for.
const alike = "\uff0e\ufe52\u2024\u2025\u2026\uff0f\uff3c\ufe68\uff05\ufe6a\uff1b\ufe54\u037e"

// plainPath returns a path without escapes, or what it has that a server may read otherwise
// than we do. So what is compared is what any server takes it for.
func plainPath(path string) (plain, why string) {
	if strings.Contains(strings.ToLower(path), "%2f") {
		return "", "has an escaped slash"
	}
	plain, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return "", "has a bad escape"
	case strings.Contains(plain, "%"):
		return "", "is escaped twice"
	case !utf8.ValidString(plain):
		return "", "is not UTF-8"
	case strings.ContainsAny(plain, `\;`):
		return "", "has a backslash or a semicolon"
	case strings.ContainsAny(plain, alike):
		return "", "has a character that may count as a dot, a slash, a percent sign or a semicolon"
	case strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsControl(r) || !unicode.IsPrint(r) && r != ' ' }):
		return "", "has characters that cannot be seen"
	case strings.Contains(plain, "//"):
		return "", "has an empty segment"
	}
	for segment := range strings.SplitSeq(strings.Trim(plain, "/"), "/") {
		if strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " ") || strings.HasPrefix(segment, " ") {
			return "", "has a segment of dots, or one that ends in a dot or a space"
		}
	}
	return plain, ""
}
