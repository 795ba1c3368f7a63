package tiered_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// evicting is a far store that counts its losses, and notes what it is told of them.
type evicting struct {
	far
	told []store.Losses
	now  store.Losses
}

func (e *evicting) Look(ctx context.Context, key string, _ store.Token, before store.Losses) (store.Token, store.Losses, error) {
	e.told = append(e.told, before)
	tok, err := e.Get(ctx, key)
	return tok, e.now, err
}

func (e *evicting) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	return e.CompareAndSwap(ctx, key, old, tok)
}

// Far is told how many losses it had when the token was seen there last: at first that is not known,
// and a look that failed says nothing.
func TestLooksTellOfTheLossesBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, w := &evicting{now: 7}, new(watch)
		s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: e, Shared: e, Watch: w, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		swap(t, s, store.Token{}, newToken(t, "a", time.Hour))
		defer s.Follow(key, nil)()
		synctest.Wait()
		w.push(false)
		e.now = 8
		e.setReads(errDown)
		w.push(false)
		e.setReads(nil)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if want := []store.Losses{store.UnknownLosses, 7, 7, 7}; !slices.Equal(e.told, want) {
			t.Errorf("told of %v, want %v", e.told, want)
		}
	})
}
