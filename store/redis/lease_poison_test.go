package redis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// poisons are what anybody may put under a key, and what it may do to what is there.
func poisons(key, ours string) map[string][]string {
	year, huge := "31536000", strings.Repeat("x", 1<<20)
	return map[string][]string{
		"another program's, for an hour": {"SET", key, "x", "EX", "3600"},
		"another program's, for ever":    {"SET", key, "x"},
		"ours, for a year":               {"SET", key, ours, "EX", year},
		"ours, for ever":                 {"SET", key, ours},
		"ours, at the end of time":       {"SET", key, ours, "PXAT", "9223372036854775807"},
		"list":                           {"EVAL", "redis.call('RPUSH', KEYS[1], 'x') redis.call('EXPIRE', KEYS[1], 3)", "1", key},
		"set":                            {"EVAL", "redis.call('SADD', KEYS[1], 'x') redis.call('EXPIRE', KEYS[1], 3)", "1", key},
		"hash":                           {"EVAL", "redis.call('HSET', KEYS[1], 'x', 'y') redis.call('EXPIRE', KEYS[1], 3)", "1", key},
		"hash, for ever":                 {"HSET", key, "holder", ours, "credentials", "x", "kind", "refused", "message", huge},
		"stream":                         {"XADD", key, "*", "x", "y"},
		"empty":                          {"SET", key, "", "EX", "3"},
		"a megabyte":                     {"SET", key, huge, "EX", "3600"},
		"a megabyte for a moment":        {"SET", key, huge, "EX", "3"},
		"one byte short":                 {"SET", key, ours[1:], "EX", "3"},
		"a byte that is not ours":        {"SET", key, ours[1:] + "!", "EX", "3"},
		"a digit that is not ours":       {"SET", key, ours[1:] + "8", "EX", "3"},
		"one byte too long":              {"SET", key, strings.Repeat("A", 65), "EX", "3"},
	}
}

// What is under the key of a lease and was not put there by one of us, or for longer
// than we would have, holds nobody up.
func TestWhatIsNoLeaseIsReplaced(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for name, poison := range poisons(leaseKey, stranger) {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			srv.Do(poison...)
			p := newProcess(t, srv, redisstore.LeaseConfig{})
			if outcome := p.ask(t, lease.Ask{}); outcome.Release == nil {
				t.Fatalf("got %+v", outcome)
			}
			if ttl := srv.Do("PTTL", leaseKey).(int64); ttl <= 0 || ttl > 3000 {
				t.Errorf("its TTL is %d", ttl)
			}
			_ = p.Close()
			if n := srv.Do("EXISTS", leaseKey); n != int64(0) {
				t.Error("not given back")
			}
		})
	}
}

// Releases that name owners in another way, by up to 64 letters and digits, hold it too.
func TestOwnerOfTheLongestName(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	owner := strings.Repeat("A2Z7", 16)
	srv.Do("SET", leaseKey, owner, "PX", "10000")
	outcome := newProcess(t, srv, redisstore.LeaseConfig{}).ask(t, lease.Ask{})
	outcome.Drop()
	if outcome.Holder != owner {
		t.Errorf("got %+v", outcome)
	}
}

// Who has not insisted changes nothing of what others were told, not even what nobody is told.
func TestLookingWritesNoRefusals(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", refusedKey, "another program's", "EX", "60")
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	p.ask(t, lease.Ask{}).Drop()
	if outcome, err := p.Acquire(t.Context(), "other", lease.Ask{Force: true}); err != nil || outcome.Release == nil {
		t.Errorf("without credentials: %+v, %v", outcome, err)
	}
	if got := srv.Do("GET", refusedKey); got != "another program's" {
		t.Errorf("%v is there", got)
	}
	_ = p.Close()
	srv.Do("SET", refusedKey, "another program's", "EX", "60")
	q := newProcess(t, srv, redisstore.LeaseConfig{})
	if outcome, err := q.Acquire(t.Context(), tokenKey, lease.Ask{Force: true}); err != nil || outcome.Release == nil {
		t.Errorf("without credentials: %+v, %v", outcome, err)
	}
	if got := srv.Do("GET", refusedKey); got != "another program's" {
		t.Errorf("%v is there after a forced look without credentials", got)
	}
}

// The same under the keys of what a holder met: nobody is told a failure that none of us
// left, or for longer than we would have.
func TestWhatIsNoFailureIsNotTold(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, key := range []string{failedKey, refusedKey} {
		for name, poison := range poisons(key, stranger) {
			t.Run(key+"/"+name, func(t *testing.T) {
				srv.Do("FLUSHALL")
				srv.Do(poison...)
				p := newProcess(t, srv, redisstore.LeaseConfig{})
				if outcome := p.ask(t, lease.Ask{Holder: stranger, Tried: true}); outcome.Release == nil {
					t.Errorf("got %+v", outcome)
				} else { // what it meets replaces what is there
					outcome.Release(&lease.Failure{Refused: true, Message: "why", Pause: time.Minute})
				}
				_ = p.Close()
				later := newProcess(t, srv, redisstore.LeaseConfig{})
				if f := later.ask(t, lease.Ask{}).Failure; f == nil || f.Message != "why" || f.Pause > time.Minute {
					t.Errorf("told %+v", f)
				}
			})
		}
	}
}

// A refusal or an outage of ours that somebody makes last.
func TestFailureThatIsMadeToLastIsNotTold(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for name, change := range map[string][]string{
		"until next year": {"EXPIRE", "", "31536000"},
		"for ever":        {"PERSIST", ""},
		"a little longer": {"EXPIRE", "", "301"},
	} {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			p := newProcess(t, srv, redisstore.LeaseConfig{})
			waiting := func() string {
				outcome := newProcess(t, srv, redisstore.LeaseConfig{}).ask(t, lease.Ask{})
				outcome.Drop()
				return outcome.Holder
			}
			outcome := p.ask(t, lease.Ask{})
			holder := waiting()
			outcome.Release(&lease.Failure{Message: "down", Pause: time.Minute})
			until(t, "told", func() bool { return srv.Do("EXISTS", failedKey) == int64(1) })
			change[1] = failedKey
			srv.Do(change...)
			outcome = p.ask(t, lease.Ask{Holder: holder, Tried: true})
			if outcome.Release == nil {
				t.Fatalf("an outage %s: %+v", name, outcome)
			}
			outcome.Release(&lease.Failure{Refused: true, Message: "no", Pause: time.Minute})
			until(t, "told", func() bool { return srv.Do("EXISTS", refusedKey) == int64(1) })
			change[1] = refusedKey
			srv.Do(change...)
			if outcome := p.ask(t, lease.Ask{}); outcome.Release == nil {
				t.Errorf("a refusal %s: %+v", name, outcome)
			}
		})
	}
}

// A refusal is of its time: whoever gives all keys a new TTL each minute does not make it
// last, and what says that it is of tomorrow is none.
func TestRefusalOfAnotherTimeIsNotTold(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	for name, c := range map[string]struct {
		at   string
		told bool
	}{
		"a while ago":          {fmt.Sprint(time.Now().Add(-4 * time.Minute).UnixMilli()), true},
		"by a clock ahead":     {fmt.Sprint(time.Now().Add(4 * time.Minute).UnixMilli()), true},
		"long ago":             {fmt.Sprint(time.Now().Add(-6 * time.Minute).UnixMilli()), false},
		"tomorrow":             {fmt.Sprint(time.Now().Add(24 * time.Hour).UnixMilli()), false},
		"at the end of time":   {strings.Repeat("9", 400), false},
		"at no time":           {"", false},
		"before there is time": {"-1", false},
		"at a word":            {"now", false},
	} {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			srv.Do("SET", refusedKey, refusal("pass-1", c.at, "60000", "wrong password"), "EX", "60")
			outcome := p.ask(t, lease.Ask{})
			if (outcome.Failure != nil) != c.told || c.told && outcome.Failure.Message != "wrong password" {
				t.Errorf("told %+v", outcome)
			}
			outcome.Drop()
		})
	}
}

// A list of refusals that none of us has written is none.
func TestRefusalsOfAnotherFormAreNotTold(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	now := fmt.Sprint(time.Now().UnixMilli())
	for name, value := range map[string]string{
		"for longer than we say it": refusal("pass-1", now, "300001", "no"),
		"for ever":                  refusal("pass-1", now, strings.Repeat("9", 400), "no"),
		"for less than its TTL":     refusal("pass-1", now, "59000", "no"),
		"without words":             refusal("pass-1", now, "60000", ""),
		"without numbers":           digestOf("pass-1") + " no\n",
		"of the last release":       now + " wrong password",
		"too many":                  strings.Repeat(refusal("pass-1", now, "60000", strings.Repeat("x", 500)), 17),
		"hex digits only":           strings.Repeat("f", 9000),
		"digits only":               "f " + strings.Repeat("1", 9000),
		"digits and spaces":         strings.Repeat("1 ", 4500),
		"line ends":                 strings.Repeat("\n", 9000),
	} {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			srv.Do("SET", refusedKey, value, "EX", "60")
			p := newProcess(t, srv, redisstore.LeaseConfig{})
			outcome := p.ask(t, lease.Ask{})
			if outcome.Release == nil {
				t.Fatalf("told %+v", outcome)
			}
			outcome.Release(&lease.Failure{Refused: true, Message: "why", Pause: time.Minute})
			_ = p.Close()
			if value := fmt.Sprint(srv.Do("GET", refusedKey)); !strings.HasPrefix(value, digestOf("pass-1")) || !strings.HasSuffix(value, " 60000 why\n") || strings.Count(value, "\n") != 1 {
				t.Errorf("%.200q is there", value)
			}
		})
	}
}

// Messages are bounded and harmless, whoever wrote them.
func TestMessageOfAFailureIsBoundedAndHarmless(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	for name, message := range map[string]string{
		"long":    strings.Repeat("ü", 1<<11),
		"control": "a\r\nb\x1b[31m\u202e\u2028\x7f\u009bc",
		"invalid": "a\xff\xfe" + strings.Repeat("\xe4", 4096),
	} {
		t.Run(name, func(t *testing.T) {
			srv.Do("SET", refusedKey, refusal("pass-1", fmt.Sprint(time.Now().UnixMilli()), "60000", message), "EX", "60")
			check := func(f *lease.Failure) {
				t.Helper()
				if f == nil || len(f.Message) > 512 || !utf8.ValidString(f.Message) || strings.ContainsAny(f.Message, "\r\n\x1b\u202e\u2028\x7f\u009b\ufffd") {
					t.Errorf("told %+v", f)
				}
			}
			check(p.ask(t, lease.Ask{}).Failure)
			srv.Do("DEL", refusedKey)
			srv.Do("HSET", failedKey, "holder", stranger, "credentials", digestOf("pass-1"), "kind", "outage", "message", message)
			srv.Do("EXPIRE", failedKey, "60")
			check(p.ask(t, lease.Ask{Holder: stranger, Tried: true}).Failure)
		})
	}
}

// Whatever stands beside a token, the token is the answer, and little of the rest is sent.
func TestPoisonBesideATokenDoesNotHideIt(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	meta := "{" + tokenKey + "}:meta"
	all := poisons(meta, stranger)
	all["fields of a megabyte"] = []string{"HSET", meta, "token", strings.Repeat("x", 1<<20), "identity", strings.Repeat("y", 1<<20), "shift_ms", strings.Repeat("9", 1<<20), "issued_ms", strings.Repeat("9", 1<<20)}
	for name, poison := range all {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			srv.Do(poison...)
			srv.Do("SET", tokenKey, "tok", "EX", "3180")
			p := newProcess(t, srv, redisstore.LeaseConfig{})
			sent := func() (n int) {
				for line := range strings.Lines(srv.Do("INFO", "stats").(string)) {
					_, _ = fmt.Sscanf(line, "total_net_output_bytes:%d", &n)
				}
				return n
			}
			before := sent()
			if outcome := p.ask(t, lease.Ask{}); outcome.Token.Reveal() != "tok" {
				t.Errorf("got %+v", outcome)
			}
			if n := sent() - before; n > 64<<10 {
				t.Errorf("%d bytes were sent", n)
			}
		})
	}
}

// Records of an older release are not told, and do not hold anybody up.
func TestRecordsOfAnOlderReleaseAreTolerated(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	digest := digestOf("pass-1")
	srv.Do("SET", refusedKey, digest, "PX", "60000")
	srv.Do("HSET", failedKey, "holder", stranger, "credentials", digest, "kind", "refused", "message", "old")
	srv.Do("PEXPIRE", failedKey, "60000")
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	if outcome := p.ask(t, lease.Ask{Holder: stranger, Tried: true}); outcome.Release == nil {
		t.Errorf("got %+v", outcome)
	}
	if outcome := newProcess(t, srv, redisstore.LeaseConfig{}).ask(t, lease.Ask{}); outcome.Holder == "" {
		t.Errorf("got %+v", outcome)
	}
}

// One at a time takes the place of a holder that takes too long; it keeps what it is
// asked to keep, and what the slow one does later does not touch it.
func TestOneAtATimeTakesOver(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	slow := newProcess(t, srv, redisstore.LeaseConfig{})
	outcome := slow.ask(t, lease.Ask{})
	var first lease.Outcome
	takers := make([]process, 8)
	for i := range takers {
		takers[i] = newProcess(t, srv, redisstore.LeaseConfig{})
		outcome := takers[i].ask(t, lease.Ask{})
		if outcome.Drop(); i == 0 {
			first = outcome
		} else if outcome.Holder != first.Holder {
			t.Fatalf("%q holds it, and %q", outcome.Holder, first.Holder)
		}
	}
	taken := 0
	var next string
	for _, p := range takers {
		switch outcome := p.ask(t, lease.Ask{Holder: first.Holder, TakeOver: true}); {
		case outcome.Release != nil:
			taken++
		case outcome.Holder == first.Holder:
			t.Error("the slow one still holds it")
		default:
			next = outcome.Holder
			outcome.Drop()
		}
	}
	if taken != 1 {
		t.Fatalf("%d have taken over", taken)
	}
	before := evals(t, srv)
	until(t, "both have tried to prolong", func() bool { return evals(t, srv) >= before+2 })
	if got := srv.Do("GET", leaseKey); got != next {
		t.Errorf("%q holds it now, not %q", got, next)
	}
	outcome.Release(&lease.Failure{Message: "late", Pause: time.Minute})
	_ = slow.Close()
	if n := srv.Do("EXISTS", failedKey); n != int64(0) || srv.Do("GET", leaseKey) != next {
		t.Error("the slow one ended what is not its own any more")
	}
}

// A fetch that never ends is not prolonged for ever.
func TestHoldHasAnEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 13 s")
	}
	t.Parallel()
	srv := redistest.Start(t)
	newProcess(t, srv, redisstore.LeaseConfig{}).ask(t, lease.Ask{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	other := newProcess(t, srv, redisstore.LeaseConfig{})
	for {
		outcome := other.ask(t, lease.Ask{})
		if outcome.Release != nil {
			return
		}
		if err := outcome.Wait(ctx); err != nil {
			t.Fatalf("held for ever: %v", err)
		}
	}
}
