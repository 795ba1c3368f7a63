package sealed

import (
	"context"
	"errors"

	"github.com/advoware-go/advoware/store"
)

// LookAll implements [store.Many] through Config.Many; without that it looks for one after the
// other. So it does for those that may be there in the form of another key of the ring.
func (s *Store) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	results := make([]store.Looked, len(looks))
	inner := make([]store.Looking, len(looks))
	for i, a := range looks {
		inner[i] = a
		if !a.Had.IsZero() && s.many != nil {
			inner[i].Had, _ = s.ring[0].sealed(s.binding(a.Key), a.Had) // as Look does
		}
	}
	var found []store.Looked
	if s.many != nil {
		found = s.many.LookAll(ctx, inner)
	}
	for i, a := range looks {
		r := &results[i]
		if len(found) == len(looks) {
			*r = found[i]
			if r.Err == nil {
				if r.Token, r.Err = s.open(s.binding(a.Key), r.Token); r.Err != nil {
					r.Err = failed("look", a.Key, r.Err)
				}
				continue
			}
			if len(s.ring) == 1 || !mayHaveAnotherForm(a.Had, r.Err) {
				continue
			}
		}
		r.Token, r.Now, r.Err = s.Look(ctx, a.Key, a.Had, a.Before)
	}
	return results
}

// mayHaveAnotherForm reports whether a look that failed says nothing of the other keys of the
// ring.
func mayHaveAnotherForm(had store.Token, err error) bool {
	return !had.IsZero() && errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrDeleted) && !errors.Is(err, store.ErrUnusable)
}

// RestoreAll implements [store.Many] through Config.Many; without that it restores one after
// the other. So it does with those that are to replace a token, whose form is to be found out.
func (s *Store) RestoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	results := make([]store.Restored, len(tokens))
	var inner []store.Restoring
	var at []int
	for i, a := range tokens {
		sealed, err := s.ring[0].sealed(s.binding(a.Key), a.Token)
		if err != nil || s.many == nil || !a.Old.IsZero() {
			results[i].Token, results[i].Err = s.Restore(ctx, a.Key, a.Old, a.Token)
			continue
		}
		inner, at = append(inner, store.Restoring{Key: a.Key, Token: sealed}), append(at, i)
	}
	if len(inner) == 0 {
		return results
	}
	restored := s.many.RestoreAll(ctx, inner)
	for n, i := range at {
		a := tokens[i]
		if len(restored) == len(inner) {
			if results[i] = restored[n]; results[i].Err != nil {
				continue
			}
			var err error
			if results[i].Token, err = s.open(s.binding(a.Key), results[i].Token); err == nil {
				continue
			}
		}
		results[i].Token, results[i].Err = s.Restore(ctx, a.Key, a.Old, a.Token) // a value that does not open is replaced
	}
	return results
}
