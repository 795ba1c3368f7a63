package clienttest

import "github.com/advoware-go/advoware/client/clienttest/internal/gateway"

// Shape is how a token response tells how long the token lives. Clients meet all
// of these (protocol: Token response). There are always other fields too.
type Shape int

const (
	// ShapeBoth is "expires_in" as in ShapeExpiresIn and "expiration_utc" as in ShapeUTC:
	// of the programs in use a Node client reads the one, and the vendor's calendar
	// backend does not do without the other. It is the default.
	ShapeBoth = Shape(gateway.Both)
	// ShapeExpiresIn is "expires_in", a number of seconds; it has a fraction only
	// if the lifetime has one.
	ShapeExpiresIn = Shape(gateway.ExpiresIn)
	// ShapeFraction is "expires_in", a number that always has a fraction: 3300.000.
	ShapeFraction = Shape(gateway.Fraction)
	// ShapeText is "expires_in" as text: "3300".
	ShapeText = Shape(gateway.Text)
	// ShapeUTC is "expiration_utc", an instant on the server's clock with 7 digits
	// and Z: "2026-02-07T10:18:49.1234567Z".
	ShapeUTC = Shape(gateway.UTC)
	// ShapeNoZone is "expiration_utc" with 7 digits and no zone; it means UTC too.
	ShapeNoZone = Shape(gateway.NoZone)
	// ShapeNone tells nothing of the lifetime.
	ShapeNone = Shape(gateway.None)
)
