package tiered_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// While another identity has its token under the key, by mistake, ours is not there. When
// that token ends, nobody has deleted ours.
func TestEndOfAnotherIdentitysTokenDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		if err := r.far.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		r.far.reads = fmt.Errorf("theirs: %w", store.ErrIdentity)
		r.watch.push(false)
		holds(t, "near", r.near, "a")
		r.far.reads = nil
		r.watch.push(false)
		holds(t, "near", r.near, "a")
		holds(t, "far", r.far, "a")

		r.watch.push(false)
		if err := r.far.CompareAndDelete(t.Context(), key, a); err != nil { // by somebody else
			t.Fatal(err)
		}
		r.watch.push(false)
		holds(t, "near", r.near, "")
	})
}
