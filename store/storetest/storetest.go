// Package storetest is the conformance suite for [store.Store]: whoever writes a
// store runs it, and knows that the rest of the library can rely on that store.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Config{
//			New: func(t testing.TB) store.Store { return newMyStore(t) },
//			In:  synctest.Test, // if the store can live in a bubble
//		})
//	}
//
// Each case is a subtest with a one-sentence promise, which it prints when the
// store breaks it. The suite does not ask what kind of store it has. Its cases run
// one after the other; some use the store from many goroutines, so run them with
// the race detector. See ARCHITECTURE.md for what the promises are good for.
package storetest

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Config tells the suite how to get a store and how time passes for it. Only New
// is required.
type Config struct {
	// New returns the store to test and cleans up with t.Cleanup. It is called for
	// each case. The store need not be empty: each case has keys that nobody used
	// before. It must take tokens that live for Lifetime and for 15 to 30 minutes.
	New func(t testing.TB) store.Store

	// Lifetime is how long a token lives that a case waits for to end. Zero or
	// negative means one second. In real time, choose it well above the longest
	// pause of a busy machine.
	Lifetime time.Duration

	// Tolerance is by how much the expiry of a token that comes back may differ
	// from the one that went in, and how long after it the token may still be
	// found. Zero or negative means one second.
	Tolerance time.Duration

	// Sleep lets time pass, for the store too. Nil means time.Sleep.
	Sleep func(time.Duration)

	// In runs a case, New included, somewhere: synctest.Test runs it in a bubble,
	// where waiting takes no time. Nil means here.
	In func(t *testing.T, run func(t *testing.T))
}

// Run tests the store that c.New returns, case by case.
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

// test tries to make a store of its own break the promise.
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
	{"GetAbsent", "Get of a key with nothing there is ErrNotFound and the zero token.", getAbsent},
	{"SwapIntoEmpty", "With nothing there, a zero old stores the token, and Get finds it.", swapIntoEmpty},
	{"SwapRightOld", "With the right old the token is replaced, again and again.", swapRightOld},
	{"SwapWrongOld", "With another old the token there stays, and is what comes back.", swapWrongOld},
	{"SwapZeroOld", "With a zero old the token there stays, and is what comes back.", swapZeroOld},
	{"SwapOldGone", "With nothing there any more, an old does not hinder: the token is stored.", swapOldGone},
	{"SwapEqualCopy", "Old and what is there are compared by Equal: another copy is the same token.", swapEqualCopy},
	{"SwapUnusable", "A zero or expired token is refused with ErrUnusable and changes nothing.", swapUnusable},
	{"DeleteExact", "CompareAndDelete removes the token there, also when told by another copy.", deleteExact},
	{"DeleteOlder", "CompareAndDelete of an older token keeps the newer one.", deleteOlder},
	{"DeleteZero", "CompareAndDelete of the zero token changes nothing.", deleteZero},
	{"DeleteAbsent", "CompareAndDelete with nothing there is not an error.", deleteAbsent},
	{"Keys", "Keys are exact and independent of each other, whatever they look like.", keys},
	{"Text", "A token comes back byte for byte, up to MaxTokenBytes, and its Header is ready.", text},
	{"Cancelled", "A context that is done is obeyed or does not matter; no token is lost over it.", cancelled},
	{"Expiry", "A token's expiry comes back as it was, also when only the expiry is replaced.", expiry},
	{"Ends", "After its expiry a token is a miss.", ends},
	{"SwapAfterEnd", "A token that has ended does not stand in the way, whatever old is.", swapAfterEnd},
	{"RenewedInTime", "A token that replaced another one does not end with it.", renewedInTime},
	{"RaceIntoEmpty", "Of many who store at once into nothing one wins, and all are told who.", raceIntoEmpty},
	{"RaceUpdates", "Of many who replace the same token at once one wins: no update is lost.", raceUpdates},
	{"RaceDeleteSwap", "A token that replaces another one while that is deleted is never lost.", raceDeleteSwap},
	{"RaceLateDeletes", "Any number of late deletes never remove a newer token.", raceLateDeletes},
	{"RaceReaders", "Who reads while others write gets whole tokens of this key, never an older one after a newer.", raceReaders},
}
