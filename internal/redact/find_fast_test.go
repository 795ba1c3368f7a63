package redact_test

import (
	"strings"
	"sync"
	"testing"
)

// Bytes are looked at eight at a time: one that stands for another is found at each place.
func TestEachByteAtEachPlace(t *testing.T) {
	const around = "abcdefghijklmnop"
	for c := range 256 {
		for at := range 8 {
			text := `\u0061bC ` + around[:at] + string([]byte{byte(c)}) + around[at:] + "!"
			for _, meant := range []byte{byte(c), folding{}.byte(byte(c)), folding{anyCase: true}.byte(byte(c))} {
				sameAsSlow(t, around[:at]+string([]byte{meant})+around[at:], text)
			}
		}
	}
}

// The same names of HTML come again and again, others between them.
func TestManyNames(t *testing.T) {
	names := []string{"lt", "gt", "amp", "quot", "auml", "Auml", "plus", "fjlig", "bne", "ltx", "ampx", "nosuch"}
	var b strings.Builder
	for i := range 500 {
		b.WriteString("&" + names[i%len(names)] + ";")
		b.WriteString("&" + string([]byte{'a' + byte(i%26), 'a' + byte(i/26%26)}) + ";")
		if i%100 == 0 {
			b.WriteString("&lt;secret&plus;f&fjlig;&gt;")
		}
	}
	for _, secret := range []string{"<secret+ffj>", "&lt;secret&plus;", "<&x;"} {
		sameAsSlow(t, secret, b.String())
	}
}

// Searches at the same time do not disturb each other, nor does one find what another one saw.
func TestManySearchesAtATime(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			secret := strings.Repeat(string([]byte{'a' + byte(i)}), 20+i)
			for n := range 20 {
				sameAsSlow(t, secret, strings.Repeat(`\u0061\u0062`, n)+strings.ReplaceAll(secret, "a", "%61")+strings.Repeat("é ", n))
			}
		})
	}
	wg.Wait()
}
