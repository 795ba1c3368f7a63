package client

import (
	"context"
	"net/http"

	"github.com/advoware-go/advoware/store"
)

// notes is what Call and Transport tell each other past net/http. Requests that
// Call did not make have none; a nil *notes takes and says nothing.
type notes struct {
	own      *http.Request // Call's, until it is sent: Transport may write to it
	tokenErr error         // why there was no second attempt after a 401
	token    store.Token   // what no error must show
}

type notesKey struct{}

func notesOf(ctx context.Context) *notes {
	n, _ := ctx.Value(notesKey{}).(*notes)
	return n
}

// isOwn is true once, for the very request that Call made: what net/http makes of
// it, a redirect's next hop for one, has the same context.
func (n *notes) isOwn(req *http.Request) bool {
	if n == nil || n.own != req {
		return false
	}
	n.own = nil
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
