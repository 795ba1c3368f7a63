package redis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const (
	failedKey  = "{" + tokenKey + "}:failed"
	refusedKey = "{" + tokenKey + "}:refused"
)

func TestThoseWhoWaitAreToldWhatTheHolderMet(t *testing.T) {
	srv := redistest.Start(t)
	holder, waiter := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	changed := newProcess(t, srv, redisstore.LeaseConfig{Credentials: func(string) string { return "pass-2" }})
	unnamed := newProcess(t, srv, redisstore.LeaseConfig{Credentials: func(string) string { return "" }})

	turn := holder.ask(t, lease.Ask{})
	busy := waiter.ask(t, lease.Ask{})
	busy.Drop()
	turn.Release(&lease.Failure{Message: "gateway\r\ndown", Pause: time.Minute})
	_ = holder.Close()

	f := waiter.ask(t, lease.Ask{Holder: busy.Holder}).Failure
	if f == nil || f.Refused || f.Message != "gateway  down" || f.Pause <= 50*time.Second || f.Pause > time.Minute {
		t.Errorf("who waited is told %+v", f)
	}
	for name, p := range map[string]process{"other credentials": changed, "no credentials": unnamed} {
		if turn := p.ask(t, lease.Ask{Holder: busy.Holder}); turn.Release == nil {
			t.Errorf("%s: %+v", name, turn)
		} else {
			turn.Release(nil)
			_ = p.Close()
		}
	}
	if turn := waiter.ask(t, lease.Ask{}); turn.Release == nil {
		t.Errorf("who did not wait is told %+v", turn)
	}
	wantTTLs(t, srv)
}

func TestRefusalHoldsForTheSameCredentialsUntilItEnds(t *testing.T) {
	srv := redistest.Start(t)
	holder, waiter := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	turn := holder.ask(t, lease.Ask{})
	busy := waiter.ask(t, lease.Ask{})
	busy.Drop()
	turn.Release(&lease.Failure{Refused: true, Message: "wrong password", Pause: time.Minute})
	_ = holder.Close()

	if f := waiter.ask(t, lease.Ask{Holder: busy.Holder}).Failure; f == nil || !f.Refused || f.Message != "wrong password" {
		t.Errorf("who waited is told %+v", f)
	}
	newcomer := newProcess(t, srv, redisstore.LeaseConfig{})
	if f := newcomer.ask(t, lease.Ask{}).Failure; f == nil || !f.Refused || f.Pause <= 50*time.Second || f.Pause > time.Minute {
		t.Errorf("who comes later is told %+v", f)
	}
	changed := newProcess(t, srv, redisstore.LeaseConfig{Credentials: func(string) string { return "pass-2" }})
	if turn := changed.ask(t, lease.Ask{}); turn.Release == nil {
		t.Errorf("other credentials: %+v", turn)
	}
	_ = changed.Close() // gives it back
	if turn := newcomer.ask(t, lease.Ask{Force: true}); turn.Release == nil {
		t.Errorf("who insists is told %+v", turn)
	} else {
		turn.Drop()
	}
	for _, key := range []string{failedKey, refusedKey} {
		if reply := fmt.Sprint(srv.Do("DUMP", key)); strings.Contains(reply, "pass-1") {
			t.Errorf("%s shows credentials", key)
		}
	}
	wantTTLs(t, srv)
	srv.Do("PEXPIRE", refusedKey, "1")
	until(t, "over", func() bool {
		turn := newcomer.ask(t, lease.Ask{})
		turn.Drop()
		return turn.Failure == nil
	})
}

func TestPoisonedRefusalIsNone(t *testing.T) {
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	turn := p.ask(t, lease.Ask{})
	turn.Release(&lease.Failure{Refused: true, Pause: time.Minute})
	until(t, "refused", func() bool { return srv.Do("EXISTS", refusedKey) == int64(1) })
	srv.Do("PERSIST", refusedKey)
	if turn := p.lead(t, lease.Ask{}); turn.Release == nil {
		t.Errorf("without a TTL: %+v", turn)
	} else {
		turn.Drop()
	}
	srv.Do("DEL", refusedKey)
	srv.Do("RPUSH", refusedKey, "x")
	srv.Do("EXPIRE", refusedKey, "60")
	p.lead(t, lease.Ask{}).Drop()
}
