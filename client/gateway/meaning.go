package gateway

import (
	"regexp"

	"github.com/advoware-go/advoware/internal/redact"
)

// meanings are what the vendor's sentences say, whatever the status. They are recognized by
// the parts that other programs look for, which end before the first umlaut: encodings
// differ.
var meanings = []struct {
	part    *regexp.Regexp
	meaning string
}{
	{regexp.MustCompile(`(?i)falsches kennwort|kennwort (ung|(ist |sind )?falsch)`), "wrong user or password"},
	{regexp.MustCompile(`(?i)nicht (\S+ )?freigeschaltet`), "not enabled: the vendor enables products and users for a Kanzlei"},
	{regexp.MustCompile(`(?i)ist nicht registriert`), "the Kanzlei or its database is not registered"},
	{regexp.MustCompile(`(?i)ist nicht angemeldet`), "the Kanzlei or its database is not connected: the office's server is off"},
}

// meaning says in English what the body of a refusal says, "" if that is not known. It has
// nothing of the body in it. As little is searched as of any text of an error.
func meaning(body []byte) string {
	body = body[:min(len(body), redact.Searched)]
	for _, m := range meanings {
		if m.part.Match(body) {
			return m.meaning
		}
	}
	return ""
}
