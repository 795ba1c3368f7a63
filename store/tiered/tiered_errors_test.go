package tiered_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
)

// Without a token in near, an error of far is a miss, with the reason if the value there is unusable.
// That another identity has its token there, and that the caller has left, are told.
func TestErrorsOfFarWithoutATokenInNear(t *testing.T) {
	gone := errors.New("the caller has left")
	for name, c := range map[string]struct {
		reads error
		leave bool
		none  bool // the call may not wait for far any more
		want  error
		isNot error
	}{
		"nothing there":    {want: store.ErrNotFound, isNot: store.ErrUnusable},
		"unusable":         {reads: errors.Join(store.ErrNotFound, store.ErrUnusable), want: store.ErrUnusable},
		"another identity": {reads: fmt.Errorf("theirs: %w", store.ErrIdentity), want: store.ErrIdentity, isNot: store.ErrNotFound},
		"down":             {reads: errDown, want: store.ErrNotFound, isNot: errDown},
		"has left":         {reads: errDown, leave: true, want: context.Canceled, isNot: store.ErrNotFound},
		"no time left":     {none: true, want: store.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				r.far.reads = c.reads
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if c.leave {
					r.far.set(nil, time.Second)
					time.AfterFunc(100*time.Millisecond, func() { cancel(gone) })
				}
				if c.none {
					ctx = farwait.Fresh(ctx, 0)
				}
				for what, read := range map[string]func(context.Context, string) (store.Token, error){"Get": r.Get, "Reread": r.Reread} {
					tok, err := read(ctx, key)
					if !tok.IsZero() || !errors.Is(err, c.want) || c.isNot != nil && errors.Is(err, c.isNot) {
						t.Errorf("%s = %q, %v; want %v", what, tok.Reveal(), err, c.want)
					}
				}
				if n := r.far.ops.Load(); c.none && n != 0 {
					t.Errorf("far was asked %d times", n)
				}
			})
		})
	}
}
