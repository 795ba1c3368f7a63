package client

import "github.com/advoware-go/advoware/internal/tokenheader"

// TokenHeader says in which header the token is sent, for an API other than Advoware's. The zero
// value is "Authorization: Bearer <token>". With another Name an Authorization of the caller's own
// is sent along within the origin; to other servers goes neither.
type TokenHeader struct {
	// Name is that of the header, in any spelling; empty means Authorization, and with it
	// Prefix has to be empty too. Headers that are sent for something else are refused, Host
	// and Cookie among them.
	Name string
	// Prefix stands before the token, with the space that may be between: "Token ". Empty
	// means nothing, but with an empty Name "Bearer ".
	Prefix string
}

func (t *Transport) tokenHeader() tokenheader.Header { return tokenheader.Header(t.TokenHeader) }
