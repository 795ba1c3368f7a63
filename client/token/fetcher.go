package token

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/internal/history"
	"github.com/advoware-go/advoware/internal/pacing"
	"github.com/advoware-go/advoware/internal/wait"
	"github.com/advoware-go/advoware/store"
)

// Fetcher is what the Sources of a process share, so that they act as one towards the
// gateway. Sources with the same Key and Credentials have one token request under way at
// a time, and one memory of failures; Sources with the same Key have one budget for
// tokens that the API refused. Each event is reported once: by the Source that met it, to
// its Hooks and its Logger.
//
// Give one Fetcher to Sources that have the same Store. What it remembers outlasts the
// last Source for as long as it counts, a few minutes at most: a Source that is closed
// and made anew gets no new attempts.
//
// The zero value is ready to use. It must not be copied after first use.
type Fetcher struct {
	mu       sync.Mutex // never held while anything is waited for
	accounts map[name]*account
	tokens   map[string]*tokens // by key
}

// NewFetcher returns a Fetcher that no Source uses yet.
func NewFetcher() *Fetcher { return new(Fetcher) }

// name identifies an account.
type name struct{ key, credentials string }

// account is what a process knows of the credentials that tokens for a key are requested
// with.
type account struct {
	tokens  *tokens
	fetches atomic.Uint64 // token requests begun; also their serial numbers

	// guarded by tokens.mu
	failure failure
	history history.History

	pace       pacing.Pace       // of token requests
	unstored   atomictoken.Token // fetched, but the store failed to take it: offered again on a miss
	preference preference
	renewing   atomic.Bool // by a call of a lazy Source

	// guarded by Fetcher.mu
	open   int32  // Sources
	guard  *guard // of those that are open
	expiry *time.Timer
}

// tokens is what a process knows of the tokens under a key, whatever the credentials: that
// the API refuses a token is the fault of the token or of the endpoint. Two passwords that
// the gateway accepts share a token, and so the retry budget.
type tokens struct {
	fetching wait.Slot // taken by the account that fetches, if there is no lease

	rejected atomictoken.Token // the one rejected last: a store that still has it is not believed; written under mu

	mu      sync.Mutex // never held while anything is waited for
	rejects rejects
	inUse   store.Token   // brought by the last run; to tell of rotations
	life    time.Duration // of inUse, 0 if that is not known

	// guarded by Fetcher.mu
	open     int32 // Sources
	accounts int32
}

// guard lets one run at a time search for a token. It lives as long as any Source of its
// account is open.
type guard struct {
	current atomic.Pointer[run] // nil if none is under way
	closing wait.End
}

// runs has the runs of all guards, by address: a Group for each would keep a map that takes more
// than the guard.
var runs singleflight.Group

// enter returns the account for a Source that opens, and its guard.
func (f *Fetcher) enter(n name) (*account, *guard) {
	if f == nil { // for this Source alone
		a := &account{tokens: new(tokens), guard: new(guard)}
		return a, a.guard
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.accounts[n]
	if a == nil {
		a = f.add(n)
	}
	if a.open == 0 {
		a.guard = new(guard)
	}
	if a.expiry != nil {
		a.expiry.Stop()
	}
	a.open++
	a.tokens.open++
	return a, a.guard
}

func (f *Fetcher) add(n name) *account {
	if f.accounts == nil {
		f.accounts, f.tokens = make(map[name]*account), make(map[string]*tokens)
	}
	t := f.tokens[n.key]
	if t == nil {
		t = new(tokens)
		f.tokens[n.key] = t
	}
	t.accounts++
	a := &account{tokens: t}
	f.accounts[n] = a
	return a
}

// leave is the end of a Source. With the last one of an account its run ends.
func (f *Fetcher) leave(n name, a *account) {
	if f != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		a.open--
		a.tokens.open--
		if a.open > 0 {
			return
		}
		defer f.release(n, a)
	}
	a.guard.closing.Come()
	a.close()
}

// release forgets an account that no Source uses, as soon as nothing of it counts.
func (f *Fetcher) release(n name, a *account) {
	if left := time.Until(a.counts()); left > 0 {
		a.expiry = time.AfterFunc(left, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if a.open == 0 && f.accounts[n] == a { // else a Source has opened meanwhile
				f.release(n, a)
			}
		})
		return
	}
	delete(f.accounts, n)
	if a.tokens.accounts--; a.tokens.accounts == 0 {
		delete(f.tokens, n.key)
	}
	if len(f.accounts) == 0 {
		f.accounts, f.tokens = nil, nil // a map does not shrink
	}
}

// close drops the tokens that no Source uses any more. The key may be given to another
// identity next.
func (a *account) close() {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	a.unstored.Store(store.Token{})
	if a.tokens.open == 0 {
		a.tokens.inUse, a.tokens.life = store.Token{}, 0
	}
}

// counts returns the instant until which what is remembered makes a difference.
func (a *account) counts() time.Time {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	until := a.failure.counts()
	if rejects := a.tokens.rejects.budget.Made().Until(); a.tokens.open == 0 && rejects.After(until) {
		return rejects
	}
	return until
}
