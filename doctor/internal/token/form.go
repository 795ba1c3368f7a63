package token

import (
	"strings"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/store"
)

const sealedPrefix = "advoware-sealed-" // of any version

// form looks at what is under the token key, of which it shows nothing.
func (r *reading) form(cfg Config) check.Check {
	const want = "the raw token and nothing else"
	switch {
	case r.value.wrongType():
		return group.Warning(format, "it is not a string", want, "another program uses this key for something else: set ADVOWARE_TOKEN_KEY to a name of its own, or delete the key; a new token replaces it")
	case r.value.err != nil:
		return group.Skipped(format, link.Of(r.value.err).Saw)
	}
	saw, hint, bad := oddness(r.value.is, len(cfg.SealKeys) > 0)
	switch {
	case bad:
		return group.Warning(format, saw, want, hint)
	case saw != "":
		return group.Warning(format, saw+", and is sent as it is", want, hint)
	case len(cfg.SealKeys) > 0:
		return group.OK(format, "a sealed token")
	}
	return group.OK(format, "a raw token")
}

// oddness says what is wrong with a value, and what to do. bad: it is never sent.
func oddness(value string, sealing bool) (saw, hint string, bad bool) {
	const python = "correct the program that writes it: the value is the access token as the gateway said it"
	isSealed := strings.HasPrefix(value, sealedPrefix)
	switch {
	case value == "":
		return "it is empty", python, true
	case len(value) > store.MaxTokenBytes:
		return "it is longer than 16 KiB", python, true
	case isSealed && !sealing:
		return "it is a sealed token, and no ADVOWARE_TOKEN_SEAL_KEYS is set", "set ADVOWARE_TOKEN_SEAL_KEYS as the other processes have it, or another ADVOWARE_TOKEN_KEY", false
	case sealing && !isSealed:
		return "it is not sealed, and ADVOWARE_TOKEN_SEAL_KEYS is set", "set ADVOWARE_TOKEN_KEY to a name that no program without the key uses", true
	case strings.HasPrefix(value, "\xef\xbb\xbf"):
		return "it begins with a byte order mark", python, true
	case strings.TrimRight(value, "\r\n") != value:
		return "it ends with a line end", "write it without one (redis-cli -x takes the line end of echo: use printf); until then it is not used", true
	case strings.TrimSpace(value) != value:
		return "it begins or ends with a space", python, true
	case len(value) > len("bearer ") && strings.EqualFold(value[:len("bearer ")], "bearer "):
		return "it begins with Bearer", "write the token without that word, which belongs to the header", true
	case strings.ContainsAny(value, "\r\n"):
		return "it has a line end in it", python, true
	case strings.HasPrefix(value, "{") || strings.HasPrefix(value, "["):
		return "it looks like JSON", "write the access token out of the answer, and not the answer", strings.ContainsFunc(value, unusable)
	case strings.ContainsFunc(value, unusable):
		return "it has a byte that is not visible ASCII", python, true
	case len(value) > 1 && (quoted(value, '"') || quoted(value, '\'')):
		return "it is in quotes", "write it without them", false
	}
	return "", "", false
}

// unusable reports what may not be in a header.
func unusable(c rune) bool { return c <= ' ' || c > '~' }

func quoted(value string, by byte) bool { return value[0] == by && value[len(value)-1] == by }
