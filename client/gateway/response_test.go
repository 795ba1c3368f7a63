package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
)

const (
	bound = 55 * time.Minute
	guard = time.Second
)

// life fetches from a stub and returns what the gateway gave the token, which is
// what it may be used for and the guard.
func life(t *testing.T, body string, header ...string) time.Duration {
	t.Helper()
	cfg := stubbed(t, answer(200, body, header...))
	cfg.Guard = guard
	tok := fetch(t, open(t, cfg))
	if tok.Reveal() != "token" {
		t.Errorf("got the token %q", tok.Reveal())
	}
	return tok.Expiry().Sub(tok.IssuedAt()) + guard
}

func TestExpiresIn(t *testing.T) {
	for value, want := range map[string]time.Duration{
		`1800`: 30 * time.Minute, `3300`: bound, `1e2`: 100 * time.Second,
		`90.5`: 90500 * time.Millisecond, `3299.999`: bound - time.Millisecond,
		`"1800"`: 30 * time.Minute, `"90.5"`: 90500 * time.Millisecond, `"1e2"`: 100 * time.Second,
		// The configured lifetime is the longest that is believed.
		`3301`: bound, `86400`: bound, `1e18`: bound, `9223372036.854775807`: bound,
		`9223372037`: bound, `18446744073.7`: bound, `"99999999999999999999"`: bound, `1e308`: bound, `1e999`: bound,
		// What is no lifetime counts as absent.
		`0`: bound, `0.0`: bound, `-0`: bound, `-5`: bound, `-1e300`: bound, `"0"`: bound, `"-60"`: bound,
		`true`: bound, `false`: bound, `null`: bound, `{}`: bound, `{"seconds":60}`: bound, `[60]`: bound,
		`""`: bound, `" "`: bound, `"soon"`: bound, `"60s"`: bound, `"60,5"`: bound, `"0x10"`: bound, `"NaN"`: bound,
		`"Infinity"`: bound, `"null"`: bound, `"\"60\""`: bound, `"[60]"`: bound,
	} {
		if got := life(t, `{"access_token":"token","expires_in":`+value+`}`); got != want {
			t.Errorf("%s: %v, want %v", value, got, want)
		}
	}
}

func TestExpirationUTC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const seconds = "2006-01-02T15:04:05"
		// The gateway's clock alone counts, whatever ours says.
		for _, ahead := range []time.Duration{0, 20 * time.Second, 5 * time.Hour, -5 * time.Hour, -400 * 24 * time.Hour} {
			date := time.Now().Add(ahead).UTC()
			in20 := date.Add(20 * time.Minute).Format(seconds)
			tests := map[string]time.Duration{
				date.Add(20*time.Minute).In(time.FixedZone("", 7200)).Format(seconds) + "+02:00": 20 * time.Minute,

				date.Add(-time.Second).Format(seconds) + "Z": bound, // in the past: absent
				date.Format(seconds) + "Z":                   bound,
				date.Add(24*time.Hour).Format(seconds) + "Z": bound,
				"9999-12-31T23:59:59.9999999Z":               bound,
				"0001-01-01T00:00:00":                        bound,
				"":                                           bound,
				in20 + "CET":                                 bound,
				in20 + ".Z":                                  bound,
				in20[:10]:                                    bound,
				"tomorrow":                                   bound,
			}
			for digits := range 8 {
				fraction := ".1234567"[:digits+1]
				want := 20*time.Minute + 123456700*time.Nanosecond
				if digits == 0 {
					fraction = ""
				}
				want = want.Truncate(time.Second / time.Duration(pow10(digits)))
				tests[in20+fraction+"Z"], tests[in20+fraction] = want, want
			}
			for text, want := range tests {
				if got := life(t, fmt.Sprintf(`{"access_token":"token","expiration_utc":%q}`, text), dated(date)); got != want {
					t.Errorf("clock %v ahead, %s: %v, want %v", ahead, text, got, want)
				}
			}
			for _, value := range []string{"null", "1234567890", "true", "{}", "[]"} {
				if got := life(t, `{"access_token":"token","expiration_utc":`+value+`}`, dated(date)); got != bound {
					t.Errorf("%s: %v, want %v", value, got, bound)
				}
			}
			for name, header := range map[string]string{"no Date": "X: y", "garbage": "Date: yesterday"} {
				if got := life(t, `{"access_token":"token","expiration_utc":"`+in20+`Z"}`, header); got != bound {
					t.Errorf("%s: %v, want %v", name, got, bound)
				}
			}
		}
	})
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func TestWhichLifetimeCounts(t *testing.T) {
	date := time.Now().UTC().Truncate(time.Second)
	in20 := date.Add(20 * time.Minute).Format(time.RFC3339)
	for expiresIn, want := range map[string]time.Duration{
		`1800`: 30 * time.Minute, `7200`: bound, // expires_in goes before
		`0`: 20 * time.Minute, `-1`: 20 * time.Minute, `null`: 20 * time.Minute, `"?"`: 20 * time.Minute,
	} {
		body := `{"expiration_utc":"` + in20 + `","expires_in":` + expiresIn + `,"access_token":"token"}`
		if got := life(t, body, dated(date)); got != want {
			t.Errorf("%s: %v, want %v", expiresIn, got, want)
		}
	}
}

func TestTolerated(t *testing.T) {
	const object = `{"access_token":"token","expires_in":1800}`
	for name, body := range map[string]string{
		"other fields":    `{"token_type":"bearer","scope":null,"a":{"access_token":"no","expires_in":1},"access_token":"token","expires_in":1800,"z":[{}]}`,
		"byte order mark": "\ufeff" + object,
		"white space":     "\r\n\t " + object + " \n",
		"1 MiB":           object + strings.Repeat(" ", 1<<20-len(object)),
	} {
		if got := life(t, body); got != 30*time.Minute {
			t.Errorf("%s: %v", name, got)
		}
	}
	longest := strings.Repeat("t", 16<<10)
	if tok := fetch(t, open(t, stubbed(t, answer(200, `{"access_token":"`+longest+`"}`)))); tok.Reveal() != longest {
		t.Error("a token of 16 KiB is not taken as it is")
	}
}

func TestMalformed(t *testing.T) {
	const object = `{"access_token":"wanted-text","expires_in":1800}`
	for name, body := range map[string]string{
		"empty":            ``,
		"only a mark":      "\ufeff",
		"two marks":        "\ufeff\ufeff" + object,
		"text":             `wanted-text`,
		"html":             `<html>wanted-text</html>`,
		"null":             `null`,
		"array":            `[` + object + `]`,
		"string":           `"wanted-text"`,
		"breaks off":       object[:len(object)-1],
		"goes on":          object + object,
		"over 1 MiB":       object + strings.Repeat(" ", 1<<20-len(object)+1),
		"no token":         `{"expires_in":1800}`,
		"null token":       `{"access_token":null}`,
		"empty token":      `{"access_token":""}`,
		"number":           `{"access_token":1234567890}`,
		"object as token":  `{"access_token":{"value":"wanted-text"}}`,
		"line end inside":  `{"access_token":"wanted-text\r\nX-Evil: 1"}`,
		"spaces":           `{"access_token":"wanted-text wanted-text"}`,
		"space at the end": `{"access_token":"wanted-text "}`,
		"umlaut":           `{"access_token":"wanted-text-ä"}`,
		"zero byte":        `{"access_token":"wanted-text\u0000"}`,
		"20 KiB":           `{"access_token":"wanted-text` + strings.Repeat("t", 20<<10) + `"}`,
		"deep":             strings.Repeat(`{"access_token":`, 20000),
	} {
		tok, err := open(t, stubbed(t, answer(200, body))).Fetch(t.Context())
		var e *gateway.TokenError
		if !errors.As(err, &e) || !errors.Is(err, gateway.ErrMalformed) || e.Status != 200 || !tok.IsZero() {
			t.Errorf("%s: got %v, %v; want a malformed 200", name, tok, err)
			continue
		}
		if text := fmt.Sprintf("%v %+v", err, *e); strings.Contains(text, "wanted-text") {
			t.Errorf("%s: the error repeats the answer: %.200s", name, text)
		}
	}
}

// endless is a body without end that counts what is read of it.
type endless struct {
	read   int
	closed bool
}

func (b *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	b.read += len(p)
	return len(p), nil
}

func (b *endless) Close() error { b.closed = true; return nil }

func TestEndlessBodyIsNotRead(t *testing.T) {
	for _, status := range []int{200, 201, 302, 401, 503} {
		body := new(endless)
		cfg := stubbed(t, func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: body}, nil
		})
		if _, err := open(t, cfg).Fetch(t.Context()); err == nil {
			t.Errorf("%d: no error", status)
		}
		if body.read > 1<<20+1 || !body.closed {
			t.Errorf("%d: read %d bytes, closed: %v", status, body.read, body.closed)
		}
	}
}

func TestEveryBodyIsClosed(t *testing.T) {
	for _, status := range []int{200, 204, 302, 400, 401, 404, 500} {
		for _, text := range []string{``, `{}`, `{"access_token":"t"}`} {
			body := &closer{Reader: strings.NewReader(text)}
			cfg := stubbed(t, func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Header: http.Header{}, Body: body}, nil
			})
			open(t, cfg).Fetch(t.Context())
			if !body.closed {
				t.Errorf("%d %q: the body was not closed", status, text)
			}
		}
	}
}

type closer struct {
	io.Reader
	closed bool
}

func (c *closer) Close() error { c.closed = true; return nil }

// A number that is too large to be read is a long life, and not none: expiration_utc is
// not asked instead.
func TestExpiresInBeyondRangeIsALongLife(t *testing.T) {
	now := time.Now().UTC()
	until := now.Add(20 * time.Minute).Format(time.RFC3339)
	for value, want := range map[string]time.Duration{
		`1e999`: bound, `"1e999"`: bound, strings.Repeat("9", 400): bound, `"` + strings.Repeat("9", 400) + `"`: bound,
		`-1e999`: 20 * time.Minute, `1e-999`: 20 * time.Minute, `" 1800\n"`: 30 * time.Minute,
	} {
		got := life(t, `{"access_token":"token","expires_in":`+value+`,"expiration_utc":"`+until+`"}`, dated(now))
		if (got - want).Abs() > time.Second {
			t.Errorf("%.20s: %v, want %v", value, got, want)
		}
	}
}
