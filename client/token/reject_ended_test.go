package token_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
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
