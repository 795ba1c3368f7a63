package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A far store that was restored from a backup has a token from before the one that is replaced:
// that is replaced as well.
func TestTokenOfABackupIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		backup := newToken(t, "backup", time.Hour)
		time.Sleep(time.Minute)
		old := newToken(t, "old", time.Hour)
		swap(t, r, store.Token{}, old)
		swap(t, &r.far.Map, old, backup)
		time.Sleep(time.Minute)
		tok := newToken(t, "tok", time.Hour)
		if stands := swap(t, r, old, tok); stands != tok {
			t.Errorf("%v stands", stands)
		}
		holds(t, "far", &r.far.Map, "tok")
		holds(t, "near", r.near, "tok")
	})
}

// A token that another process has put there since is newer, and counts.
func TestNewerTokenIsNoBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		old := newToken(t, "old", time.Hour)
		swap(t, r, store.Token{}, old)
		time.Sleep(time.Minute)
		swap(t, &r.far.Map, old, newToken(t, "theirs", time.Hour))
		if stands := swap(t, r, old, newToken(t, "tok", time.Hour)); stands.Reveal() != "theirs" {
			t.Errorf("%v stands", stands)
		}
		holds(t, "far", &r.far.Map, "theirs")
		holds(t, "near", r.near, "theirs")
	})
}
