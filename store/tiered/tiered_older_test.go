package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Far may be restored to a token from before near's that this process has never seen. It is not
// taken by a read either, and near's is written back.
func TestRereadDoesNotGoBackToAnOlderToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		older := newToken(t, "older", time.Hour)
		time.Sleep(10 * time.Minute)
		newer := newToken(t, "newer", time.Hour)
		r, moved := inUse(t, newer)
		swap(t, &r.far.Map, newer, older)
		if tok, err := r.Reread(t.Context(), key); err != nil || !tok.Equal(newer) {
			t.Errorf("Reread: %q, %v", tok.Reveal(), err)
		}
		synctest.Wait()
		holds(t, "near", r.near, "newer")
		holds(t, "far", &r.far.Map, "newer")
		if len(*moved) != 0 {
			t.Errorf("told of %q", *moved)
		}
	})
}

// The same where nobody follows the key, and no look comes after the read.
func TestReadOfAnOlderTokenIsAMiss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		older := newToken(t, "older", time.Hour)
		time.Sleep(10 * time.Minute)
		newer := newToken(t, "newer", time.Hour)
		r := build(t)
		swap(t, r, store.Token{}, newer)
		swap(t, &r.far.Map, newer, older)
		if tok, err := r.Reread(t.Context(), key); err != nil || !tok.Equal(newer) {
			t.Errorf("Reread: %q, %v", tok.Reveal(), err)
		}
		holds(t, "tiered", r, "newer")
	})
}
