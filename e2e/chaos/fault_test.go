package chaos_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// fault is something that goes wrong for a while.
type fault struct {
	name   string
	strike func()
	heal   func() // nil if there is nothing to heal
	// hold is how long it lasts at least; the processes go on calling meanwhile.
	hold time.Duration
	// renewal lets a renewal fall into it: the token has been requested before it
	// strikes, and is there while it lasts.
	renewal bool
	// unseen is for what Redis does and no command tells.
	unseen bool
}

// redisFaults are those of a server that is not there, or does not do what it is for.
func (s *storm) redisFaults() []fault {
	do := s.redis.Do
	return []fault{
		{name: "Redis is killed and restarted", strike: s.redis.Kill, heal: s.redis.Restart, hold: s.hold, renewal: true},
		{name: "Redis stands still", strike: s.redis.Stop, heal: s.redis.Cont, hold: s.hold, renewal: true},
		{
			name: "Redis is full", hold: s.hold, renewal: true, unseen: true,
			strike: func() { do("CONFIG", "SET", "maxmemory", "1") },
			heal:   func() { do("CONFIG", "SET", "maxmemory", "0") },
		},
		{
			name: "Redis is read-only", hold: s.hold, renewal: true, unseen: true,
			strike: func() { do("REPLICAOF", "127.0.0.1", "1") }, // nobody listens there
			heal:   func() { do("REPLICAOF", "NO", "ONE") },
		},
		{name: "all connections are killed", strike: func() { do("CLIENT", "KILL", "TYPE", "normal") }},
	}
}

// failover kills the master and waits until another one stands in for it.
func (s *storm) failover() {
	s.sentinel.Failover()
	s.moved(s.sentinel.Master())
}

// keyFaults are what other programs do to the keys.
func (s *storm) keyFaults() []fault {
	all := []fault{
		{name: "FLUSHALL", strike: func() { s.redis.Do("FLUSHALL") }},
		{name: "DEL of the tokens", strike: func() { s.redis.Do("DEL", tokenKey, otherKey) }},
		{name: "SET of another token", strike: func() { s.redis.Do("SET", tokenKey, s.fake.Issue(), "EX", "3180") }},
		{name: "the tokens are revoked", strike: s.fake.RevokeAll},
	}
	for name, text := range map[string]func() string{
		"poison: a line end": func() string { return "not a\r\ntoken" },
		"poison: nothing":    func() string { return "" },
		"poison: 20 KiB":     func() string { return strings.Repeat("x", 20<<10) },
		"poison: another identity's token, no expiry": s.fake.Issue,
	} {
		all = append(all, fault{name: name, heal: s.newcomers, strike: func() {
			value := text()
			s.excuse(value)
			s.redis.Do("MSET", tokenKey, value, otherKey, value)
		}})
	}
	return append(all, fault{name: "poison: a list", heal: s.newcomers, strike: func() {
		s.excuse("")
		s.redis.Do("EVAL", `for _, key in ipairs(KEYS) do
			redis.call('DEL', key)
			redis.call('LPUSH', key, 'x')
		end`, "2", tokenKey, otherKey)
	}})
}

// newcomers are processes that start now, and make use of what the fleets have.
func (s *storm) newcomers() {
	s.t.Helper()
	for _, env := range [][]string{s.env(), s.env(asOther("ADVOWARE_TOKEN_KEY=" + otherKey)...)} {
		f := s.fleet(1, env, "-goroutines", "4", "-calls", "4")
		f.start()
		wantCalls(s.t, f.done(), 16)
	}
}

func (s *storm) excuse(value string) {
	s.sampler.excuse(tokenKey, value)
	s.sampler.excuse(otherKey, value)
}

// gatewayFaults come while a token lives, and just before it is renewed. They are over
// when it has been renewed at last.
func (s *storm) gatewayFaults() []fault {
	var old string
	return []fault{
		{
			name: "the gateway is down at a renewal", hold: s.hold,
			strike: func() {
				s.fake.Inject(clienttest.Fault{On: clienttest.TokenEndpoint, Status: http.StatusServiceUnavailable, Times: -1})
				old = s.due()
			},
			heal: func() {
				s.fake.ClearFaults()
				s.another(old)
			},
		},
		{
			name: "the gateway is slow at a renewal",
			strike: func() {
				s.fake.SetTokenLatency(2 * time.Second)
				old = s.due()
			},
			heal: func() {
				s.fake.SetTokenLatency(stormLatency)
				s.another(old)
			},
		},
	}
}

// due puts a token into Redis that is so old that it is renewed at once, and returns
// it when that has begun.
func (s *storm) due() string {
	s.t.Helper()
	before, token := s.requests(), s.fake.Issue()
	set := func() { s.redis.Do("SET", tokenKey, token, "EX", "100") }
	set()
	if !within(patience, func() bool {
		if s.sentinel != nil { // on a busy machine it fails over by itself
			if m := s.sentinel.Master(); m != nil && m != s.redis {
				s.moved(m)
				set()
			}
		}
		return s.requests() > before
	}) {
		s.t.Fatal("a token that ends soon is not renewed")
	}
	return fingerprint(token)
}
