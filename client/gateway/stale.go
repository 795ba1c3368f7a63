package gateway

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// mayBeStale reports whether a status says that the request itself was not taken. 408 and
// 429 speak of other times.
func mayBeStale(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// aboutNonceOrTime reports whether a refusal is about the nonce or the time of the
// request, and so not about the credentials: a proxy or a transport that repeats requests
// sends a nonce twice, and a clock may be wrong. What the vendor writes in such a case is
// not known; the words are those that servers use, in German and English. A text that
// speaks of credentials as well counts against the credentials.
func aboutNonceOrTime(body []byte) bool {
	text := prose(body)
	switch {
	case nonceWords.MatchString(text):
		return !passwordWords.MatchString(text)
	case timeWords.MatchString(text):
		return !passwordWords.MatchString(text) && !accountWords.MatchString(text)
	}
	return false
}

var (
	nonceWords = regexp.MustCompile(`(?i)nonce|replay`)
	timeWords  = regexp.MustCompile(`(?i)time[ _-]?stamp|request[ _-]?time\b|invalid[ _]time\b|\btime (is )?(invalid|skew|drift|window|difference)` +
		`|zeitstempel|(server|system|uhr|anfrage)zeit|zeit(differenz|abweichung|fenster| der anfrage)|\bclocks?\b|clock[ _-]?skew` +
		`|(anfrage|request|signatur|signature)\b.{0,40}\b(abgelaufen|veraltet|zu alt|expired|outdated|stale|too old)\b`)
	passwordWords = regexp.MustCompile(`(?i)passwor[dt]|kennwort|credential|zugangsdaten|anmeldedaten`)
	accountWords  = regexp.MustCompile(`(?i)\buser|benutzer|konto|account|gesperrt|\blocked|\blogin|api.?key`)

	tags   = regexp.MustCompile(`<[^>]*>`)
	fields = regexp.MustCompile(`(?i)"(nonce|time_?stamp)"\s*:|\b(nonce|time_?stamp)=|\btime_?stamp:\s*"?\d`) // many servers date their errors
)

// prose returns what a person would read of an error's body: of JSON the values, of
// anything else the text without tags.
func prose(body []byte) string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return fields.ReplaceAllString(tags.ReplaceAllString(string(body), " "), " ")
	}
	var b strings.Builder
	values(&b, v)
	return b.String()
}

func values(b *strings.Builder, v any) {
	switch v := v.(type) {
	case string:
		b.WriteString(v + "\n")
	case []any:
		for _, e := range v {
			values(b, e)
		}
	case map[string]any:
		for _, e := range v {
			values(b, e)
		}
	}
}
