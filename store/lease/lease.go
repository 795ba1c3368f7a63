// Package lease defines how processes that share a store agree which of them fetches a
// token.
//
// A process that finds no token asks for the lease. The answer, in one exchange, is one
// of four: a token that another process has stored meanwhile; the name of the process
// that is fetching one; the failure of a process that tried; or the lease. store/redis
// keeps such a lease, client/token asks for it.
//
// A lease does not guarantee that there is one holder. A holder that was stopped for
// longer than its lease lasts and goes on later is not alone, nor is one that was
// replaced because its fetch took too long. There is no fencing token. What a holder
// writes must therefore compare, as Store.CompareAndSwap does.
//
// The types here are plain data and may be copied. See ARCHITECTURE.md for the way of
// one fetch.
package lease

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/store"
)

// Tiers are what a store in tiers offers beyond the Store to those who fetch. A tiered
// store returns them as one value, so that none is forgotten; any of them may be nil.
type Tiers struct {
	// Near is asked first, in the caller's way, so it should answer without waiting for
	// anything; only when it misses is the Store asked, once for all callers. Nil means
	// the Store itself.
	Near store.Store

	// Slot returns where Near keeps the token of a key until it removes it, nil if it has none:
	// the method Slot of a store/memory. A hit then loads the token from there, and Near.Get is
	// not called. So leave it nil for a Near that wraps another store and wants to know of each
	// Get, and for one that has no such method.
	Slot func(key string) *atomictoken.Slot

	// Reread reads the token that other processes see, also if the near tier has another:
	// before a token is fetched, somebody else may have done so. Nil means Store.Get.
	Reread func(ctx context.Context, key string) (store.Token, error)

	// Lease is asked before each fetch, so that one process of many makes it, and
	// credentials that were refused are left alone by all. That of a tiered store keeps the
	// near tier up to date. Nil means that each process fetches for itself.
	Lease Lease

	// Follow is called when the token comes into use: from then on, until stop is called,
	// the near tier should keep up with what others do to the token, and tell moved when
	// that made it hold another one. stop is called when the token lapses and when its
	// user closes. Nil means that the near tier does not have to keep up.
	Follow func(key string, moved func(store.Token)) (stop func())

	// Deleted reports whether a token is known to have been deleted, by this process or
	// another one, since it was stored last. Such a token is not offered to the Store again.
	// Nil means that nothing is known.
	Deleted func(key string, tok store.Token) bool
}

// Lease lets one process of many fetch the token under a key.
type Lease interface {
	// Acquire asks once and does not wait for the holder of the lease. An error means
	// that the state of the lease is not known.
	Acquire(ctx context.Context, key string, ask Ask) (Outcome, error)
}

// Ask is what a process says of itself when it asks for a lease.
type Ask struct {
	// Old is a token that will not do; the zero token if there is none. Any other
	// usable token that stands is the answer.
	Old store.Token
	// Credentials names what this process would fetch the token with; a Lease keeps at
	// most a hash of it. Failures are passed on between processes with the same
	// credentials only. Empty means that none are passed on, in either direction.
	Credentials string
	// Holder is the process that this one has been waiting for, from the Outcome before;
	// empty if there is none.
	Holder string
	// Tried reports that the last attempt of this process itself has failed. Then an outage
	// that Holder met is an answer too. For a process that has not tried it is not: the
	// holder may be the only one that does not reach the gateway.
	Tried bool
	// TakeOver asks for the place of Holder, if that still has the lease: it has been
	// waited for long enough. The processes that wait for Holder are woken and find this
	// one in its place, so that one at a time takes over.
	TakeOver bool
	// Force asks for the lease although the credentials have been refused lately, which
	// is forgotten when the lease is had: the fetch that follows finds out.
	Force bool
}

// Outcome is the answer to an Ask. Exactly one of Token, Failure, Release and Holder is
// set. Every Outcome with Release or Wait must be ended by calling one of the two, or
// Drop.
type Outcome struct {
	// Token stands in the store and is not Ask.Old.
	Token store.Token

	// Failure is what another process met, and it applies to this one.
	Failure *Failure

	// Release means that this process has the lease. It is called when the fetch has
	// ended: with nil when the token is stored, or with what went wrong, which is passed
	// on to the processes that wait. It does not wait for the store. Only the first call
	// counts.
	Release func(*Failure)

	// Holder names the process that is fetching.
	Holder string

	// Wait comes with Holder. It returns nil when it is worth asking again, or
	// ctx's error, and is called once.
	Wait func(ctx context.Context) error
}

// Drop ends an Outcome that is not needed.
func (o Outcome) Drop() {
	if o.Release != nil {
		o.Release(nil)
	}
	if o.Wait != nil {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = o.Wait(ctx)
	}
}

// Failure is why a holder could not fetch a token.
type Failure struct {
	// Refused reports whether the credentials were refused. That is kept for Pause, and
	// passed on to each process with the same credentials; any other failure only to
	// processes that wait and have tried themselves, unless it is Shared.
	Refused bool
	// Shared reports that a failure which is no refusal is kept and passed on like one: it
	// holds for each process with the same credentials, because the gateway was reached and
	// said so.
	Shared bool
	// Reason is a word for what the gateway said, "" if that is not known: lower case
	// letters, digits and hyphens, 32 at most; any other may be lost on the way. A word that is
	// not known to its reader means nothing: it may come from a later release.
	Reason string
	// Message is what went wrong, without secrets; it may be cut when it is passed on.
	Message string
	// Pause is how long from now no process should try again.
	Pause time.Duration
}
