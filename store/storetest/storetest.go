// Package storetest is a conformance suite for implementations of [store.Store]. A store
// that passes it works with the rest of this module. [RunShared], [RunMany] and [RunLease] are
// the suites for [store.Shared], for [store.Many] and for a lease.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Config{
//			New: func(t testing.TB) store.Store { return newMyStore(t) },
//			In:  synctest.Test, // if the store can live in a bubble
//		})
//	}
//
// Each case is a subtest for one promise, a sentence that it logs when it fails.
// The suite does not depend on the kind of store. Its cases run one after the other; some
// use the store from many goroutines, so run them with the race detector. See
// ARCHITECTURE.md for what the promises are good for.
package storetest

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Config configures the suite. Only New is required.
type Config struct {
	// New returns the store to test, and cleans up with t.Cleanup. It is called once for
	// each case. The store need not be empty: each case uses random keys. It must take
	// tokens with lifetimes of Lifetime and of 15 to 30 minutes.
	New func(t testing.TB) store.Store

	// Lifetime is the lifetime of tokens whose expiry a case waits for. Zero or negative
	// means one second. In real time, it should be well above the longest pause of a
	// busy machine.
	Lifetime time.Duration

	// Tolerance is by how much the expiry of a returned token may differ from that of the
	// stored one, and for how long after it the token may still be found. Zero or
	// negative means one second.
	Tolerance time.Duration

	// Sleep lets time pass for the test and the store. Nil means time.Sleep.
	Sleep func(time.Duration)

	// In runs a case, including New. With synctest.Test it runs in a bubble, where
	// waiting takes no time. Nil means that run is just called.
	In func(t *testing.T, run func(t *testing.T))
}

// Run tests the stores that c.New returns.
func Run(t *testing.T, c Config) { run(t, c, promises) }

func run(t *testing.T, c Config, promises []promise) {
	t.Helper()
	if c.New == nil {
		t.Fatal("storetest: Config.New is required")
	}
	if c.In == nil {
		c.In = func(t *testing.T, run func(t *testing.T)) { run(t) }
	}
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			c.In(t, func(t *testing.T) { p.test(t, c) })
		})
	}
}

// promise is one case of the suite.
type promise struct {
	name string
	text string
	try  func(*subject)
}

// test runs the case on a new store.
func (p promise) test(t testing.TB, c Config) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("broken promise: %s", p.text)
		}
	}()
	p.try(newSubject(t, c))
}

var promises = []promise{
	{"GetAbsent", "Get of a key with no token returns ErrNotFound and the zero token.", getAbsent},
	{"SwapIntoEmpty", "With no token there, CompareAndSwap with a zero old stores the token, and Get returns it.", swapIntoEmpty},
	{"SwapRightOld", "CompareAndSwap with the right old replaces the token, repeatedly.", swapRightOld},
	{"SwapWrongOld", "CompareAndSwap with another old keeps the token there, and returns it.", swapWrongOld},
	{"SwapZeroOld", "CompareAndSwap with a zero old keeps the token there, and returns it.", swapZeroOld},
	{"SwapOldGone", "With no token there any more, CompareAndSwap stores the token whatever old is.", swapOldAbsent},
	{"SwapEqualCopy", "Tokens are compared by Equal: another copy is the same token.", swapEqualCopy},
	{"SwapUnusable", "CompareAndSwap of a zero or expired token returns ErrUnusable and changes nothing.", swapUnusable},
	{"DeleteExact", "CompareAndDelete removes the token there, also if old is another copy.", deleteExact},
	{"DeleteOlder", "CompareAndDelete of an older token keeps the newer one.", deleteOlder},
	{"DeleteZero", "CompareAndDelete of the zero token changes nothing.", deleteZero},
	{"DeleteAbsent", "CompareAndDelete with no token there is not an error.", deleteAbsent},
	{"Keys", "Keys are exact and independent of each other, whatever characters they have.", keys},
	{"Text", "A token is returned byte for byte, up to MaxTokenBytes, with its Header.", text},
	{"Cancelled", "With a cancelled context a method returns its error or succeeds; no token is lost.", cancelled},
	{"Ended", "With a context that has ended, however it ended, the error of a method matches ctx.Err(), and a deadline is a timeout.", ended},
	{"Expiry", "A token is returned with its expiry, also after only the expiry was replaced.", expiry},
	{"Ends", "Get of an expired token is a miss.", ends},
	{"SwapAfterEnd", "CompareAndSwap replaces an expired token whatever old is.", swapAfterEnd},
	{"RenewedInTime", "A token that replaced another one does not expire with it.", renewedInTime},
	{"RaceIntoEmpty", "Of concurrent CompareAndSwap calls with no token there one succeeds, and all return its token.", raceIntoEmpty},
	{"RaceUpdates", "Of concurrent CompareAndSwap calls with the same old one succeeds: no update is lost.", raceUpdates},
	{"RaceDeleteSwap", "A token that replaces another one during CompareAndDelete of that is never lost.", raceDeleteSwap},
	{"RaceLateDeletes", "CompareAndDelete calls that come late never remove a newer token.", raceLateDeletes},
	{"RaceReaders", "A Get during writes returns a whole token of its key, never an older one than was read, or written, before it began.", raceReaders},
}
