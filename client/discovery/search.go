package discovery

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/origin"
)

// find is the run of those who know nothing yet.
func (f *Finder) find(ctx context.Context) (*Addresses, error) {
	if a := f.office.present.Load(); a != nil {
		return a, nil
	}
	if err := f.refused(); err != nil {
		return nil, err
	}
	return f.search(ctx, nil, f.cfg.bound()*2/3)
}

// expired is the run of those who know what may have changed meanwhile.
func (f *Finder) expired(ctx context.Context) (*Addresses, error) {
	return f.search(ctx, f.office.present.Load(), f.cfg.bound()*2/3)
}

// search looks into Memory, and asks the vendor if it has nothing, once for a fleet. Known
// is what serves if there is no answer, patience how long another process is waited for.
func (f *Finder) search(ctx context.Context, known *Addresses, patience time.Duration) (*Addresses, error) {
	began := time.Now()
	if a := f.recalled(ctx, known); a != nil {
		f.logFound(ctx, "the address of the Kanzlei was remembered", a, began)
		return a, nil
	}
	if !f.claim(ctx, f.askingKey(), f.cfg.bound()+time.Second) { // another process asks
		if a := f.await(ctx, known, began.Add(patience)); a != nil {
			f.logFound(ctx, "the address of the Kanzlei was asked for by another process", a, began)
			return a, nil
		}
	}
	a, err := f.question(ctx, began)
	if err != nil {
		return f.without(ctx, known, err)
	}
	f.logFound(ctx, "the vendor was asked where the Kanzlei is reached", a, began)
	return f.adopt(ctx, a), nil
}

// logFound tells of addresses, and how long it took to find them since began.
func (f *Finder) logFound(ctx context.Context, how string, a *Addresses, began time.Time) {
	f.tell(func() {
		f.cfg.Logger.DebugContext(ctx, how, "service", origin.Of(f.url), "api", origin.Of(a.API), "gateway", origin.Of(a.Token),
			"took", time.Since(began).Round(time.Millisecond).String())
	})
}

// question asks the vendor, within the bound that began then. A panic of the transport is
// a failure like any other.
func (f *Finder) question(ctx context.Context, began time.Time) (*Addresses, error) {
	left := max(f.cfg.bound()-time.Since(began), f.cfg.bound()/4)
	ctx, cancel := context.WithTimeoutCause(ctx, left, &lateError{f.cfg.bound()})
	defer cancel()
	type said struct {
		addresses *Addresses
		odd       []string
	}
	s, err := bounded.Do(ctx, func(ctx context.Context) (said, error) {
		a, odd, err := f.ask(ctx)
		return said{a, odd}, err
	})
	f.tellOdd(ctx, s.odd)
	var e *Error
	if err != nil && !errors.As(err, &e) {
		err = f.failed(ctx, 0, err)
	}
	return s.addresses, err
}

// recalled returns the addresses by what Memory has, nil if that does not help.
func (f *Finder) recalled(ctx context.Context, known *Addresses) *Addresses {
	n, ok := f.recall(ctx)
	if ok && n.addresses != nil {
		return f.learn(ctx, n.addresses)
	}
	fresh := false
	f.office.locked(func() { // a note that never ends is none of ours
		o := f.office
		if !ok {
			o.noted = time.Time{}
		} else if o.noted.IsZero() {
			o.noted = time.Now()
		}
		fresh = ok && time.Since(o.noted) < failedFor
	})
	if fresh && known == nil && !f.cfg.Required {
		a := f.fallback(lookEvery)
		f.warn(ctx, a, errElsewhere)
		return a
	}
	return nil
}

// await waits until then for what another process finds out.
func (f *Finder) await(ctx context.Context, known *Addresses, until time.Time) *Addresses {
	for time.Now().Before(until) && !f.cfg.Offices.resting() && pause(ctx, otherPoll) {
		// Waiting for another process is not waiting for Memory.
		if a := f.recalled(farwait.Fresh(ctx, farwait.Default), known); a != nil {
			return a
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// without returns what serves after a failure.
func (f *Finder) without(ctx context.Context, known *Addresses, err error) (*Addresses, error) {
	if errors.Is(context.Cause(ctx), ErrClosed) {
		return nil, err // it did not fail
	}
	switch {
	case known != nil:
		f.office.locked(func() { f.office.learned = time.Now() })
		f.tell(func() {
			f.cfg.Logger.WarnContext(ctx, "the vendor does not say where the Kanzlei is reached: the last known address serves on", "error", err)
		})
		f.keepMeanwhile(ctx, written(known), f.cfg.TTL)
		return known, nil
	case f.cfg.Required:
		f.office.locked(func() { f.office.failure, f.office.notUntil = err, time.Now().Add(refusedFor) })
		return nil, err
	}
	a := f.fallback(failedFor)
	f.keepMeanwhile(ctx, noteFailed, failedFor)
	f.warn(ctx, a, err)
	return a, nil
}

// errElsewhere is a failure that Memory tells of.
var errElsewhere = errors.New("another process met it")

// warn tells once that the defaults serve.
func (f *Finder) warn(ctx context.Context, a *Addresses, err error) {
	before := false
	f.office.locked(func() { before, f.office.warned = f.office.warned, true })
	if !before {
		f.tell(func() {
			f.cfg.Logger.WarnContext(ctx, "the vendor does not say where the Kanzlei is reached: the default address serves",
				"api", origin.Of(a.API), "asked_again_after", failedFor.String(), "error", err)
		})
	}
}

// refused returns the error of an attempt that was made a moment ago.
func (f *Finder) refused() (err error) {
	f.office.locked(func() {
		if time.Now().Before(f.office.notUntil) {
			err = f.office.failure
		}
	})
	return err
}

// fallback makes the defaults the present addresses, for a while.
func (f *Finder) fallback(d time.Duration) *Addresses {
	a := f.defaults
	a.retry = time.Now().Add(d)
	f.office.locked(func() {
		f.office.retrying = false
		f.office.present.Store(&a)
	})
	return &a
}

// learn makes addresses the present ones, and returns these. The pointer stays if nothing
// has changed.
func (f *Finder) learn(ctx context.Context, a *Addresses) *Addresses {
	var before *Addresses
	f.office.locked(func() {
		o := f.office
		o.confirmed = time.Now()
		o.learned, o.notUntil, o.warned, o.retrying = time.Now(), time.Time{}, false, false
		if before = o.present.Load(); before != nil && before.equal(a) {
			a = before
			return
		}
		o.present.Store(a)
	})
	if before != nil && (before.API.String() != a.API.String() || before.Token.String() != a.Token.String()) {
		f.tell(func() {
			f.cfg.Logger.InfoContext(ctx, "the Kanzlei is reached at another address", "api", origin.Of(a.API), "before", origin.Of(before.API), "gateway", origin.Of(a.Token))
		})
	}
	return a
}

// adopt learns an answer of the vendor, and keeps it for others.
func (f *Finder) adopt(ctx context.Context, a *Addresses) *Addresses {
	a = f.learn(ctx, a)
	f.keep(ctx, written(a), f.cfg.TTL)
	return a
}

// tellOdd warns once of what an answer has that is not used.
func (f *Finder) tellOdd(ctx context.Context, odd []string) {
	text, before := strings.Join(odd, "; "), false
	f.office.locked(func() { before, f.office.odd = text == f.office.odd, text })
	if text != "" && !before {
		f.tell(func() { f.cfg.Logger.WarnContext(ctx, "an address that the vendor names is not used", "reason", text) })
	}
}
