package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// leaving is a store whose caller leaves when a token has been deleted.
type leaving struct {
	store.Map
	leave context.CancelFunc
}

func (l *leaving) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	err := l.Map.CompareAndDelete(ctx, key, old)
	l.leave()
	return err
}

// A rejection that was made has been made, also if its caller has left meanwhile.
func TestRejectionOfACallerThatLeavesIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		told := 0
		s := start(t, new(gateway), token.Config{Store: &leaving{leave: cancel}, Hooks: token.Hooks{Rejected: func(store.Token) { told++ }}})
		if err := s.Reject(ctx, mustToken(t, s)); err != nil {
			t.Error(err)
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}

// A refusal is put to the test for a minute after one that was contradicted, and only that of the
// token that is in use.
func TestRefusalsAreDoubtedForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{})
		f := mustFind(t, s)
		if foundhook.Doubted(t.Context(), f) {
			t.Error("doubted before anything was contradicted")
		}
		foundhook.Contradicted(f)
		if !foundhook.Doubted(t.Context(), f) {
			t.Error("not doubted after a contradiction")
		}
		time.Sleep(time.Minute + time.Second)
		if foundhook.Doubted(t.Context(), f) {
			t.Error("doubted after a minute")
		}
		foundhook.Contradicted(f)
		if err := s.Reject(t.Context(), f.Token); err != nil {
			t.Fatal(err)
		}
		if foundhook.Doubted(t.Context(), f) {
			t.Error("doubted although it counts as refused already")
		}
		before := mustFind(t, s)
		after, err := s.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if foundhook.Doubted(t.Context(), before) || !foundhook.Doubted(t.Context(), after) {
			t.Error("not the one that is in use is doubted")
		}
	})
}

// A refusal counts although no store has the token any more, if the one that this process got last has
// ended: the refused one was another process's.
func TestRefusalAfterTheLastTokenHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, st := &gateway{life: time.Minute}, new(store.Map)
		s := start(t, g, token.Config{Store: st, OneShot: true})
		mustToken(t, s)
		time.Sleep(time.Hour)
		theirs := newToken(t, "theirs", time.Hour)
		old, _ := st.Get(t.Context(), key)
		if _, err := st.CompareAndSwap(t.Context(), key, old, theirs); err != nil {
			t.Fatal(err)
		}
		if tok := mustToken(t, s); !tok.Equal(theirs) {
			t.Fatalf("got %v", tok)
		}
		if err := st.CompareAndDelete(t.Context(), key, theirs); err != nil {
			t.Fatal(err)
		}
		if err := s.Reject(t.Context(), theirs); err != nil {
			t.Fatal(err)
		}
		if n := s.Stats().Rejects; n != 1 {
			t.Errorf("%d tokens were rejected", n)
		}
	})
}

// leftDuringDeletion is a store that fails to delete, as its caller has left meanwhile.
type leftDuringDeletion struct {
	store.Map
	leave context.CancelFunc
}

func (l *leftDuringDeletion) CompareAndDelete(ctx context.Context, _ string, _ store.Token) error {
	l.leave()
	return errors.New("connection closed")
}

// A refusal whose caller has left before the store had the deletion is told so, and not of the store.
func TestRejectWhoseCallerLeavesDuringTheDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := start(t, new(gateway), token.Config{Store: &leftDuringDeletion{leave: cancel}})
		if err := s.Reject(ctx, mustToken(t, s)); !errors.Is(err, context.Canceled) {
			t.Errorf("Reject: %v", err)
		}
	})
}

// A token that is refused is removed here, whatever the far store has by then.
func TestRejectWhileTheFarStoreHasAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, shared := new(store.Map), new(store.Map)
		s := start(t, new(gateway), token.Config{Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near, Reread: shared.Get}})
		tok := mustToken(t, s)
		if _, err := shared.CompareAndSwap(t.Context(), key, tok, newToken(t, "theirs", time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.Reject(t.Context(), tok); err != nil {
			t.Fatal(err)
		}
		if there, err := near.Get(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the near store has %v, %v", there, err)
		}
	})
}
