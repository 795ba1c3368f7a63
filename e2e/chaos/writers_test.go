package chaos_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// notice is how long a process may take to see what another program did to Redis,
// with or without a push.
const notice = 5 * time.Second

// farWait is how long a call waits for Redis.
const farWait = 250 * time.Millisecond

// What any program does to the token key is noticed by every process.
func TestEveryWriterIsNoticed(t *testing.T) {
	const n = 8
	fleets, pause := 1, "20ms"
	if long >= minutes {
		fleets, pause = 14, "2ms"
	}
	var set, del, flush []time.Duration
	for range fleets { // each is believed three deletions a minute
		s, d, fl := everyWriterIsNoticed(t, n, 3, pause)
		set, del, flush = append(set, s...), append(del, d...), append(flush, fl...)
	}
	for _, row := range []string{
		"SET of another token, to the first call with it\t" + spread(set),
		"DEL, to the first call with a new token\t" + spread(del),
		"FLUSHALL, until Redis has the token again\t" + spread(flush),
	} {
		figures.add(fmt.Sprintf("What another program does is noticed by %d processes that call every %s", n, pause),
			"what\tp50\tp99\tmax", row)
		t.Log(row)
	}
}

// everyWriterIsNoticed returns how long it took n processes to notice each of the rounds.
func everyWriterIsNoticed(t *testing.T, n, rounds int, pause string) (set, del, flush []time.Duration) {
	t.Helper()
	w := newWorld(t, clienttest.Options{})
	f := w.fleet(n, w.env(), "-pause", pause)
	f.start()
	f.calls(10)
	foreign := w.redis.Dial() // a program that knows nothing of us

	for range rounds {
		before := w.requests()
		token := w.fake.Issue()
		began := time.Now()
		foreign.Do("SET", tokenKey, token, "EX", "3180")
		set = append(set, f.turn(notice, fingerprint(token), began)...)
		if got := w.requests() - before; got != 0 {
			t.Errorf("a foreign SET cost %d token requests", got)
		}

		began = time.Now()
		foreign.Do("DEL", tokenKey)
		fetched := w.another(fingerprint(token))
		if since := sum(f.calls(10)); since.StoreErrors > 0 || since.Slowest > farWait/2 {
			t.Logf("the machine is busy: %d operations on Redis failed, and a call took %v; a process may have done without Redis", since.StoreErrors, since.Slowest)
			break
		}
		del = append(del, f.turn(notice, fetched, began)...)
		if got := w.requests() - before; got != 1 {
			t.Errorf("a DEL cost %d token requests", got)
		}

		began = time.Now()
		foreign.Do("FLUSHALL")
		if !within(notice, func() bool { return w.stored() == fetched }) {
			t.Fatalf("Redis has %q %v after a FLUSHALL; want %s written back", w.stored(), notice, fetched)
		}
		flush = append(flush, time.Since(began))
		f.calls(10)
		if got := w.requests() - before; got != 1 || w.stored() != fetched {
			t.Errorf("a FLUSHALL cost %d token requests, and Redis has %s; want none, and %s", got-1, w.stored(), fetched)
		}
	}
	wantGood(t, f.end())
	return set, del, flush
}

// another waits until Redis has another token than this one, and returns it.
func (w *world) another(than string) string {
	w.t.Helper()
	var now string
	if !within(patience, func() bool { now = w.stored(); return now != "" && now != than }) {
		w.t.Fatalf("Redis has %q; want another token than %s", now, than)
	}
	return now
}

// A token that the API refuses all of a sudden is replaced once, for all, and no call
// fails.
func TestRevokedTokenIsReplacedOnce(t *testing.T) {
	const n = 8
	w := newWorld(t, clienttest.Options{TokenLatency: 100 * time.Millisecond})
	f := w.fleet(n, w.env(), "-goroutines", "8", "-pause", "40ms")
	f.start()
	f.calls(10)
	for range 3 {
		before, old := w.requests(), w.stored()
		revoked := time.Now()
		w.fake.RevokeAll()
		now := w.another(old)
		if late := sum(f.calls(10)).StoreErrors; late > 0 {
			t.Logf("the machine is busy: %d times a process did without Redis, and requested a token of its own", late)
			break
		}
		f.turn(patience, now, revoked)
		f.calls(10)
		// One is what is due. A call that met its 401 late may cost another one, not more
		// than a few in the whole fleet.
		if got := w.requests() - before; got < 1 || got > 3 {
			t.Errorf("%d token requests after a revocation", got)
		} else {
			t.Logf("%d token requests", got)
		}
	}
	wantGood(t, f.end())
}
