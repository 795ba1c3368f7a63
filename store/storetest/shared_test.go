package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/storetest"
)

// The faults of a store that knows of deletions.
const (
	forgetsDeletions fault = "does not remember deletions"
	remembersOne     fault = "remembers the last deletion only"
	remembersSeen    fault = "remembers only what it removed"
	neverForgives    fault = "keeps a tombstone when the token is stored again"
	buriesAll        fault = "takes every token that is absent for deleted"
	restoresOver     fault = "restores whatever is there"
	restoresNothing  fault = "restores only over what is there"
	looksAside       fault = "looks for the token that the caller had"
)

var brokenShared = []seeded{
	{forgetsDeletions, []string{"LookDeleted", "RestoreDeleted"}},
	{remembersOne, []string{"LookDeleted"}},
	{remembersSeen, []string{"DeletedUnseen"}},
	{neverForgives, []string{"SwapAfterDelete"}},
	{buriesAll, []string{"LookAbsent"}},
	{restoresOver, []string{"RestoreCompares"}},
	{restoresNothing, []string{"RestoreIntoEmpty"}},
	{looksAside, []string{"LookThere"}},
}

// faultyShared is a store.Map that remembers deletions, with one fault.
type faultyShared struct {
	store.Map
	fault fault
	mu    sync.Mutex
	gone  []string
}

func (s *faultyShared) isGone(tok store.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !tok.IsZero() && slices.Contains(s.gone, tok.Reveal())
}

func (s *faultyShared) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	got, err := s.Map.CompareAndSwap(ctx, key, old, tok)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && got.Equal(tok) && s.fault != neverForgives {
		s.gone = slices.DeleteFunc(s.gone, func(text string) bool { return text == tok.Reveal() })
	}
	return got, err
}

func (s *faultyShared) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	there, _ := s.Get(ctx, key)
	s.mu.Lock()
	switch {
	case s.fault == forgetsDeletions, s.fault == remembersSeen && !there.Equal(old):
	case s.fault == remembersOne:
		s.gone = []string{old.Reveal()}
	default:
		s.gone = append(s.gone, old.Reveal())
	}
	s.mu.Unlock()
	return s.Map.CompareAndDelete(ctx, key, old)
}

func (s *faultyShared) Look(ctx context.Context, key string, had store.Token, _ store.Losses) (store.Token, store.Losses, error) {
	tok, err := s.Get(ctx, key)
	if s.fault == looksAside && !tok.Equal(had) {
		tok, err = store.Token{}, store.ErrNotFound
	}
	if err != nil && (s.isGone(had) || s.fault == buriesAll) {
		err = fmt.Errorf("%w: %w", err, store.ErrDeleted)
	}
	return tok, store.UnknownLosses, err
}

func (s *faultyShared) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if s.isGone(tok) {
		return store.Token{}, fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
	}
	there, err := s.Get(ctx, key)
	switch {
	case s.fault == restoresOver:
		old = there
	case s.fault == restoresNothing && err != nil:
		return store.Token{}, err
	}
	return s.Map.CompareAndSwap(ctx, key, old, tok)
}

func newShared(f fault) func(testing.TB) store.Store {
	return func(testing.TB) store.Store { return &faultyShared{fault: f} }
}

func TestFaultlessShared(t *testing.T) {
	storetest.RunShared(t, storetest.Config{New: newShared(faultless), In: synctest.Test})
	storetest.Run(t, storetest.Config{New: newShared(faultless), Tolerance: exact, In: synctest.Test})
}

func TestBrokenSharedStores(t *testing.T) {
	for _, b := range brokenShared {
		t.Run(b.fault.String(), func(t *testing.T) {
			failed := failuresOf(t, storetest.SharedPromises(), newShared(b.fault))
			for _, name := range b.breaks {
				if !slices.Contains(failed, name) {
					t.Errorf("case %s did not fail; %v did", name, failed)
				}
			}
		})
	}
}
