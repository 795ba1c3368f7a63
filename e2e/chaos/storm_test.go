package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
)

// otherKey is where the second identity of a storm keeps its token, stormLatency how
// long a token request takes.
const (
	otherKey     = "other_access_token"
	stormLatency = 300 * time.Millisecond
)

var other = clienttest.Identity{
	AppID: "sandbox-app", APIKey: "c2Vjb25k", Kanzlei: "other-kanzlei", Database: "other-database",
	User: "other-user", Password: "other-password", Product: 64, Role: 2,
}

// Faults of all kinds, one after the other, and a fleet of two identities that calls
// on: no call fails, none is answered for somebody else, and at no instant Redis holds
// what it should not.
func TestStorm(t *testing.T) {
	t.Parallel() // it waits, most of the time
	s := newStorm(t, newWorld)
	s.misconfigured()
	s.meet(append(s.keyFaults(), s.gatewayFaults()...)...)
	s.end()
}

// The same where Redis itself fails. Here everything happens again and again, in any
// order, for half a minute at least.
func TestStormOnRedis(t *testing.T) {
	t.Parallel() // it waits, most of the time
	s := newStorm(t, newWorld)
	all := s.redisFaults()
	s.meet(all...)
	all = slices.Concat(all, s.keyFaults(), s.gatewayFaults())
	for time.Since(s.began) < max(long, 30*time.Second) {
		s.meet(all[rand.N(len(all))])
	}
	s.end()
}

// The same where another Redis takes over.
func TestStormOnSentinel(t *testing.T) {
	t.Parallel() // it waits, most of the time
	s := newStorm(t, newSentinelWorld)
	s.meet(fault{name: "Redis fails over", strike: s.failover, renewal: true})
	s.end()
}

// storm is a world with two identities in it, a fleet each, to which faults happen.
type storm struct {
	*world
	sampler  *sampler
	one, two fleet
	hold     time.Duration // of a fault that has to be healed
	began    time.Time
}

func newStorm(t *testing.T, newWorld func(testing.TB, clienttest.Options) *world) *storm {
	w := newWorld(t, clienttest.Options{TokenLatency: stormLatency})
	if err := w.fake.AddIdentity(other); err != nil {
		t.Fatal(err)
	}
	s := &storm{world: w, hold: 1500 * time.Millisecond, began: time.Now()}
	load := []string{"-goroutines", "4", "-pause", "200ms"}
	if long > 0 {
		s.hold = 8 * time.Second
		load = []string{"-goroutines", "8", "-pause", "20ms"}
	}
	s.sampler = sample(t, w, map[string]string{tokenKey: w.fake.Options().Kanzlei, otherKey: other.Kanzlei})
	s.one = w.fleet(4, w.env(), load...)
	s.two = w.fleet(4, w.env(asOther("ADVOWARE_TOKEN_KEY="+otherKey)...), load...)
	s.all().start()
	s.all().calls(5)
	return s
}

// asOther is the environment of the other identity.
func asOther(more ...string) []string {
	return append([]string{
		"ADVOWARE_API_KEY=" + other.APIKey, "ADVOWARE_KANZLEI=" + other.Kanzlei, "ADVOWARE_DATABASE=" + other.Database,
		"ADVOWARE_USER=" + other.User, "ADVOWARE_PASSWORD=" + other.Password,
	}, more...)
}

func (s *storm) all() fleet { return slices.Concat(s.one, s.two) }

// misconfigured starts a process that uses the key of another identity by mistake: it
// gets no token, its own or the other's, and the others do not notice.
func (s *storm) misconfigured() {
	s.t.Helper()
	before, stood := s.requests(), s.stored()
	f := s.fleet(1, s.env(asOther()...), "-goroutines", "4", "-calls", "5")
	f.start()
	all := sum(f.done())
	if all.Calls != 20 || all.Failed != all.Calls || all.Foreign != 0 {
		s.t.Errorf("%d calls with the key of another identity, %d failed, %d answered for it", all.Calls, all.Failed, all.Foreign)
	}
	for text := range all.Errors {
		if !strings.Contains(text, "another identity") {
			s.t.Errorf("%q does not say what is wrong", text)
		}
	}
	if got := s.requests() - before; got != 0 || s.stored() != stood {
		s.t.Errorf("%d token requests, and %s in Redis; want none, and %s", got, s.stored(), stood)
	}
}

// meet lets faults happen, one after the other.
func (s *storm) meet(faults ...fault) {
	s.t.Helper()
	for _, f := range faults {
		s.pass(f)
	}
}

// pass lets one fault happen, and waits until all is well again.
func (s *storm) pass(f fault) {
	s.t.Helper()
	before, count := s.requests(), sum(s.all().ask())
	s.check(f.name, "before", count)
	if f.renewal {
		s.due()
	}
	if f.unseen {
		s.trace.off()
	}
	f.strike()
	over := time.After(f.hold)
	count = sum(s.all().calls(5)) // while it lasts
	<-over
	if f.heal != nil {
		f.heal()
	}
	if f.unseen {
		s.trace.on()
	}
	healed := time.Now()
	s.mends(f.name, tokenKey)
	s.mends(f.name, otherKey)
	wrote := time.Since(healed)

	token := s.fake.Issue() // another program's, to see whether changes are noticed again
	s.redis.Do("SET", tokenKey, token, "EX", "3180")
	s.one.turn(4*notice, fingerprint(token), time.Now())
	heard := time.Since(healed)
	count.Add(sum(s.all().calls(5)))
	s.check(f.name, "during", count)
	s.tell(f.name, count, s.requests()-before, wrote, heard)
}

// mends waits until a key has a token again that is valid, for the right identity, and
// ends by itself.
func (s *storm) mends(fault, key string) {
	s.t.Helper()
	var text string
	if !within(patience, func() bool {
		text, _ = s.redis.Do("GET", key).(string)
		ttl, _ := s.redis.Do("PTTL", key).(int64)
		return ttl > 0 && s.sampler.whose(text) == s.sampler.owners[key]
	}) {
		s.t.Fatalf("%s: no valid token under %s %v later, but %d bytes", fault, key, patience, len(text))
	}
}

// check checks what must hold whatever happens.
func (s *storm) check(fault, when string, r chaos.Report) {
	s.t.Helper()
	if r.Failed > 0 || r.Foreign > 0 {
		s.t.Errorf("%s, %s: %d of %d calls failed, %d answered for another identity: %v", fault, when, r.Failed, r.Calls, r.Foreign, r.Errors)
	}
	looks, wrong := s.sampler.report()
	if looks == 0 {
		s.t.Errorf("%s, %s: nobody looked into Redis", fault, when)
	}
	for what, n := range wrong {
		s.t.Errorf("%s, %s: %s (seen %d times)", fault, when, what, n)
	}
}

func (s *storm) tell(fault string, r chaos.Report, requests int, wrote, heard time.Duration) {
	row := fmt.Sprintf("%s\t%d\t%d\t%d\t%s\t%s\t%s", fault, r.Calls, r.Failed, requests, short(r.Slowest), short(wrote), short(heard))
	figures.add(s.t.Name(), "fault\tcalls\terrors\ttoken requests\tslowest call\ttoken in Redis after\tchanges noticed after", row)
	s.t.Log(row)
}

// end ends the fleets and says how much there was of everything.
func (s *storm) end() {
	s.t.Helper()
	last := sum(s.all().ask())
	s.check("the end", "after", last)
	looks, _ := s.sampler.report()
	reports := s.all().end()
	silent := 0 // seconds in which a process got no answer
	for _, r := range reports {
		for _, second := range r.Seconds {
			if second.Calls == 0 {
				silent++
			}
		}
	}
	all := sum(reports)
	if all.Failed != 0 {
		s.t.Errorf("%d of %d calls failed: %v", all.Failed, all.Calls, all.Errors)
	}
	row := fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%d\t%d", s.t.Name(), short(time.Since(s.began)), all.Calls, all.Failed, silent, s.requests(), looks)
	figures.add("In all", "storm\ttook\tcalls\terrors\tprocess-seconds without an answer\ttoken requests\tlooks into Redis", row)
	s.t.Log(row)
}
