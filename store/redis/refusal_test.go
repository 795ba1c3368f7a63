package redis_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const failedKey = "{" + tokenKey + "}:failed"

// refusedKey is where the refusal of some credentials is: other releases read it.
func refusedKey(credentials string) string {
	mac := hmac.New(sha256.New, []byte("advoware redis credentials v1"))
	mac.Write([]byte(credentials))
	return "{" + tokenKey + "}:refused:" + hex.EncodeToString(mac.Sum(nil))
}

func TestThoseWhoWaitAreToldWhatTheHolderMet(t *testing.T) {
	srv := redistest.Start(t)
	holder, waiter := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})

	turn := holder.ask(t, lease.Ask{})
	busy := waiter.ask(t, lease.Ask{})
	busy.Drop()
	turn.Release(&lease.Failure{Message: "gateway\r\ndown", Pause: time.Minute})
	_ = holder.Close()

	f := waiter.ask(t, lease.Ask{Holder: busy.Holder, Tried: true}).Failure
	if f == nil || f.Refused || f.Message != "gateway  down" || f.Pause <= 50*time.Second || f.Pause > time.Minute {
		t.Errorf("who waited is told %+v", f)
	}
	for name, ask := range map[string]lease.Ask{
		"other credentials": {Credentials: "pass-2", Holder: busy.Holder, Tried: true},
		"has not tried":     {Holder: busy.Holder},
		"did not wait":      {Tried: true},
	} {
		turn := waiter.ask(t, ask)
		if turn.Release == nil {
			t.Fatalf("%s: %+v", name, turn)
		}
		turn.Release(nil)
		until(t, "free", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
	if turn, err := waiter.Acquire(t.Context(), tokenKey, lease.Ask{Holder: busy.Holder, Tried: true}); err != nil || turn.Release == nil {
		t.Errorf("who has no credentials: %+v, %v", turn, err)
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
	if f := newcomer.ask(t, lease.Ask{}).Failure; f == nil || !f.Refused || f.Message != "wrong password" || f.Pause <= 50*time.Second || f.Pause > time.Minute {
		t.Errorf("who comes later is told %+v", f)
	}
	changed := newProcess(t, srv, redisstore.LeaseConfig{})
	if turn := changed.ask(t, lease.Ask{Credentials: "pass-2"}); turn.Release == nil {
		t.Errorf("other credentials: %+v", turn)
	}
	_ = changed.Close() // gives it back
	if turn := newcomer.ask(t, lease.Ask{Force: true}); turn.Release == nil {
		t.Errorf("who insists is told %+v", turn)
	} else {
		turn.Drop()
	}
	for _, key := range []string{failedKey, refusedKey("pass-1")} {
		if reply := fmt.Sprint(srv.Do("DUMP", key)); strings.Contains(reply, "pass-1") {
			t.Errorf("%s shows credentials", key)
		}
	}
	wantTTLs(t, srv)
	srv.Do("PEXPIRE", refusedKey("pass-1"), "1")
	until(t, "over", func() bool {
		turn := newcomer.ask(t, lease.Ask{})
		turn.Drop()
		return turn.Failure == nil
	})
}
