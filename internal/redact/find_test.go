package redact_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

// sameAsSlow fails unless the text is hidden as the slow search hides it.
func sameAsSlow(t *testing.T, secret, text string) {
	t.Helper()
	for _, pair := range []struct {
		kind string
		fast *redact.Secret
		slow *slowSecret
	}{{"New", redact.New(secret), newSlow(secret)}, {"NewToken", redact.NewToken(secret), newSlowToken(secret)}} {
		hidden := pair.slow.hide(text, false)
		if got, want := pair.fast.Hide(text), hidden; got != want {
			t.Errorf("%s %.60q: Hide makes %.300q of %.300q, want %.300q", pair.kind, secret, got, text, want)
		}
		if got, want := pair.fast.HideCut(text), pair.slow.hide(text, true); got != want {
			t.Errorf("%s %.60q: HideCut makes %.300q of %.300q, want %.300q", pair.kind, secret, got, text, want)
		}
		if len(text) > redact.Limit || strings.Contains(text, redact.Mark) {
			continue // how it is hidden does not tell whether it is there
		}
		if got, want := pair.fast.In(text), hidden != text; got != want {
			t.Errorf("%s %.60q: In %.300q is %v, want %v", pair.kind, secret, text, got, want)
		}
	}
}

// scraps are what texts are made of that are close to a secret.
var scraps = []string{
	`\`, `\\`, `\u`, `\u00`, `\u0061`, `\x41`, `\n`, "\n", "\b", "+", " ", "%", "%2", "%25", "%2525", "%41", "%2B", "%c3%bc", "%u", "%u00", "%u0041", `\U0001f600`, `\U0001`, `\u{`, `\u{41}`, `}`, `\x{41}`, `\x{`, `\101`, `\10`, `\\075`, "=", "=4", "=41", "=3D", "=\n", "=\r\n", "=\r", `=\r\n`, `=\\n`, "= \n", "f600", "&", "&amp;", "amp;", "&#", "&#x",
	"&#65", "&#x41;", "&Auml;", "&nbsp;", "&bsol;u0061", "&percnt;41", "&fjlig;", "?", "??", "\xff", "ü", "a", "A", "0", ";", "#", "u", "x", "-", `"`, "<b>", "\x00",
}

// What is found, and where, is what a search finds that keeps the origin of each byte of
// each layer: in texts made of pieces of the secret, as they are and in every spelling, and
// of scraps of escapes between and before them.
func TestFindsWhatTheSlowSearchFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	all := append([]string{`\`, `\\\`, "?", "ü", "????????", "Kennwort ü?+b", "tok\nen\\u0041", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", `b\u0041` + strings.Repeat("xyz-", 20)}, secrets...)
	var writers []func(string) string
	for _, name := range slices.Sorted(maps.Keys(spellings)) { // the same texts each time
		writers = append(writers, spellings[name])
	}
	for _, secret := range all {
		if len(secret) > 700 {
			continue
		}
		for range 100 {
			var b strings.Builder
			for range random.IntN(12) {
				switch random.IntN(4) {
				case 0:
					b.WriteString(scraps[random.IntN(len(scraps))])
				case 1:
					b.WriteString(secret)
				case 2:
					from := random.IntN(len(secret))
					b.WriteString(secret[from : from+1+random.IntN(len(secret)-from)])
				case 3:
					part := secret[:1+random.IntN(len(secret))]
					b.WriteString(writers[random.IntN(len(writers))](part))
				}
			}
			sameAsSlow(t, secret, b.String())
		}
	}
}

func FuzzFindsWhatTheSlowSearchFinds(f *testing.F) {
	for _, secret := range secrets {
		for _, scrap := range scraps {
			f.Add(secret, scrap+secret+scrap)
		}
	}
	f.Fuzz(func(t *testing.T, secret, text string) {
		if len(secret) > 4<<10 || len(text) > 16<<10 {
			return
		}
		sameAsSlow(t, secret, text)
		sameAsSlow(t, secret, text+secret[:len(secret)/2])
	})
}
