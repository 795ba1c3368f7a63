package client

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// TokenSource is where a Transport gets its tokens. A *token.Source is one. A wrapper around
// one should return its Found unchanged: a Found remembers its Source, which has the retry
// budget and may have a longer token. Any other TokenSource returns a token.Found with
// nothing but a Token.
type TokenSource interface {
	// Lookup returns a valid token that lasts at least that long from now; 0 means any
	// valid one. It is called for each request.
	Lookup(ctx context.Context, atLeast time.Duration) (token.Found, error)
	// Reject says that the API refused this token with a 401. After nil another one is
	// looked up, and the request sent again if it is another one; after an error the
	// caller gets the 401.
	Reject(ctx context.Context, tok store.Token) error
}
