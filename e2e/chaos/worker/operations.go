package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

const (
	tryEach = 4 // operations

	operationTimeout = 40 * time.Second

	// unseen is how long an outage may have lasted when the store tells of it.
	unseen = time.Second
)

// operations asks for tokens, and writes what it does to a history. In place of a client it
// tries the tokens itself, so that nothing is done that is not written down.
type operations struct {
	history *chaos.History
	source  *token.Source
	api     *http.Client
	url     string // of something that needs a token
	refresh int    // each such operation is a Refresh; 0 is none
}

// one makes the i-th operation of goroutine g, and another one if the API refuses the token.
func (o *operations) one(g, i int) error {
	ctx, cancel := context.WithTimeout(context.Background(), operationTimeout)
	defer cancel()
	kind, ask := chaos.TokenOp, func() (store.Token, error) { return o.source.Token(ctx, 0) }
	if o.refresh > 0 && (i+g)%o.refresh == o.refresh-1 {
		kind, ask = chaos.RefreshOp, func() (store.Token, error) {
			found, err := o.source.Refresh(ctx)
			return found.Token, err
		}
	}
	id := o.history.Begin(chaos.Entry{Kind: kind})
	tok, err := ask()
	o.history.End(id, chaos.Entry{Kind: kind, Token: tok.Fingerprint(), Error: text(err)})
	if err != nil || (i+g)%tryEach != 0 {
		return err
	}
	refused, err := o.refuses(ctx, tok)
	if err != nil || !refused {
		return err
	}
	id = o.history.Begin(chaos.Entry{Kind: chaos.RejectOp, Token: tok.Fingerprint()})
	err = o.source.Reject(ctx, tok)
	var failed *token.FetchError
	unchanged := errors.Is(err, token.ErrRejectBudget) || errors.As(err, &failed)
	o.history.End(id, chaos.Entry{Kind: chaos.RejectOp, Error: text(err), Unclear: err != nil && !unchanged})
	return nil
}

// refuses asks the API.
func (o *operations) refuses(ctx context.Context, tok store.Token) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url, nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+tok.Reveal())
	resp, err := o.api.Do(req)
	if err != nil {
		return false, err
	}
	_ = resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return false, nil
	case http.StatusUnauthorized:
		return true, nil
	}
	return false, fmt.Errorf("the API says %s", resp.Status)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// outageHooks write down what the store says of Redis.
func outageHooks(name string, history *chaos.History) tiered.Hooks {
	var mu sync.Mutex
	down := 0 // the ID of the outage, 0 if there is none
	return tiered.Hooks{
		FarDown: func(err error) {
			mu.Lock()
			defer mu.Unlock()
			if down == 0 {
				down = history.Begin(chaos.Entry{Kind: chaos.OutageOp, For: name, At: time.Now().Add(-unseen), Text: err.Error()})
			}
		},
		FarUp: func() {
			mu.Lock()
			defer mu.Unlock()
			if down != 0 {
				history.End(down, chaos.Entry{Kind: chaos.OutageOp, For: name})
				down = 0
			}
		},
	}
}
