package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/storetest"
)

// The faults of a store that handles many keys at once.
const (
	manyMisorders   fault = "returns the results in another order"
	manyDropsMisses fault = "returns nothing for a miss"
	manyFailsAll    fault = "fails all if one fails"
	manyForgetsTwin fault = "has no result for a key that is there twice"
	manyTwinWrites  fault = "says of two restores of one key that both have stored their token"
	manyOfNothing   fault = "returns a result for nothing"
	manyEndedMiss   fault = "takes the end of the context for a miss"
	manyOverwrites  fault = "restores whatever is there"
)

var brokenMany = []seeded{
	{manyMisorders, []string{"LookAll", "RestoreAll"}},
	{manyDropsMisses, []string{"LookAll"}},
	{manyFailsAll, []string{"ManyUnusable"}},
	{manyForgetsTwin, []string{"ManyOfOneKey"}},
	{manyTwinWrites, []string{"ManyOfOneKey"}},
	{manyOfNothing, []string{"ManyOfNone"}},
	{manyEndedMiss, []string{"ManyEnded"}},
	{manyOverwrites, []string{"RestoreAll"}},
}

// faultyMany is faultyShared that handles many keys at once, with one fault.
type faultyMany struct {
	faultyShared
	fault fault
}

func (s *faultyMany) LookAll(ctx context.Context, looks []store.Looking) (all []store.Looked) {
	seen := make(map[string]bool)
	for _, a := range looks {
		var r store.Looked
		switch {
		case s.fault == manyEndedMiss && ctx.Err() != nil:
			r.Err = store.ErrNotFound
		case s.fault == manyForgetsTwin && seen[a.Key]:
		default:
			r.Token, r.Now, r.Err = s.Look(ctx, a.Key, a.Had, a.Before)
		}
		if seen[a.Key] = true; s.fault == manyDropsMisses && r.Err != nil {
			continue
		}
		all = append(all, r)
	}
	if s.fault == manyMisorders {
		slices.Reverse(all)
	}
	if s.fault == manyOfNothing && len(all) == 0 {
		all = make([]store.Looked, 1)
	}
	return all
}

func (s *faultyMany) RestoreAll(ctx context.Context, tokens []store.Restoring) (all []store.Restored) {
	for i, a := range tokens {
		var r store.Restored
		if s.fault == manyOverwrites {
			a.Old, _ = s.Get(ctx, a.Key)
		}
		r.Token, r.Err = s.Restore(ctx, a.Key, a.Old, a.Token)
		if s.fault == manyTwinWrites && i > 0 && tokens[i-1].Key == a.Key {
			r.Token = a.Token
		}
		all = append(all, r)
	}
	for _, r := range all {
		if s.fault == manyFailsAll && r.Err != nil {
			for i := range all {
				all[i] = store.Restored{Err: fmt.Errorf("one of them: %w", r.Err)}
			}
		}
	}
	if s.fault == manyMisorders {
		slices.Reverse(all)
	}
	return all
}

func newMany(f fault) func(testing.TB) store.Store {
	return func(testing.TB) store.Store { return &faultyMany{fault: f} }
}

func TestFaultlessMany(t *testing.T) {
	storetest.RunMany(t, storetest.Config{New: newMany(faultless), In: synctest.Test})
}

func TestBrokenStoresOfMany(t *testing.T) {
	for _, b := range brokenMany {
		t.Run(b.fault.String(), func(t *testing.T) {
			failed := failuresOf(t, storetest.ManyPromises(), newMany(b.fault))
			for _, name := range b.breaks {
				if !slices.Contains(failed, name) {
					t.Errorf("case %s did not fail; %v did", name, failed)
				}
			}
		})
	}
}
