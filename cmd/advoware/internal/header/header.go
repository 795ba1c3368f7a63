// Package header reads the headers that a command line gives for a request, and refuses
// those that would not be sent as they are given.
package header

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Parse returns the name and the value of a header that is written as "K: V". Errors name
// the header, and never show the value, which may be a secret.
func Parse(text string) (name, value string, err error) {
	name, value, ok := strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !ok:
		return "", "", errors.New("is not of the form 'K: V': it has no colon")
	case name == "" && strings.Contains(value, ":"):
		return "", "", errors.New("is not of the form 'K: V': its name is empty (names that begin with a colon are HTTP/2's own)")
	case name == "":
		return "", "", errors.New("is not of the form 'K: V': its name is empty")
	case strings.ContainsFunc(name, notInName):
		return "", "", fmt.Errorf("%s is not sent: the name has %s, which no name of a header has", shown(name), what(name, notInName))
	case strings.ContainsFunc(value, notInValue):
		return "", "", fmt.Errorf("%s is not sent: the value has %s, which no header can carry", name, what(value, notInValue))
	}
	if why, never := notSent[http.CanonicalHeaderKey(name)]; never {
		return "", "", fmt.Errorf("%s is not sent: %s", http.CanonicalHeaderKey(name), why)
	}
	if value == "" && http.CanonicalHeaderKey(name) == "User-Agent" {
		return "", "", errors.New("User-Agent is not sent: its value is empty")
	}
	return name, value, nil
}

// notSent has the headers that the client, net/http or the connection sets whatever is
// given, and why.
var notSent = map[string]string{
	"Authorization":       "the token goes there",
	"Host":                "it is that of ADVOWARE_API_BASE_URL",
	"Content-Length":      "it is that of --data",
	"Transfer-Encoding":   "it is that of --data",
	"Trailer":             "the body has none",
	"Connection":          ofConnection,
	"Http2-Settings":      ofConnection,
	"Keep-Alive":          ofConnection,
	"Proxy-Connection":    ofConnection,
	"Proxy-Authorization": "it belongs into the URL of the proxy",
	"Te":                  ofConnection,
	"Upgrade":             ofConnection,
}

const ofConnection = "it is about the connection, which is not the call's alone"

// notInName and notInValue tell what no header can carry (RFC 9110, 5.1 and 5.5).
func notInName(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

func notInValue(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// what names the first character of text that is not permitted.
func what(text string, not func(rune) bool) string {
	for _, r := range text {
		switch {
		case !not(r):
		case r == '\r' || r == '\n':
			return "a line end"
		case r == ' ':
			return "a space"
		case r < ' ' || r == 0x7f:
			return "a control character"
		default:
			return fmt.Sprintf("%q", r)
		}
	}
	return ""
}

// longest is how much of a name that is none is shown: it may be something else.
const longest = 40

// shown returns a name for a message, up to where it stops being one.
func shown(name string) string {
	end := strings.IndexFunc(name, notInName)
	if end > longest {
		end = longest
	}
	return name[:end] + "…"
}
