package redis_test

import (
	"fmt"
	"strings"
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
	outcome := p.ask(t, lease.Ask{Old: older})
	held := other.ask(t, lease.Ask{Old: older})
	if outcome.Release == nil || held.Holder == "" {
		t.Fatalf("got %+v, %+v", outcome, held)
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
	outcome.Release(&lease.Failure{Message: "down", Pause: time.Minute})
	_ = p.Close() // waits until that is told
	if outcome := other.ask(t, lease.Ask{Old: older, Holder: held.Holder, Tried: true}); outcome.Failure == nil {
		t.Errorf("who waited is told %+v", outcome)
	}
}

// Two clients of one process, an old and a new password say: a refusal is of the
// credentials that were sent, in this process and in others.
func TestRefusalIsOfTheCredentialsThatWereSent(t *testing.T) {
	srv := redistest.Start(t)
	p, other := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	for _, wrong := range []string{"mistyped", "mistyped otherwise"} {
		p.ask(t, lease.Ask{Credentials: wrong}).Release(&lease.Failure{Refused: true, Message: "not " + wrong, Pause: time.Minute})
		until(t, "told", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
	for _, p := range []process{p, other} {
		for _, wrong := range []string{"mistyped", "mistyped otherwise"} {
			if f := p.ask(t, lease.Ask{Credentials: wrong}).Failure; f == nil || f.Message != "not "+wrong {
				t.Errorf("%q: told %+v", wrong, f)
			}
		}
		outcome := p.ask(t, lease.Ask{Credentials: "right"})
		if outcome.Release == nil {
			t.Fatalf("the right ones are held up: %+v", outcome)
		}
		outcome.Release(nil)
		until(t, "given back", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
}

// Who asks in spite of a refusal and succeeds has shown that it is over.
func TestForceForgetsTheRefusal(t *testing.T) {
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	p.ask(t, lease.Ask{}).Release(&lease.Failure{Refused: true, Pause: time.Minute})
	until(t, "told", func() bool { return srv.Do("EXISTS", refusedKey) == int64(1) })
	tok := token(t, "fine", 20*time.Minute)
	outcome := p.ask(t, lease.Ask{Force: true})
	if _, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	outcome.Release(nil)
	if err := p.CompareAndDelete(t.Context(), tokenKey, tok); err != nil { // a 401: revoked
		t.Fatal(err)
	}
	if outcome := p.ask(t, lease.Ask{Old: tok}); outcome.Failure != nil {
		t.Errorf("still refused: %+v", outcome.Failure)
	} else {
		outcome.Drop()
	}
}

// What was met just before the end of a process is told all the same: a command that makes
// one call ends at once.
func TestCloseTellsWhatWasMet(t *testing.T) {
	srv := redistest.Start(t)
	for i := range 50 {
		p := newProcess(t, srv, redisstore.LeaseConfig{})
		name := fmt.Sprint("pass-", i)
		p.ask(t, lease.Ask{Credentials: name}).Release(&lease.Failure{Refused: true, Pause: time.Minute})
		if _ = p.Close(); !strings.Contains(fmt.Sprint(srv.Do("GET", refusedKey)), digestOf(name)) {
			t.Fatalf("%d: not told", i)
		}
	}
}
