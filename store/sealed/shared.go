package sealed

import (
	"context"

	"github.com/advoware-go/advoware/store"
)

// Look implements [store.Shared] through Config.Shared; without that it returns an error. It
// looks for each sealed form that had may have.
func (s *Store) Look(ctx context.Context, key string, had store.Token, before store.Losses) (tok store.Token, now store.Losses, err error) {
	if s.shared == nil {
		return store.Token{}, store.UnknownLosses, errNoShared
	}
	binding := s.binding(key)
	for _, k := range s.ring {
		var sealed store.Token
		if !had.IsZero() {
			sealed, _ = k.sealed(binding, had) // one that is too long cannot be there: the same as none
		}
		tok, now, err = s.shared.Look(ctx, key, sealed, before)
		if err == nil {
			if tok, err = s.open(binding, tok); err != nil {
				err = failed("look", key, err)
			}
			return tok, now, err
		}
		if !mayHaveAnotherForm(had, err) {
			break
		}
	}
	return store.Token{}, now, err
}

// Restore implements [store.Shared] through Config.Shared; without that it returns an error. It
// is CompareAndSwap, but does not store a token that was deleted.
func (s *Store) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if s.shared == nil {
		return store.Token{}, errNoShared
	}
	return s.swap(ctx, key, old, tok, s.shared.Restore)
}
