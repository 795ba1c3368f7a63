package origin_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
)

// The first and the last letter are letters.
func TestEdgesOfTheAlphabet(t *testing.T) {
	for _, pair := range [][2]string{{"http://A/", "http://a/"}, {"http://Z/", "http://z/"}} {
		if !origin.Same(parse(t, pair[0]), parse(t, pair[1])) {
			t.Errorf("%q have two origins", pair)
		}
	}
	for _, pair := range [][2]string{{"x@", "x`"}, {"x[", "x{"}} { // beside them
		a, b := parse(t, "http://x/"), parse(t, "http://x/")
		a.Host, b.Host = pair[0], pair[1]
		if origin.Same(a, b) {
			t.Errorf("%q have one origin", pair)
		}
	}
	base := parse(t, "https://host/")
	for _, scheme := range []string{"a", "z", "A", "Z", "zz", "az09+-.", "h2"} {
		if u, err := origin.Join(base, scheme+"://other/path"); err == nil {
			t.Errorf("%s: joined as %v", scheme, u)
		}
	}
	for _, none := range []string{"", "0", "+a", "a b", "a_", "a@", "a[", "a`", "a{", "ä"} {
		if u, err := origin.Join(base, none+"://other/path"); err != nil || u.Host != "host" {
			t.Errorf("%q is taken for a scheme: %v, %v", none, u, err)
		}
	}
	for text, want := range map[string]string{"%09": "%09", "%af": "%af", "%AF": "%AF", "~!": "~!", "\x80": "%80", "ä": "%C3%A4", "a b": "a%20b"} {
		u, err := origin.Join(base, text+"?"+text)
		if err != nil || u.EscapedPath() != "/"+want || u.RawQuery != want {
			t.Errorf("%q: %v, %v; want %s", text, u, err, want)
		}
	}
	for _, text := range []string{"%", "%2", "%g0", "%0g", "%`0", "%/0", "%:0", "%@0", "%G0", "a%20%"} {
		if u, err := origin.Join(base, text); err == nil {
			t.Errorf("%q: joined as %v", text, u)
		}
	}
}

func TestLocalTakesNoUnderscores(t *testing.T) { // Go does, and no resolver
	for host, want := range map[string]bool{"0x7_f.1": false, "0x7f.0_1": false, "0x7_f000001": false, "127.0.0.1_": false, "::1.": true} {
		if got := origin.Local(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}
