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

const (
	failedKey  = "{" + tokenKey + "}:failed"
	refusedKey = "{" + tokenKey + "}:refused"
)

// digestOf is what stands for credentials in Redis: other releases read it.
func digestOf(credentials string) string { return hashed("credentials", credentials) }

func hashed(what, text string) string {
	mac := hmac.New(sha256.New, []byte("advoware redis "+what+" v1"))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// refusal is a line about some credentials, as it is in Redis.
func refusal(credentials, at, pause, message string) string {
	return fmt.Sprintf("%s %s %s %s\n", digestOf(credentials), at, pause, message)
}

func TestThoseWhoWaitAreToldWhatTheHolderMet(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	holder, waiter := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})

	outcome := holder.ask(t, lease.Ask{})
	busy := waiter.ask(t, lease.Ask{})
	busy.Drop()
	outcome.Release(&lease.Failure{Message: "gateway\r\ndown", Pause: time.Minute})
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
		outcome := waiter.ask(t, ask)
		if outcome.Release == nil {
			t.Fatalf("%s: %+v", name, outcome)
		}
		outcome.Release(nil)
		until(t, "free", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
	if outcome, err := waiter.Acquire(t.Context(), tokenKey, lease.Ask{Holder: busy.Holder, Tried: true}); err != nil || outcome.Release == nil {
		t.Errorf("who has no credentials: %+v, %v", outcome, err)
	}
	wantTTLs(t, srv)
}

func TestRefusalHoldsForTheSameCredentialsUntilItEnds(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	holder, waiter := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	outcome := holder.ask(t, lease.Ask{})
	busy := waiter.ask(t, lease.Ask{})
	busy.Drop()
	outcome.Release(&lease.Failure{Refused: true, Message: "wrong password", Pause: time.Minute})
	_ = holder.Close()

	if f := waiter.ask(t, lease.Ask{Holder: busy.Holder}).Failure; f == nil || !f.Refused || f.Message != "wrong password" {
		t.Errorf("who waited is told %+v", f)
	}
	newcomer := newProcess(t, srv, redisstore.LeaseConfig{})
	if f := newcomer.ask(t, lease.Ask{}).Failure; f == nil || !f.Refused || f.Message != "wrong password" || f.Pause <= 50*time.Second || f.Pause > time.Minute {
		t.Errorf("who comes later is told %+v", f)
	}
	changed := newProcess(t, srv, redisstore.LeaseConfig{})
	if outcome := changed.ask(t, lease.Ask{Credentials: "pass-2"}); outcome.Release == nil {
		t.Errorf("other credentials: %+v", outcome)
	}
	_ = changed.Close() // gives it back
	if outcome := newcomer.ask(t, lease.Ask{Force: true}); outcome.Release == nil {
		t.Errorf("who insists is told %+v", outcome)
	} else {
		outcome.Drop()
	}
	for _, key := range []string{failedKey, refusedKey} {
		if reply := fmt.Sprint(srv.Do("DUMP", key)); strings.Contains(reply, "pass-1") {
			t.Errorf("%s shows credentials", key)
		}
	}
	wantTTLs(t, srv)
	srv.Do("PEXPIRE", refusedKey, "1")
	until(t, "over", func() bool {
		outcome := newcomer.ask(t, lease.Ask{})
		outcome.Drop()
		return outcome.Failure == nil
	})
}

// Refusals of several credentials are kept under one key, each until it ends itself, and
// not more of them than there is room for.
func TestRefusalsOfSeveralCredentials(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	refuse := func(credentials string, pause time.Duration, force bool) {
		t.Helper()
		p.ask(t, lease.Ask{Credentials: credentials, Force: force}).Release(&lease.Failure{Refused: true, Message: "not " + credentials, Pause: pause})
		until(t, "told", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
	told := func(credentials string, least, most time.Duration) {
		t.Helper()
		outcome := p.ask(t, lease.Ask{Credentials: credentials})
		f := outcome.Failure
		switch {
		case most == 0 && f == nil:
			outcome.Release(nil)
			until(t, "given back", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
		case most == 0:
			t.Errorf("%s: told %+v", credentials, f)
		case f == nil || !f.Refused || f.Message != "not "+credentials || f.Pause < least || f.Pause > most+time.Second:
			t.Errorf("%s: told %+v, not for %v to %v", credentials, f, least, most)
		}
	}
	passes := func(left string) { srv.Do("PEXPIRE", refusedKey, left) } // as time does
	refuse("long", 4*time.Minute, false)
	refuse("short", 30*time.Second, false)
	told("long", 230*time.Second, 4*time.Minute)
	told("short", 20*time.Second, 30*time.Second)
	told("another", 0, 0)
	passes("225000") // 15 s
	told("long", 215*time.Second, 225*time.Second)
	told("short", 5*time.Second, 15*time.Second)
	refuse("third", time.Minute, false)
	passes("205000")
	told("long", 195*time.Second, 205*time.Second)
	told("short", 0, 0)
	told("third", 30*time.Second, 40*time.Second)

	// Who insists forgets its own only, and is refused anew for as long as that is.
	refuse("long", 10*time.Second, true)
	told("long", time.Second, 10*time.Second)
	told("third", 20*time.Second, 40*time.Second)
	// And the second that told allows: of the 20 s that passes stands for, some had passed.
	if ttl := srv.Do("PTTL", refusedKey).(int64); ttl <= 0 || ttl > 41000 {
		t.Errorf("the TTL is %d ms, and nothing holds for longer than 40 s", ttl)
	}
	for i := range 20 {
		refuse(fmt.Sprint("one of many ", i), time.Minute, false)
	}
	told("third", 0, 0)
	told("one of many 3", 0, 0)
	told("one of many 4", 50*time.Second, time.Minute)
	told("one of many 19", 50*time.Second, time.Minute)
	if n := srv.Do("STRLEN", refusedKey).(int64); n > 16<<10 {
		t.Errorf("%d bytes", n)
	}
	if n := strings.Count(srv.Do("GET", refusedKey).(string), "\n"); n != 16 {
		t.Errorf("%d refusals are kept, not 16", n)
	}
	if keys := srv.Do("KEYS", refusedKey+"*"); fmt.Sprint(keys) != "["+refusedKey+"]" {
		t.Errorf("there are %v", keys)
	}
}

// There is room for sixteen refusals with the longest message.
func TestRefusalsWithLongMessages(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	message := strings.Repeat("x", 512)
	for i := range 17 {
		p.ask(t, lease.Ask{Credentials: fmt.Sprint("pass-", i)}).Release(&lease.Failure{Refused: true, Message: message, Pause: 5 * time.Minute})
		until(t, "told", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
	for i := range 17 {
		outcome := p.ask(t, lease.Ask{Credentials: fmt.Sprint("pass-", i)})
		if told := outcome.Failure != nil; told != (i > 0) || told && outcome.Failure.Message != message {
			t.Errorf("pass-%d: %+v", i, outcome)
		}
		if outcome.Release != nil {
			outcome.Release(nil)
			until(t, "given back", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
		}
	}
}
