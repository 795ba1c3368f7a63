package origin_test

import (
	"net/url"
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
)

// Signs that Unicode takes for capitals of others are other hosts to a resolver.
func TestHostsAreNotFoldedByUnicode(t *testing.T) {
	for a, b := range map[string]string{
		"https://straße.example": "https://straẞe.example", "https://kanzlei.example": "https://\u212aanzlei.example",
		"https://samt.example": "https://\u017famt.example", "https://σ.example": "https://ς.example",
	} {
		one, err := url.Parse(a)
		if err != nil {
			t.Fatal(err)
		}
		other, err := url.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if origin.Same(one, other) || origin.Same(other, one) {
			t.Errorf("%s is taken for %s", b, a)
		}
	}
	if host := "localho\u017ft"; origin.Loopback(host) || origin.Local(host) {
		t.Errorf("%s is taken for localhost", host)
	}
	one, other := &url.URL{Scheme: "https", Host: "Kanzlei.EXAMPLE"}, &url.URL{Scheme: "HTTPS", Host: "kanzlei.example:443"}
	if !origin.Same(one, other) {
		t.Error("ASCII capitals count")
	}
}
