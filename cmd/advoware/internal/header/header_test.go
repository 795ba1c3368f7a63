package header_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/cmd/advoware/internal/header"
)

func TestParse(t *testing.T) {
	for text, want := range map[string][2]string{
		"X-A: b":         {"X-A", "b"},
		"x-a:b:c":        {"x-a", "b:c"},
		" X-A :\tb c ":   {"X-A", "b c"},
		"X-A:":           {"X-A", ""},
		"X-A: Müller":    {"X-A", "Müller"},
		"X-A: a\tb":      {"X-A", "a\tb"},
		"User-Agent: me": {"User-Agent", "me"},
	} {
		name, value, err := header.Parse(text)
		if got := [2]string{name, value}; err != nil || got != want {
			t.Errorf("%q is read as %q, %v", text, got, err)
		}
	}
}

// What cannot be sent, or not as it is given, is refused by the name of the header, without
// its value.
func TestParseRefuses(t *testing.T) {
	const secret = "geheim-geheim"
	for text, words := range map[string]string{
		"X-A":                                "no colon",
		"":                                   "no colon",
		secret:                               "no colon",
		": " + secret:                        "name is empty",
		":authority: " + secret:              "HTTP/2's own",
		"X A: " + secret:                     "X… is not sent: the name has a space",
		"X-Ä: " + secret:                     "X-… is not sent: the name has 'Ä'",
		"X-A\n: " + secret + "\nX":           "X-A is not sent: the value has a line end",
		"X\nA: " + secret:                    "X… is not sent: the name has a line end",
		"X-A: " + secret + "\r\nX-B: c":      "X-A is not sent: the value has a line end",
		"X-A: " + secret + "\x00":            "X-A is not sent: the value has a control character",
		"X-A: a\x7f" + secret:                "X-A is not sent: the value has a control character",
		"authorization: " + secret:           "Authorization is not sent: the token goes there",
		"HOST:" + secret:                     "Host is not sent: it is that of ADVOWARE_API_BASE_URL",
		"content-length: 3":                  "Content-Length is not sent",
		"transfer-encoding: chunked":         "Transfer-Encoding is not sent",
		"HTTP2-Settings: " + secret:          "Http2-Settings is not sent",
		"User-Agent:":                        "User-Agent is not sent: its value is empty",
		strings.Repeat("x", 200) + "(: y":    strings.Repeat("x", 40) + "… is not sent",
		strings.Repeat("x", 200) + "\x1b: y": "control character",
	} {
		_, _, err := header.Parse(text)
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v; want %q", text, err, words)
		}
	}
}
