package report

import "regexp"

// Scheme is a set of colours. A picture inside a document does not follow the scheme of the
// reader's system by itself everywhere, so there is one for each.
type Scheme string

// The schemes.
const (
	Light Scheme = "light"
	Dark  Scheme = "dark"
)

// lightDark is a colour in the style sheet of the page, which has one for each scheme.
var lightDark = regexp.MustCompile(`--(\w+): light-dark\((#\w+), (#\w+)\);`)

// Colours returns those of the page, such as #2463c9, by their names: card, ink, c0 and so on.
func Colours(scheme Scheme) map[string]string {
	all := make(map[string]string)
	for _, m := range lightDark.FindAllStringSubmatch(pageCSS, -1) {
		all[m[1]] = m[2]
		if scheme == Dark {
			all[m[1]] = m[3]
		}
	}
	return all
}
