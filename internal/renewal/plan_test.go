package renewal_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/renewal"
	"github.com/advoware-go/advoware/store"
)

func newToken(t *testing.T, text string) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// A Plan fires once, at its instant, and not after Stop or Close.
func TestFiresAtItsInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p renewal.Plan
		tok, fired := newToken(t, "a"), make(chan time.Time, 9)
		fire := func() { fired <- time.Now() }
		at, set := p.Set(tok, time.Minute, renewal.Always, fire)
		if !set || p.Due(tok) {
			t.Errorf("set: %v, due: %v", set, p.Due(tok))
		}
		if got := <-fired; !got.Equal(at) || !p.Due(tok) || p.Due(newToken(t, "b")) {
			t.Errorf("fired at %v, want %v", got, at)
		}
		later, _ := p.Set(tok, time.Minute, renewal.Always, fire) // an attempt that failed is made again
		if s := p.Now(); !s.At.Equal(later) || !s.Due.Equal(at) || !s.Planned {
			t.Errorf("%+v; want due at first at %v, and at %v again", s, at, later)
		}
		p.Stop()
		time.Sleep(time.Hour)
		if s := p.Now(); s.Planned || p.Due(tok) || len(fired) != 0 {
			t.Errorf("%+v after Stop, fired %d times", s, len(fired))
		}
		p.Set(tok, time.Minute, renewal.Always, fire)
		p.Close()
		if _, set := p.Set(tok, time.Minute, renewal.Always, fire); set {
			t.Error("planned after Close")
		}
		time.Sleep(time.Hour)
		if len(fired) != 0 {
			t.Error("fired after Close")
		}
	})
}

// Without a function to call there is no timer: who asks is told that it is due.
func TestWithoutATimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p renewal.Plan
		tok := newToken(t, "a")
		p.Set(tok, time.Minute, func(s renewal.State) bool { return !s.Planned }, nil)
		if _, set := p.Set(tok, time.Second, func(s renewal.State) bool { return !s.Planned }, nil); set {
			t.Error("planned although that was not wanted")
		}
		time.Sleep(time.Minute - time.Nanosecond)
		early := p.Due(tok)
		time.Sleep(time.Nanosecond)
		if early || !p.Due(tok) {
			t.Errorf("due before its instant: %v, at it: %v", early, p.Due(tok))
		}
	})
}
