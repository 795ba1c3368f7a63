package gateway

import (
	"errors"
	"net/textproto"
	"strings"
	"unicode"

	"github.com/advoware-go/advoware/internal/redact"
)

const (
	maxDetail = 300
	searched  = 8 << 10 // so much of a body is looked at
)

// scrub returns the beginning of an error body as one line without secrets. A
// body that speaks of a token is not shown at all: there is no telling what of it
// is one. Nor is one that has a very short secret in it, since cutting that out
// everywhere would spell it, nor one in an encoding that cannot be searched. Half
// a secret cannot be found, so where the end of the body is missing nothing near
// it is shown.
func (g *Gateway) scrub(body []byte, whole bool, signature string) string {
	if len(body) > searched {
		body, whole = body[:searched], false
	}
	text := string([]rune(string(body))) // each byte that is not UTF-8 becomes a U+FFFD
	if strings.ContainsRune(text, 0) || redact.New("access_token").In(text) {
		return ""
	}
	for _, s := range []string{signature, g.cfg.Password.Reveal(), g.cfg.Key.Reveal()} {
		secret := redact.New(s)
		if secret.Short() && secret.In(text) {
			return ""
		}
		if whole {
			text = secret.Hide(text)
		} else {
			text = secret.HideCut(text)
		}
	}
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if !whole && len(line) < 4*maxDetail {
		return ""
	}
	if len(line) > maxDetail {
		line = strings.ToValidUTF8(line[:maxDetail], "") + "…"
	}
	return line
}

// unquoted returns err without what net/http quotes of an answer that is not HTTP:
// there is no telling what of that is a password or a token.
func unquoted(err error) error {
	text := err.Error()
	if protocol := textproto.ProtocolError(""); errors.As(err, &protocol) {
		return errors.New("malformed answer: a header that is none")
	}
	if before, _, quotes := strings.Cut(text, `"`); quotes {
		return errors.New(strings.TrimRight(before, " :"))
	}
	return err
}
