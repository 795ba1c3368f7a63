package client

import (
	"context"

	"github.com/advoware-go/advoware/store"
)

// notes is what Call and Transport tell each other past net/http. Requests that
// Call did not make have none; a nil *notes takes and says nothing.
type notes struct {
	own      bool        // the request is Call's: Transport may write to it
	tokenErr error       // why there was no second attempt after a 401
	token    store.Token // what an error's body must not show
}

type notesKey struct{}

func notesOf(ctx context.Context) *notes {
	n, _ := ctx.Value(notesKey{}).(*notes)
	return n
}

// isOwn is true once for each request: a redirect's next hop has the headers of
// the first, but is net/http's.
func (n *notes) isOwn() bool {
	if n == nil || !n.own {
		return false
	}
	n.own = false
	return true
}

func (n *notes) noteTokenError(err error) {
	if n != nil {
		n.tokenErr = err
	}
}

func (n *notes) noteToken(tok store.Token) {
	if n != nil {
		n.token = tok
	}
}
