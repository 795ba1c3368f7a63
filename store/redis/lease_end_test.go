package redis_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A write-back of an older token (after FLUSHALL, or of a debt) is not the end of the
// fetch for which this process has the lease.
func TestWriteBackDoesNotEndTheLease(t *testing.T) {
	srv := redistest.Start(t)
	p, other := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	older, err := store.NewToken("older", time.Now().Add(-time.Minute), time.Now().Add(20*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	turn := p.ask(t, lease.Ask{Old: older})
	held := other.ask(t, lease.Ask{Old: older})
	if turn.Release == nil || held.Holder == "" {
		t.Fatalf("got %+v, %+v", turn, held)
	}
	held.Drop()
	if _, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, older); err != nil { // pays a debt meanwhile
		t.Fatal(err)
	}
	again := other.ask(t, lease.Ask{Old: older, Holder: held.Holder})
	if again.Release != nil {
		t.Error("a second process fetches while the first one does")
	}
	again.Drop()
	turn.Release(&lease.Failure{Message: "down", Pause: time.Minute})
	_ = p.Close() // waits until that is told
	if turn := other.ask(t, lease.Ask{Old: older, Holder: held.Holder}); turn.Failure == nil {
		t.Errorf("who waited is told %+v", turn)
	}
}

// A refusal is of the credentials that the request was made with, not of those that
// are in use when it ends.
func TestRefusalIsOfTheCredentialsThatWereUsed(t *testing.T) {
	srv := redistest.Start(t)
	var name atomic.Value
	name.Store("wrong password")
	p := newProcess(t, srv, redisstore.LeaseConfig{Credentials: func(string) string { return name.Load().(string) }})
	turn := p.ask(t, lease.Ask{})
	name.Store("corrected password") // another client of the same Stores claims the key
	turn.Release(&lease.Failure{Refused: true, Pause: time.Minute})
	until(t, "told", func() bool { return srv.Do("EXISTS", "{"+tokenKey+"}:refused") == int64(1) })
	if turn := p.ask(t, lease.Ask{}); turn.Failure != nil {
		t.Errorf("the corrected password is held up: %+v", turn.Failure)
	} else {
		turn.Drop()
	}
}

// Who asks in spite of a refusal and succeeds has shown that it is over.
func TestForceForgetsTheRefusal(t *testing.T) {
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	p.ask(t, lease.Ask{}).Release(&lease.Failure{Refused: true, Pause: time.Minute})
	until(t, "told", func() bool { return srv.Do("EXISTS", "{"+tokenKey+"}:refused") == int64(1) })
	tok := token(t, "fine", 20*time.Minute)
	turn := p.ask(t, lease.Ask{Force: true})
	if _, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	turn.Release(nil)
	if err := p.CompareAndDelete(t.Context(), tokenKey, tok); err != nil { // a 401: revoked
		t.Fatal(err)
	}
	if turn := p.ask(t, lease.Ask{Old: tok}); turn.Failure != nil {
		t.Errorf("still refused: %+v", turn.Failure)
	} else {
		turn.Drop()
	}
}
