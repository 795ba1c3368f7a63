package store_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/store"
)

var (
	visible     = regexp.MustCompile(`^[!-~]+$`)
	fingerprint = regexp.MustCompile(`^[0-9a-f]{8}$`)
)

func FuzzNewToken(f *testing.F) {
	for _, text := range []string{
		"", "token", "!", "~", " token", "to ken", "token\r\nX-Evil: 1", "token\x00", "\x7f", "tök\u00a0n", "\xff\xfe",
		strings.Repeat("x", store.MaxTokenBytes), strings.Repeat("x", store.MaxTokenBytes+1),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tok, err := store.NewToken(text, issued, expiry)
		if want := visible.MatchString(text) && len(text) <= 16384; (err == nil) != want {
			t.Fatalf("%q: got %v, want it accepted: %t", text, err, want)
		}
		if err != nil {
			checkSilent(t, text, err)
			return
		}
		header := tok.Header()
		if len(header) != 1 || header[0] != "Bearer "+text || strings.ContainsAny(header[0], "\r\n\x00") {
			t.Errorf("%q: the header is %q", text, header)
		}
		if tok.Reveal() != text {
			t.Errorf("%q: reveals %q", text, tok.Reveal())
		}
		if !fingerprint.MatchString(tok.Fingerprint()) {
			t.Errorf("%q: the fingerprint is %q", text, tok.Fingerprint())
		}
		if again := newToken(t, text); !tok.Equal(again) || again.Fingerprint() != tok.Fingerprint() {
			t.Errorf("%q: made again it is another token", text)
		}
		if newToken(t, disguise(text)).Equal(tok) {
			t.Errorf("%q equals %q", text, disguise(text))
		}
	})
}

// checkSilent shows that the error says nothing of the text but which kind of
// byte stands where: it is the same for a text that differs in every byte.
func checkSilent(t *testing.T, text string, err error) {
	t.Helper()
	_, other := store.NewToken(disguise(text), issued, expiry)
	if other == nil || other.Error() != err.Error() {
		t.Errorf("%q: the error depends on the text:\n%v\n%v", text, err, other)
	}
}

// disguise replaces every byte by another one of its kind, visible or not.
func disguise(text string) string {
	out := []byte(text)
	for i, c := range out {
		switch {
		case '!' <= c && c <= '~':
			out[i] = '!' + '~' - c
		case c == 0:
			out[i] = 0x7f
		default:
			out[i] = 0
		}
	}
	return string(out)
}
