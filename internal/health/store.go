package health

import (
	"context"
	"errors"

	"github.com/advoware-go/advoware/store"
)

// Watched is a store whose operations are noted. Make it with [Watch].
type Watched struct {
	store  store.Store
	health *Health
}

// Watch returns s, and notes in h how its operations end.
func Watch(s store.Store, h *Health) *Watched { return &Watched{s, h} }

// Get is that of the store.
func (w *Watched) Get(ctx context.Context, key string) (store.Token, error) {
	tok, err := w.store.Get(ctx, key)
	w.note(ctx, err)
	return tok, err
}

// CompareAndSwap is that of the store.
func (w *Watched) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	standing, err := w.store.CompareAndSwap(ctx, key, old, tok)
	w.note(ctx, err)
	return standing, err
}

// CompareAndDelete is that of the store.
func (w *Watched) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	err := w.store.CompareAndDelete(ctx, key, old)
	w.note(ctx, err)
	return err
}

// note leaves out a caller that did not wait, and an operation that did not get its turn: that
// says nothing about the store.
func (w *Watched) note(ctx context.Context, err error) {
	if err == nil || ctx.Err() == nil && !errors.Is(err, store.ErrBusy) {
		w.health.Note(Outage(err) != nil)
	}
}
