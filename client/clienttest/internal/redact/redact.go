// Package redact takes secrets out of what the fake remembers of requests: the values of
// fields and headers that have secret names, and tokens wherever they stand. It shares no
// code with the client.
package redact

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const redacted = "[redacted]"

// names are fields of JSON objects, forms and queries whose values are secret, in lower
// case.
var names = []string{"password", "kennwort", "passwort", "hmac512signature", "apikey", "api_key",
	"access_token", "refresh_token", "token", "client_secret"}

// public are the fields of a token request whose values are not secret. All others are, as
// they may be misspelt ones of those that are.
var public = []string{"AppID", "Kanzlei", "Database", "User", "Role", "Product", "Nonce", "RequestTimeStamp"}

func private(name string) bool { return !slices.Contains(public, name) }

func secret(name string) bool { return slices.Contains(names, strings.ToLower(name)) }

// headers are those whose values are secret.
var headers = []string{"Authorization", "Proxy-Authorization", "Cookie"}

// jwt is what a token of the fake, and one of the vendor, looks like.
var jwt = regexp.MustCompile(`eyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]+)?`)

// Fingerprint returns a name for a token: the first 8 hex digits of its HMAC-SHA256 under
// a label, the same that the library and its command print.
func Fingerprint(token string) string {
	mac := hmac.New(sha256.New, []byte("advoware token fingerprint v1"))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// Text replaces tokens by their fingerprints.
func Text(text string) string {
	if !strings.Contains(text, "eyJ") {
		return text
	}
	return jwt.ReplaceAllStringFunc(text, func(token string) string { return "[token " + Fingerprint(token) + "]" })
}

// Header returns a copy without secrets.
func Header(h http.Header) http.Header {
	h = h.Clone()
	for name, values := range h {
		for i, value := range values {
			values[i] = Text(value)
			scheme, token, _ := strings.Cut(value, " ")
			if name == "Authorization" && strings.EqualFold(scheme, "Bearer") {
				values[i] = scheme + " [token " + Fingerprint(token) + "]"
			} else if slices.Contains(headers, name) || secret(strings.ReplaceAll(strings.TrimPrefix(name, "X-"), "-", "_")) {
				values[i] = redacted
			}
		}
	}
	return h
}

// Query returns a copy without secrets.
func Query(q url.Values) url.Values {
	clean := make(url.Values, len(q))
	for name, values := range q {
		for _, value := range values {
			if value = Text(value); secret(name) {
				value = redacted
			}
			clean[Text(name)] = append(clean[Text(name)], value)
		}
	}
	return clean
}

// Body returns a body without secrets. One of a token request that is no JSON object says
// nothing but its length: a secret may stand anywhere in it.
func Body(body []byte, tokenRequest bool) []byte {
	if len(body) == 0 {
		return body
	}
	hide := secret
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // which JSON of .NET may begin with
	if tokenRequest {
		if trimmed := bytes.TrimLeft(body, " \t\r\n"); !bytes.HasPrefix(trimmed, []byte("{")) || !json.Valid(body) {
			return fmt.Appendf(nil, "[%d bytes that are no JSON object]", len(body))
		}
		hide = private
	}
	clean, ok := fields(body, hide)
	switch {
	case ok:
		body = clean
	case form.Match(body):
		body = pair.ReplaceAll(body, []byte("${1}"+redacted))
	default:
		body = member.ReplaceAll(body, []byte(`${1}"`+redacted+`"`))
	}
	return []byte(Text(string(body)))
}

var (
	form = regexp.MustCompile(`^[\w.%+-]+=`)
	// member is a field in JSON that was cut.
	member = regexp.MustCompile(`(?i)("(?:` + strings.Join(names, "|") + `)"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^",}\]\s]+)`)
	pair   = regexp.MustCompile(`(?i)((?:^|&)(?:` + strings.Join(names, "|") + `)=)[^&]*`)
)

// fields replaces the values of fields that hide names in JSON, however deep they stand,
// and leaves everything else as it is. It reports whether it is JSON.
func fields(body []byte, hide func(name string) bool) ([]byte, bool) {
	if !json.Valid(body) {
		return nil, false
	}
	o := walk{body: body, hide: hide, dec: json.NewDecoder(bytes.NewReader(body))}
	o.dec.UseNumber()
	o.value(false)
	return append(o.clean, body[o.copied:]...), true
}

// walk goes through valid JSON; body[:copied] has become clean.
type walk struct {
	body, clean []byte
	copied      int
	hide        func(name string) bool
	dec         *json.Decoder
}

// value reads one value; hidden says that it stands within a secret one.
func (o *walk) value(hidden bool) {
	open, _ := o.dec.Token()
	if _, ok := open.(json.Delim); !ok {
		return
	}
	for o.dec.More() {
		if open == json.Delim('[') {
			o.value(hidden)
			continue
		}
		name, _ := o.dec.Token()
		text, _ := name.(string)
		from, hide := int(o.dec.InputOffset()), !hidden && o.hide(text)
		o.value(hidden || hide)
		if hide {
			o.clean = append(append(o.clean, o.body[o.copied:from]...), `:"`+redacted+`"`...)
			o.copied = int(o.dec.InputOffset())
		}
	}
	o.dec.Token() // what closes it
}
