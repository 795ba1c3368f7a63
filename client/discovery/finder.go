// Package discovery finds out where an office is reached.
//
// The vendor has a service that knows for each Kanzlei the address of its API, a relay of
// the vendor's or a connector in the office, and the gateway that issues its tokens. A
// [Finder] asks it when an address is first needed, once for all callers, keeps the answer
// for the process and, in a [Memory], for the fleet, and asks again when an address stops
// answering. Present is what a request needs: one load of a pointer.
//
// An answer is not trusted further than it has to be: only https, and the password only to
// a gateway under the domain of the service itself, or one that is configured. See
// docs/configuration.md for what a forged answer could do.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for what happens in each
// failure.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/origin"
)

const (
	autoWait     = 3 * time.Second  // for an answer: a firewall may swallow the question
	requiredWait = 15 * time.Second // for one that is required
	failedFor    = 10 * time.Minute // how long the defaults serve before it is asked again
	refusedFor   = 10 * time.Second // how long an error stands, if an answer is required
	lookEvery    = time.Minute      // at failures that are remembered elsewhere
	renewAfter   = time.Minute      // an answer that is older is asked for again with a token
	otherPoll    = 25 * time.Millisecond
)

// Finder knows the addresses of one office. Make it with [New].
type Finder struct {
	cfg      Config
	url      *url.URL
	defaults Addresses
	office   *office
	closed   sync.Once
}

// Present returns the present addresses, nil if nothing has been found out yet. It never
// waits. While the defaults serve because the vendor did not answer, it has it asked again
// in the background, every ten minutes.
func (f *Finder) Present() *Addresses {
	a := f.office.present.Load()
	if a != nil && !a.retry.IsZero() && !time.Now().Before(a.retry) {
		f.retry(a)
	}
	return a
}

// Find returns the present addresses. If nothing has been found out yet, Memory is asked,
// and then the vendor, for 3 s at most, or for 15 s if an answer is required; one caller
// asks for all. Without an answer it returns the defaults, or an [*Error] if an answer is
// required. A caller whose ctx ends leaves with an error that matches ctx.Err(); the others
// still get the answer.
func (f *Finder) Find(ctx context.Context) (*Addresses, error) {
	if a := f.Present(); a != nil {
		return a, nil
	}
	return f.join(ctx, "find", f.find)
}

// Renew is Find for a token request, which keeps addresses as fresh as tokens: those older
// than a minute are asked for again beside the caller, and for those older than TTL the
// caller waits. Without an answer what is known goes on to serve.
func (f *Finder) Renew(ctx context.Context) (*Addresses, error) {
	a := f.Present()
	if a == nil || a.Fallback() {
		return f.Find(ctx)
	}
	var age time.Duration
	f.office.locked(func() { age = time.Since(f.office.learned) })
	switch {
	case age > f.cfg.TTL:
		return f.join(ctx, "find", f.expired)
	case age > renewAfter && f.office.once(&f.office.renewed, renewAfter):
		if f.cfg.Lazy {
			return f.join(ctx, "renew", f.renew)
		}
		f.beside(f.renew)
	}
	return a, nil
}

// Place names the service that is asked, as far as it says whose tokens these are: "" for
// the vendor's. The port of a service on this machine does not count.
func (f *Finder) Place() string {
	u := *f.url
	if u.String() == DefaultURL {
		return ""
	}
	if origin.Loopback(u.Hostname()) {
		u.Host = "localhost"
	}
	return u.String()
}

// Confirmed returns when the present addresses were last confirmed, by the vendor or by
// another process that has asked; zero if there are none.
func (f *Finder) Confirmed() (at time.Time) {
	f.office.locked(func() { at = f.office.confirmed })
	return at
}

// Close ends what is under way for this Finder alone. Addresses that are known can still be
// read.
func (f *Finder) Close() { f.closed.Do(f.office.leave) }

// id names what Finders must have in common to share an office.
func (f *Finder) id() string {
	var b strings.Builder
	for _, part := range []string{
		f.cfg.Key, f.cfg.URL, f.cfg.Kanzlei, f.cfg.BaseURL, f.cfg.TokenURL,
		strconv.FormatBool(f.cfg.Required), strconv.FormatBool(f.cfg.AllowInsecure),
	} {
		fmt.Fprintf(&b, "%d:%s,", len(part), part)
	}
	return b.String()
}

// join joins the run of that name, or leads one, and waits for its end or that of ctx. A
// run has a bound of its own, and ends early with the last Finder only. Nothing that panics
// or exits in it reaches singleflight, which would end the process.
func (f *Finder) join(ctx context.Context, name string, run func(context.Context) (*Addresses, error)) (*Addresses, error) {
	if ctx.Err() != nil {
		return nil, leftError(ctx)
	}
	done := f.office.runs.DoChan(name, func() (any, error) { return f.lead(context.WithoutCancel(ctx), run) })
	select {
	case r := <-done:
		a, _ := r.Val.(*Addresses)
		return a, r.Err
	case <-ctx.Done():
		return nil, leftError(ctx)
	}
}

func (f *Finder) lead(ctx context.Context, run func(context.Context) (*Addresses, error)) (*Addresses, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	life := f.office.context()
	defer context.AfterFunc(life, func() { cancel(context.Cause(life)) })()
	// What is remembered elsewhere is looked at within 250 ms; the bound is for the vendor.
	ctx, stop := context.WithTimeout(ctx, f.cfg.bound()+writeBound)
	defer stop()
	ctx, _ = farwait.With(ctx, farwait.Default)
	a, err := bounded.Do(ctx, run)
	var e *Error
	if err != nil && !errors.As(err, &e) {
		err = f.failed(ctx, 0, err)
	}
	return a, err
}

// beside has a run made without waiting for it.
func (f *Finder) beside(run func(context.Context) (*Addresses, error)) {
	life := f.office.context()
	bounded.Run(func() { _, _ = f.lead(life, run) })
}

// tell has the log written. A logger that hangs is waited for a second, one that panics
// does no harm.
func (f *Finder) tell(write func()) {
	late := time.NewTimer(time.Second)
	defer late.Stop()
	select {
	case <-bounded.Run(write):
	case <-late.C:
	}
}
