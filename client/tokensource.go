package client

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// TokenSource is where a Transport has its tokens from. A *token.Source is one; so is a
// type around one that passes its Found on as it is, which loses nothing: a Found
// remembers the Source that keeps the retry budget and the longer token. A TokenSource of
// another kind returns a token.Found that has a Token, and is asked nothing but this.
type TokenSource interface {
	// Lookup returns a valid token that lasts at least that long from now; 0 means any
	// valid one. It is called for each request.
	Lookup(ctx context.Context, atLeast time.Duration) (token.Found, error)
	// Reject says that the API refused this token with a 401. After nil another one is
	// looked up, and the request sent again if it is another one; after an error the
	// caller gets the 401.
	Reject(ctx context.Context, tok store.Token) error
}
