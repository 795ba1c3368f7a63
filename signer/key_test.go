package signer_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/signer"
)

func TestParseKeyRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "empty"},
		{"only white space", " \t\n\v\f\r", "empty"},
		{"one = missing", "QUJDRA=", "missing"},
		{"both = missing", "QUJDRA", "missing"},
		{"cut off", "QUJDR", "missing"},
		{"cut off and padded", "QUJDR===", "too much padding"},
		{"a = too many", "QUJDRA===", "too much padding"},
		{"a group of = too many", "QUJD====", "too much padding"},
		{"padding alone", "====", "missing"},
		{"minus of the URL alphabet", "QU-D", "byte 3 of 4 belongs to the URL alphabet"},
		{"underscore of the URL alphabet", "QUJ_", "byte 4 of 4 belongs to the URL alphabet"},
		{"URL alphabet without padding", "QU_DRA", "byte 3 of 6 belongs to the URL alphabet"},
		{"data after the padding", "QUI=QUJD", "byte 5 of 8 follows the padding"},
		{"two keys", "QUI=\nQUI=", "byte 6 of 9 follows the padding"},
		{"= in the middle", "Q=JD", "byte 3 of 4 follows the padding"},
		{"in quotes", `"QUJD"`, "byte 1 of 6 is not base64"},
		{"alien in the middle", "QU*JD", "byte 3 of 5 is not base64"},
		{"NUL", "QUJD\x00", "byte 5 of 5 is not base64"},
		{"backspace, just before the white space", "QUJD\b", "byte 5 of 5 is not base64"},
		{"shift out, just behind it", "QUJD\x0e", "byte 5 of 5 is not base64"},
		{"umlaut", "QUÄD", "byte 3 of 5 is not base64"},
		{"no-break space", "QU\u00a0JD", "byte 3 of 6 is not base64"},
		{"alien after the padding", "QUI=!", "byte 5 of 5 is not base64"},
		{"hex with a colon", "4a:4b", "byte 3 of 5 is not base64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			key, err := signer.ParseKey(c.text)
			if !errors.Is(err, signer.ErrKey) {
				t.Fatalf("got %v, want ErrKey", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want a mention of %q", err, c.want)
			}
			if !key.IsZero() {
				t.Error("a key came with the error")
			}
		})
	}
}

func TestReveal(t *testing.T) {
	key, err := signer.ParseKey(" AA E=\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := key.Reveal(); got != "AAE=" {
		t.Errorf("got %q", got)
	}
	if got := (signer.Key{}).Reveal(); got != "" {
		t.Errorf("no key reveals %q", got)
	}
}

func TestKeyIsZero(t *testing.T) {
	if !(signer.Key{}).IsZero() {
		t.Error("the zero Key is not zero")
	}
	key, err := signer.ParseKey("AA==")
	if err != nil {
		t.Fatal(err)
	}
	if key.IsZero() {
		t.Error("a key of one zero byte is zero")
	}
}

// The six characters that Python's bytes.isspace knows.
const whiteSpace = " \t\n\v\f\r"

var base64Text = regexp.MustCompile(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$`)

func FuzzParseKey(f *testing.F) {
	for _, text := range []string{
		"", " ", "QUJD", "QUI=", "QQ==", "QR==", "QQ=", "QQ", "Q", "Q===", "====", "QUJD====", "QUI=QUJD", "Q=JD",
		"Q U\tJ\nD\v=\f=\r", "-_-_", "+/+/", "\"QUJD\"", "QU\u00a0JD", "\xff\xfe\xfd\xfc", "swordfish", "swordfish ",
	} {
		f.Add(text, uint(3), uint(1))
	}
	m := signer.Message{Product: "64", App: "app", Nonce: "nonce", Timestamp: "2026-02-07T09:23:49Z"}

	f.Fuzz(func(t *testing.T, text string, at, which uint) {
		compact := strings.Map(func(r rune) rune {
			if strings.ContainsRune(whiteSpace, r) {
				return -1
			}
			return r
		}, text)
		key, err := signer.ParseKey(text)
		if want := base64Text.MatchString(compact); (err == nil) != want {
			t.Fatalf("%q: got %v, want it accepted: %t", text, err, want)
		}
		if err != nil {
			checkSilent(t, text, err)
			return
		}

		got := sign(t, key, m)
		if want := reference(t, compact, m); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
		i := int(at % uint(len(text)+1))
		spaced := text[:i] + string(whiteSpace[which%6]) + text[i:]
		again, err := signer.ParseKey(spaced)
		if err != nil {
			t.Fatalf("%q: %v", spaced, err)
		}
		if sign(t, again, m) != got {
			t.Errorf("%q and %q sign differently", text, spaced)
		}
	})
}

// checkSilent shows that the error says nothing of the text but which kind of
// byte stands where: it is the same for a text that differs in every byte that
// could be part of a key. To look for pieces of the text in the error would not
// do, for "not" may be one of them.
func checkSilent(t *testing.T, text string, err error) {
	t.Helper()
	_, other := signer.ParseKey(disguise(text))
	if other == nil || other.Error() != err.Error() {
		t.Errorf("%q: the error depends on the text:\n%v\n%v", text, err, other)
	}
}

// disguise replaces every byte by another of its kind; white space and = stay.
func disguise(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	out := []byte(text)
	for i, c := range out {
		n := strings.IndexByte(alphabet, c)
		switch {
		case n >= 0:
			out[i] = alphabet[63-n]
		case c == '=' || strings.IndexByte(whiteSpace, c) >= 0:
		case c == '-':
			out[i] = '_'
		case c == '_':
			out[i] = '-'
		case c == '!':
			out[i] = '#'
		default:
			out[i] = '!'
		}
	}
	return string(out)
}

func sign(t *testing.T, key signer.Key, m signer.Message) string {
	t.Helper()
	s, err := signer.New(key)
	if err != nil {
		t.Fatal(err)
	}
	return s.Sign(m)
}

// reference signs by the obvious calls.
func reference(t *testing.T, key string, m signer.Message) string {
	t.Helper()
	bytes, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha512.New, bytes)
	mac.Write([]byte(m.Product + ":" + m.App + ":" + m.Nonce + ":" + m.Timestamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
