package client

import (
	"context"
	"io"
	"net/http"

	"github.com/advoware-go/advoware/internal/quiet"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/store"
)

// callState is the state of one call. Through it Call and Transport exchange what net/http
// has no place for, and it is one allocation instead of many. It is the context of the
// call's requests. Requests that Call did not make have none; on a nil *callState the
// setters do nothing.
type callState struct {
	context.Context

	own      *http.Request // Call's: Transport may write to it
	tokenErr error         // why there was no second attempt after a 401
	token    store.Token   // what no error must show
	earlier  []store.Token // nor these, of earlier attempts: a server may repeat them
	sent     bool          // the last attempt may have been carried out
	idle     *quiet.Watch  // of Open, else nil

	body answerBody
	left io.LimitedReader // of the answer
}

type callStateKey struct{}

// Value implements context.Context.
func (n *callState) Value(key any) any {
	if key == (callStateKey{}) {
		return n
	}
	return n.Context.Value(key)
}

func callStateOf(ctx context.Context) *callState {
	n, _ := ctx.Value(callStateKey{}).(*callState)
	return n
}

// isOwn is true for the request that Call itself made. The requests that net/http derives
// from it, for a redirect, have the same context.
func (n *callState) isOwn(req *http.Request) bool { return n != nil && n.own == req }

func (n *callState) setSent(sent bool) {
	if n != nil {
		n.sent = sent
	}
}

func (n *callState) setTokenError(err error) {
	if n != nil {
		n.tokenErr = err
	}
}

// beginAttempt records that a request is passed to the Base with this token. An attempt
// before it was answered, by a 401 or a redirect.
func (n *callState) beginAttempt(tok store.Token) {
	if n != nil {
		if !n.token.IsZero() && !n.token.Equal(tok) {
			n.earlier = append(n.earlier, n.token)
		}
		n.token, n.sent = tok, true
		if n.idle != nil {
			n.idle.Wait() // from now on for the answer
		}
	}
}

// redactor hides tok, the token of the last attempt, and the tokens of those before it.
func (n *callState) redactor(tok store.Token) *redact.Secret {
	hidden := redactor(tok)
	if n != nil {
		for _, tok := range n.earlier {
			hidden = hidden.And(redactor(tok))
		}
	}
	return hidden
}

// answerBody is the body of an answer, whose errors are the call's own and show no token.
type answerBody struct {
	io.ReadCloser
	ctx   context.Context
	token store.Token
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = met(b.ctx, redactor(b.token).Error(err))
	}
	return n, err
}
