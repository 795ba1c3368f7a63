package gateway

import (
	"encoding/json"
	"strconv"
	"time"
)

// Shape is how a token response tells how long the token lives.
type Shape int

// The shapes; clienttest says what they are.
const (
	Both Shape = iota
	ExpiresIn
	Fraction
	Text
	UTC
	NoZone
	None
)

// Known reports whether s is one of them.
func (s Shape) Known() bool { return s >= Both && s <= None }

// Response is the body of a 200 of the token endpoint.
func Response(shape Shape, token string, id Identity, lifetime time.Duration, expiry time.Time) map[string]any {
	seconds := strconv.FormatFloat(lifetime.Seconds(), 'f', -1, 64)
	body := map[string]any{
		"access_token": token,
		"token_type":   "bearer",
		"benutzer":     map[string]any{"name": id.User, "kanzlei": id.Kanzlei, "rolle": id.Role},
		"hinweis":      "Gültig nur für diese Schnittstelle.",
	}
	const digits7 = "2006-01-02T15:04:05.0000000"
	switch shape {
	case Both:
		body["expires_in"] = json.Number(seconds)
		body["expiration_utc"] = expiry.UTC().Format(digits7 + "Z")
	case ExpiresIn:
		body["expires_in"] = json.Number(seconds)
	case Fraction:
		body["expires_in"] = json.Number(strconv.FormatFloat(lifetime.Seconds(), 'f', 3, 64))
	case Text:
		body["expires_in"] = seconds
	case UTC:
		body["expiration_utc"] = expiry.UTC().Format(digits7 + "Z")
	case NoZone:
		body["expiration_utc"] = expiry.UTC().Format(digits7)
	}
	return body
}
