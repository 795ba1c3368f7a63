package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/store"
)

var (
	issued = time.Date(2026, 2, 7, 9, 23, 49, 123456000, time.UTC)
	expiry = issued.Add(55 * time.Minute)
)

func newToken(tb testing.TB, text string) store.Token {
	tb.Helper()
	tok, err := store.NewToken(text, issued, expiry)
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

func TestNewToken(t *testing.T) {
	for _, text := range []string{"t", "!", "~", "a.b-c_d~e+f/g==", `"'\`, strings.Repeat("x", store.MaxTokenBytes)} {
		tok, err := store.NewToken(text, issued, expiry)
		if err != nil {
			t.Errorf("%.20q: %v", text, err)
			continue
		}
		if tok.Reveal() != text || tok.IsZero() {
			t.Errorf("%.20q: got %.20q, zero: %t", text, tok.Reveal(), tok.IsZero())
		}
		if !tok.IssuedAt().Equal(issued) || !tok.Expiry().Equal(expiry) {
			t.Errorf("%.20q: got %v, %v; want %v, %v", text, tok.IssuedAt(), tok.Expiry(), issued, expiry)
		}
	}
}

func TestNewTokenRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "empty"},
		{"a byte too long", strings.Repeat("x", store.MaxTokenBytes+1), "16385 bytes, over the limit of 16384"},
		{"space", " ", "byte 1 of 1"},
		{"space before", " token", "byte 1 of 6"},
		{"space within", "to ken", "byte 3 of 6"},
		{"space after", "token ", "byte 6 of 6"},
		{"tab", "to\tken", "byte 3 of 6"},
		{"line end", "token\n", "byte 6 of 6"},
		{"CRLF and another header", "token\r\nX-Evil: 1", "byte 6 of 16"},
		{"NUL", "token\x00", "byte 6 of 6"},
		{"last control byte", "token\x1f", "byte 6 of 6"},
		{"DEL", "token\x7f", "byte 6 of 6"},
		{"first byte over ASCII", "token\x80", "byte 6 of 6"},
		{"last byte", "token\xff", "byte 6 of 6"},
		{"umlaut", "tökén", "byte 2 of 7"},
		{"no-break space", "to\u00a0ken", "byte 3 of 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok, err := store.NewToken(c.text, issued, expiry)
			if !errors.Is(err, store.ErrUnusable) {
				t.Fatalf("got %v, want ErrUnusable", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want a mention of %q", err, c.want)
			}
			if !tok.IsZero() {
				t.Error("a token came with the error")
			}
		})
	}
}

func TestNewTokenTakesEndedOne(t *testing.T) {
	if _, err := store.NewToken("token", time.Time{}, time.Unix(0, 0)); err != nil {
		t.Error(err)
	}
}

func TestZeroToken(t *testing.T) {
	var tok store.Token
	if !tok.IsZero() || tok.Reveal() != "" || tok.Header() != nil || tok.Fingerprint() != "" {
		t.Errorf("got %t, %q, %q, %q", tok.IsZero(), tok.Reveal(), tok.Header(), tok.Fingerprint())
	}
	if !tok.IssuedAt().IsZero() || !tok.Expiry().IsZero() || tok.ValidAt(time.Time{}) {
		t.Errorf("got %v, %v, %t", tok.IssuedAt(), tok.Expiry(), tok.ValidAt(time.Time{}))
	}
}

func TestTokenIsOneWord(t *testing.T) {
	if got, want := unsafe.Sizeof(store.Token{}), unsafe.Sizeof(uintptr(0)); got != want {
		t.Errorf("got %d bytes, want %d", got, want)
	}
}

func TestHeader(t *testing.T) {
	tok := newToken(t, "abc.def")
	header := tok.Header()
	if len(header) != 1 || header[0] != "Bearer abc.def" {
		t.Fatalf("got %q", header)
	}
	if &header[0] != &tok.Header()[0] {
		t.Error("two calls returned two slices")
	}
	if cap(header) != 1 {
		t.Errorf("capacity %d: an append would write behind the value", cap(header))
	}
	var h []string
	var s string
	if n := testing.AllocsPerRun(100, func() { h, s = tok.Header(), tok.Reveal() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if h[0] != "Bearer "+s {
		t.Errorf("got %q and %q", h, s)
	}
}

func TestEqual(t *testing.T) {
	tok := newToken(t, "token")
	same := tok
	otherTimes, err := store.NewToken("token", time.Time{}, expiry.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		other       store.Token
		copy, equal bool
	}{
		{"itself", same, true, true},
		{"made again", newToken(t, "token"), false, true},
		{"with other times", otherTimes, false, true},
		{"other text", newToken(t, "tokem"), false, false},
		{"longer text", newToken(t, "token2"), false, false},
		{"other case", newToken(t, "TOKEN"), false, false},
		{"zero", store.Token{}, false, false},
	} {
		if got := tok == c.other; got != c.copy {
			t.Errorf("%s: == is %t", c.name, got)
		}
		if got := tok.Equal(c.other); got != c.equal {
			t.Errorf("%s: Equal is %t", c.name, got)
		}
		if got := c.other.Equal(tok); got != c.equal {
			t.Errorf("%s: Equal is %t the other way round", c.name, got)
		}
	}
	if !(store.Token{}).Equal(store.Token{}) {
		t.Error("two zero Tokens differ")
	}
}

// The fingerprints were computed by Python 3.11.7:
//
//	hmac.new(b"advoware token fingerprint v1", text.encode(), hashlib.sha256).hexdigest()[:8]
func TestFingerprint(t *testing.T) {
	for text, want := range map[string]string{
		"token": "24af700b",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2NCJ9.c2ln": "3216c846",
		"!":                                      "041df4da",
		strings.Repeat("~", store.MaxTokenBytes): "dd959184",
	} {
		if got := newToken(t, text).Fingerprint(); got != want {
			t.Errorf("%.50q: got %s, want %s", text, got, want)
		}
	}
}

func TestTokenPrintsFingerprintOnly(t *testing.T) {
	const text = "swordfish-and-23-more-bytes"
	tok := newToken(t, text)
	leaktest.Check(t, "Token", tok, text)
	leaktest.Check(t, "embedded", embedded{tok}, text)
	leaktest.Check(t, "embedded, unexported", embeddedUnexported{tok}, text)
	leaktest.Check(t, "Map", mapWith(t, tok), text)
	for want, tok := range map[string]store.Token{"[token " + tok.Fingerprint() + "]": tok, "[no token]": {}} {
		printed := leaktest.Prints(tok)
		for _, how := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%99v", "Println", "Errorf", "slog text", "slog json", "json", "xml"} {
			if !strings.Contains(printed[how], want) {
				t.Errorf("%s prints %s, want %s", how, printed[how], want)
			}
		}
	}
}

// Embedding passes the methods of Token on to the struct around it.
type (
	hidden             = store.Token
	embedded           struct{ store.Token }
	embeddedUnexported struct{ hidden }
)

func mapWith(t *testing.T, tok store.Token) *store.Map {
	t.Helper()
	live, err := store.NewToken(tok.Reveal(), time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	m := new(store.Map)
	if _, err := m.CompareAndSwap(t.Context(), "key", store.Token{}, live); err != nil {
		t.Fatal(err)
	}
	return m
}
