package clienttest

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
)

// Shape is how a token response tells how long the token lives. Clients meet all
// of these (protocol: Token response). There are always other fields too.
type Shape int

const (
	// ShapeExpiresIn is "expires_in", a number of seconds; it has a fraction only
	// if the lifetime has one.
	ShapeExpiresIn Shape = iota
	// ShapeFraction is "expires_in", a number that always has a fraction: 3300.000.
	ShapeFraction
	// ShapeText is "expires_in" as text: "3300".
	ShapeText
	// ShapeUTC is "expiration_utc", an instant on the server's clock with 7 digits
	// and Z: "2026-02-07T10:18:49.1234567Z".
	ShapeUTC
	// ShapeNoZone is "expiration_utc" with 7 digits and no zone; it means UTC too.
	ShapeNoZone
	// ShapeNone tells nothing of the lifetime.
	ShapeNone
)

func (s Shape) known() bool { return s >= ShapeExpiresIn && s <= ShapeNone }

// tokenResponse is the body of a 200 of the token endpoint.
func tokenResponse(shape Shape, token string, id gateway.Identity, lifetime time.Duration, expiry time.Time) map[string]any {
	seconds := strconv.FormatFloat(lifetime.Seconds(), 'f', -1, 64)
	body := map[string]any{
		"access_token": token,
		"token_type":   "bearer",
		"benutzer":     map[string]any{"name": id.User, "kanzlei": id.Kanzlei, "rolle": id.Role},
		"hinweis":      "Gültig nur für diese Schnittstelle.",
	}
	const digits7 = "2006-01-02T15:04:05.0000000"
	switch shape {
	case ShapeExpiresIn:
		body["expires_in"] = json.Number(seconds)
	case ShapeFraction:
		body["expires_in"] = json.Number(strconv.FormatFloat(lifetime.Seconds(), 'f', 3, 64))
	case ShapeText:
		body["expires_in"] = seconds
	case ShapeUTC:
		body["expiration_utc"] = expiry.UTC().Format(digits7 + "Z")
	case ShapeNoZone:
		body["expiration_utc"] = expiry.UTC().Format(digits7)
	}
	return body
}
