package redis_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const leaseKey = "{" + tokenKey + "}:lock"

// process is what one process has: a store and its lease.
type process struct {
	*redisstore.Store
	*redisstore.Lease
}

// Close ends the process: what it holds is given back.
func (p process) Close() error { return p.Lease.Close() }

// stranger is the owner of a lease that none of our processes has.
const stranger = "STRANGERSTRANGERSTRANGER22"

// newProcess returns a process that uses the credentials "pass-1", unless it asks with
// others.
func newProcess(t testing.TB, srv *redistest.Server, cfg redisstore.LeaseConfig) process {
	t.Helper()
	return processOn(t, newStore(t, srv, redisstore.Config{}), cfg)
}

func processOn(t testing.TB, s *redisstore.Store, cfg redisstore.LeaseConfig) process {
	t.Helper()
	cfg.Store = s
	l, err := redisstore.NewLease(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return process{s, l}
}

// ask checks that exactly one thing is the answer.
func (p process) ask(t testing.TB, ask lease.Ask) lease.Outcome {
	t.Helper()
	ask.Credentials = cmp.Or(ask.Credentials, "pass-1")
	outcome, err := p.Acquire(t.Context(), tokenKey, ask)
	if err != nil {
		t.Fatalf("Acquire: %v", err)
	}
	set := 0
	for _, is := range []bool{!outcome.Token.IsZero(), outcome.Failure != nil, outcome.Release != nil, outcome.Holder != ""} {
		if is {
			set++
		}
	}
	if set != 1 || (outcome.Wait != nil) != (outcome.Holder != "") {
		t.Fatalf("%+v says %d things", outcome, set)
	}
	return outcome
}

// lead asks for the lease until it is had.
func (p process) lead(t testing.TB, ask lease.Ask) lease.Outcome {
	t.Helper()
	for {
		outcome := p.ask(t, ask)
		if outcome.Release != nil {
			return outcome
		}
		if outcome.Wait == nil {
			t.Fatalf("got %+v", outcome)
		}
		if err := outcome.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// until waits for something to become true.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(30 * time.Second); !is(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("never: %s", what)
		}
	}
}

func TestOneOfManyHasTheLease(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	var holders atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		p := newProcess(t, srv, redisstore.LeaseConfig{})
		for range 4 { // two in one process are two
			wg.Go(func() {
				outcome, err := p.Acquire(context.Background(), tokenKey, lease.Ask{})
				if err != nil {
					t.Error(err)
				}
				if outcome.Release != nil {
					holders.Add(1)
				} else {
					outcome.Drop()
				}
			})
		}
	}
	wg.Wait()
	if n := holders.Load(); n != 1 {
		t.Errorf("%d hold the lease", n)
	}
	if ttl := srv.Do("PTTL", leaseKey).(int64); ttl <= 0 || ttl > 3000 {
		t.Errorf("its TTL is %d ms", ttl)
	}
}

// The answer to a process that looks for a token is the token, with all that is known
// of it, unless it is the one that will not do.
func TestTokenThatStandsIsTheAnswer(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p, other := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	tok := token(t, "tok", longest)
	if _, err := other.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	got := p.ask(t, lease.Ask{}).Token
	if !got.Equal(tok) {
		t.Fatalf("got %v", got)
	}
	wantNear(t, "expiry", got.Expiry(), tok.Expiry())
	wantNear(t, "issued", got.IssuedAt(), tok.IssuedAt())
	if p.ask(t, lease.Ask{Old: tok}).Release == nil {
		t.Error("a token that will not do is the answer")
	}
	python{t, srv}.set("python", "")
	if got := other.ask(t, lease.Ask{Old: tok}).Token; got.Reveal() != "python" {
		t.Errorf("what another program wrote during a fetch: %v", got)
	}
}

// What is unusable is no answer, and is counted: the holder replaces it unseen.
func TestUnusableTokenIsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		poison []string
		want   redisstore.Stats
	}{
		"nothing":    {[]string{"PING"}, redisstore.Stats{}},
		"wrong type": {[]string{"RPUSH", tokenKey, "x"}, redisstore.Stats{WrongType: 1}},
		"no TTL":     {[]string{"SET", tokenKey, "tok"}, redisstore.Stats{NoTTL: 1}},
		"bytes":      {[]string{"SET", tokenKey, "to\nk", "EX", "3180"}, redisstore.Stats{BadBytes: 1}},
		"empty":      {[]string{"SET", tokenKey, "", "EX", "3180"}, redisstore.Stats{Empty: 1}},
		"too long":   {[]string{"SET", tokenKey, strings.Repeat("x", store.MaxTokenBytes+1), "EX", "3180"}, redisstore.Stats{TooLong: 1}},
		"ended by its metadata": {[]string{"EVAL", "redis.call('SET', KEYS[1], 'tok', 'EX', 3180) redis.call('HSET', KEYS[2], 'token', ARGV[1], 'issued_ms', 1)",
			"2", tokenKey, metadataKey, hashed("token", "tok")}, redisstore.Stats{Ended: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t)
			srv.Do(c.poison...)
			p := newProcess(t, srv, redisstore.LeaseConfig{})
			if outcome := p.ask(t, lease.Ask{}); outcome.Release == nil {
				t.Errorf("got %+v", outcome)
			}
			if got := p.Store.Stats(); got != c.want {
				t.Errorf("counted %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestReleasedLeaseIsFree(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	first, second := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	outcome := first.ask(t, lease.Ask{})
	waiter := second.ask(t, lease.Ask{})
	if waiter.Release != nil {
		t.Fatal("held twice")
	}
	outcome.Release(nil)
	outcome.Release(&lease.Failure{Refused: true, Pause: time.Minute}) // only the first call counts
	_ = first.Close()                                                  // waits until it has been given back
	if n := srv.Do("EXISTS", leaseKey, failedKey, refusedKey); n != int64(0) {
		t.Errorf("%v keys are left", n)
	}
	if second.ask(t, lease.Ask{Holder: waiter.Holder}).Release == nil {
		t.Error("not free")
	}
}

// The write that ends a fetch ends the lease too: who waits for either looks once.
func TestWritingTheTokenEndsTheLease(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	outcome := p.ask(t, lease.Ask{})
	stranger := newProcess(t, srv, redisstore.LeaseConfig{})
	if _, err := stranger.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "theirs", longest)); err != nil {
		t.Fatal(err)
	}
	if n := srv.Do("EXISTS", leaseKey); n != int64(1) {
		t.Fatal("another process ended the lease")
	}
	stands, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "mine", longest))
	if err != nil || stands.Reveal() != "theirs" {
		t.Errorf("stands %v, %v", stands, err)
	}
	if n := srv.Do("EXISTS", leaseKey); n != int64(0) {
		t.Error("the lease goes on")
	}
	before := evals(t, srv)
	outcome.Release(nil)
	_ = p.Close()
	if n := evals(t, srv) - before; n != 0 {
		t.Errorf("giving back what is gone took %d scripts", n)
	}
}

// A cold leader and those who wait make few exchanges, connections apart.
func TestExchangesOfAColdStart(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	warm := func() { _, _ = p.Get(t.Context(), "other"); p.ask(t, lease.Ask{}).Drop() }
	warm()
	until(t, "released", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	before := evals(t, srv)
	outcome := p.ask(t, lease.Ask{})
	if _, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", longest)); err != nil {
		t.Fatal(err)
	}
	outcome.Release(nil)
	_ = p.Close()
	if n := evals(t, srv) - before; n > 3 { // EVALSHA of a script that is new to the server is followed by EVAL
		t.Errorf("%d scripts were run, want one to look and take, one to write and give back", n)
	}
	if srv.Do("EXISTS", stampKey) != int64(1) {
		t.Error("no timestamp")
	}
}

func evals(t testing.TB, srv *redistest.Server) int {
	t.Helper()
	total := 0
	for line := range strings.Lines(srv.Do("INFO", "commandstats").(string)) {
		var n int
		for _, name := range []string{"eval", "evalsha"} {
			if _, err := fmt.Sscanf(line, "cmdstat_"+name+":calls=%d", &n); err == nil {
				total += n
			}
		}
	}
	return total
}

func TestHolderThatLivesKeepsTheLease(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	const ttl = 1500 * time.Millisecond // a busy machine may be late by two thirds of it
	newProcess(t, srv, redisstore.LeaseConfig{TTL: ttl}).ask(t, lease.Ask{})
	other := newProcess(t, srv, redisstore.LeaseConfig{TTL: ttl})
	for range 10 { // more than the TTL by two thirds
		outcome := other.ask(t, lease.Ask{})
		if outcome.Release != nil {
			t.Fatal("taken from a holder that lives")
		}
		outcome.Drop()
		<-time.After(ttl / 6)
	}
}

func TestLeaseOfAHolderThatIsGoneIsTaken(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", leaseKey, stranger, "PX", "200")
	newProcess(t, srv, redisstore.LeaseConfig{}).lead(t, lease.Ask{})
}

// A turn of the prolonging may come just after the write that ended the lease.
func TestLeaseThatIsGoneIsNotTakenAgain(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	newProcess(t, srv, redisstore.LeaseConfig{TTL: 90 * time.Millisecond}).ask(t, lease.Ask{})
	srv.Do("DEL", leaseKey)
	before := evals(t, srv)
	until(t, "two turns", func() bool { return evals(t, srv) >= before+2 })
	if got := srv.Do("GET", leaseKey); got != nil {
		t.Errorf("taken again by %v", got)
	}
	srv.Do("SET", leaseKey, stranger, "PX", "60000")
	before = evals(t, srv)
	until(t, "two turns", func() bool { return evals(t, srv) >= before+2 })
	if got := srv.Do("GET", leaseKey); got != stranger {
		t.Errorf("somebody's lease was taken: %v", got)
	}
}

func TestStrangersLeaseIsNotGivenBack(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	outcome := p.ask(t, lease.Ask{})
	srv.Do("SET", leaseKey, stranger, "PX", "60000") // ours ran out
	outcome.Release(&lease.Failure{Message: "late", Pause: time.Minute})
	_ = p.Close()
	if got := srv.Do("GET", leaseKey); got != stranger {
		t.Errorf("%v", got)
	}
	if n := srv.Do("EXISTS", failedKey); n != int64(0) {
		t.Error("those who wait for somebody else are told what we met")
	}
}

func TestLeaseWithoutRedisIsAnError(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	srv.Kill()
	if outcome, err := p.Acquire(t.Context(), tokenKey, lease.Ask{}); err == nil {
		t.Errorf("got %+v", outcome)
	}
	_ = p.Close()
	_ = p.Close()
	if outcome, err := p.Acquire(t.Context(), tokenKey, lease.Ask{}); err == nil {
		t.Errorf("after Close: %+v", outcome)
	}
}

func TestLeaseOnAnotherIdentitysKeyIsAnError(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	theirs := newStore(t, srv, redisstore.Config{Identity: func(string) string { return "theirs" }})
	if _, err := theirs.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", longest)); err != nil {
		t.Fatal(err)
	}
	mine := newStore(t, srv, redisstore.Config{Identity: func(string) string { return "mine" }})
	l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: mine})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if outcome, err := l.Acquire(t.Context(), tokenKey, lease.Ask{}); err == nil || !strings.Contains(err.Error(), store.ErrIdentity.Error()) {
		t.Errorf("got %+v, %v", outcome, err)
	}
}

func TestNewLeaseNamesAllProblems(t *testing.T) {
	for _, ttl := range []time.Duration{-1, time.Millisecond, 11 * time.Second} {
		_, err := redisstore.NewLease(redisstore.LeaseConfig{TTL: ttl})
		if err == nil || !strings.Contains(err.Error(), "Store") || !strings.Contains(err.Error(), "TTL") {
			t.Errorf("%v: got %v", ttl, err)
		}
	}
}
