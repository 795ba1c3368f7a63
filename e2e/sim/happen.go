package sim

import (
	"net/http"
	"strconv"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/sim/fakeredis"
	"github.com/advoware-go/advoware/internal/rediskey"
)

// at returns the processes that run and that an event is for: all if there is none of that
// number.
func (w *world) at(e Event) []*process {
	var all []*process
	for i, p := range w.processes {
		if p != nil && (e.P < 0 || e.P%len(w.processes) == i) {
			all = append(all, p)
		}
	}
	return all
}

func (w *world) calls(e Event) {
	for _, p := range w.at(e) {
		for range 1 + e.N%3 {
			w.behind.Go(func() {
				_, _ = w.once(p)
			})
		}
	}
}

func (w *world) starts(e Event) {
	if i := max(0, e.P) % len(w.processes); w.processes[i] == nil {
		w.processes[i] = w.start(i)
	}
}

func (w *world) stops(e Event) {
	i := max(0, e.P) % len(w.processes)
	if p := w.processes[i]; p != nil {
		w.goesOn(p)
		w.processes[i] = nil
		w.behind.Go(p.stop)
	}
}

// goesOn ends the pause of a process, if it is stopped.
func (w *world) goesOn(p *process) {
	if p.stopped() {
		p.noteStopped()
		p.link.SetFrozen(false)
		p.gate.set(false)
	}
}

func (w *world) kills(e Event) {
	i := max(0, e.P) % len(w.processes)
	if p := w.processes[i]; p != nil {
		w.goesOn(p)
		w.processes[i] = nil
		p.kill()
		w.ended = append(w.ended, p)
	}
}

func (w *world) pauses(e Event) {
	for _, p := range w.at(Event{P: max(0, e.P)}) {
		p.noteStopped()
		p.gate.set(true)
		p.link.SetFrozen(true)
	}
}

func (w *world) resumes(e Event) {
	for _, p := range w.at(e) {
		w.goesOn(p)
	}
}

// together is how far from the right time two clocks may be, so that refusals are believed.
const together = 2 * time.Minute

// skews sets the clock of a process beside that of the others.
func (w *world) skews(e Event) {
	by := []time.Duration{time.Second, -time.Second, 30 * time.Second, -30 * time.Second, 100 * time.Second, -100 * time.Second, 20 * time.Minute, -20 * time.Minute, 3 * time.Hour, -3 * time.Hour, 0}
	for _, p := range w.at(e) {
		w.clocks[p.number] = by[e.N%len(by)]
		p.link.SetClock(w.clocks[p.number])
	}
}

// Advoware

func (w *world) revokes(Event) { w.fake.RevokeAll() }

// unauthorized has the API refuse tokens that are right.
func (w *world) unauthorized(e Event) {
	w.allow(1 + e.N%5)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: http.StatusUnauthorized, Times: 1 + e.N%5})
}

// setUpset notes until when the gateway is not as it should be.
func (w *world) setUpset(until time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if until == never || w.upset == never {
		w.upset = until
	}
}

func (w *world) refuses(e Event) {
	w.setUpset(never)
	w.fake.Inject(clienttest.Fault{Refusal: clienttest.WrongPassword, Times: 1 + e.N%3})
}

func (w *world) gatewayDown(e Event) {
	w.setUpset(never)
	f := clienttest.Fault{Status: http.StatusServiceUnavailable, Times: -1}
	switch e.N % 3 {
	case 1:
		f = clienttest.Fault{Reset: true, Times: -1}
	case 2:
		f.Header = http.Header{"Retry-After": {"20"}}
	}
	w.fake.Inject(f)
}

func (w *world) gatewayHangs(e Event) {
	w.setUpset(never)
	w.fake.Inject(clienttest.Fault{Hang: true, Times: 1 + e.N%3})
}

func (w *world) gatewaySlow(e Event) {
	w.setUpset(never)
	w.fake.SetTokenLatency(time.Duration(1+e.N%40) * 100 * time.Millisecond)
}

func (w *world) gatewayDate(e Event) {
	w.setUpset(never)
	w.fake.SetSkew([]time.Duration{-20 * time.Minute, time.Minute, 20 * time.Minute, 3 * time.Hour}[e.N%4])
}

func (w *world) gatewayUp(Event) {
	w.setUpset(time.Now())
	w.fake.ClearFaults()
	w.fake.SetTokenLatency(w.plan.Latency)
	w.fake.SetSkew(0)
}

// The keys

// seeValue notes what is under the key.
func (w *world) seeValue() {
	v := w.redis.Keys(db)[tokenKey]
	if v.Kind == "string" && len(v.Text) < 4096 && !contains(w.values, v.Text) && w.knows(v.Text) {
		w.values = append(w.values, v.Text)
	}
}

func contains(all []string, one string) bool {
	for _, text := range all {
		if text == one {
			return true
		}
	}
	return false
}

func (w *world) knows(tok string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alive[tok] && !w.others[tok]
}

// write is what a program does that is not of the fleet.
func (w *world) write(args ...string) { w.redis.Do(stranger, db, args...) }

// overwrites notes that what is under the key is taken away by somebody else.
func (w *world) overwrites() {
	v := w.redis.Keys(db)[tokenKey]
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replay.Dead(v.Text)
	if time.Since(w.swapped) < unpushed { // the fleet may not have seen that another one is there
		for tok := range w.alive {
			w.replay.Dead(tok)
		}
	}
}

// lost notes that Redis may not know any more what it knew.
func (w *world) lost() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replay.Lost()
}

// sets is what the Python program does: a token of its own, and its timestamp.
func (w *world) sets(e Event) {
	w.overwrites()
	tok := w.fake.Issue()
	w.mu.Lock()
	w.alive[tok] = true
	w.mu.Unlock()
	ttl := strconv.Itoa([]int{3180, 3180, 60, 300}[e.N%4])
	w.write("SET", tokenKey, tok, "EX", ttl)
	w.write("SET", rediskey.Timestamp(tokenKey), time.Now().UTC().Format("2006-01-02T15:04:05.000000"), "EX", ttl)
}

func (w *world) setsOld(e Event) {
	if len(w.values) > 0 {
		w.overwrites()
		w.write("SET", tokenKey, w.values[e.N%len(w.values)], "PX", "1800000")
	}
}

// setsOther is a fleet with another identity and the same key by mistake.
func (w *world) setsOther(Event) {
	w.overwrites()
	tok := w.fake.Issue()
	w.mu.Lock()
	w.alive[tok], w.others[tok] = true, true
	w.mu.Unlock()
	meta := rediskey.Metadata(tokenKey)
	w.write("DEL", meta)
	w.write("HSET", meta, "token", rediskey.Token.Of(tok), "identity", rediskey.Identity.Of("another"), "shift_ms", "110000",
		"issued_ms", strconv.FormatInt(time.Now().UnixMilli(), 10))
	w.write("PEXPIRE", meta, "20000")
	w.write("SET", tokenKey, tok, "PX", "20000")
}

// othersLeave ends what setsOther has begun: while that token is there, ours do without Redis,
// and tell their callers.
func (w *world) othersLeave() {
	v := w.redis.Keys(db)[tokenKey]
	w.mu.Lock()
	theirs := w.others[v.Text]
	w.mu.Unlock()
	if theirs {
		w.deletes(Event{})
	}
}

func (w *world) deletes(Event) {
	w.overwrites()
	w.write("DEL", tokenKey)
}

func (w *world) flushes(Event) {
	w.lost()
	w.write("FLUSHALL")
}

func (w *world) swaps(Event) {
	w.lost()
	w.swapped = time.Now()
	w.write("SWAPDB", "0", strconv.Itoa(db))
}

func (w *world) evicts(e Event) {
	names := w.names()
	key := names[e.N%len(names)]
	w.lost()
	w.mu.Lock()
	w.unnamed = w.unnamed || key == rediskey.Metadata(tokenKey)
	w.mu.Unlock()
	w.redis.Evict(db, key)
}

// names are the keys that there may be.
func (w *world) names() []string {
	names := []string{
		tokenKey, tokenKey, rediskey.Metadata(tokenKey), rediskey.Lock(tokenKey), rediskey.Failed(tokenKey),
		rediskey.Refused(tokenKey), rediskey.Timestamp(tokenKey),
	}
	for _, tok := range w.values {
		names = append(names, rediskey.Tombstone(tokenKey, tok))
	}
	return names
}

func (w *world) dumps(Event) { w.dumped = w.redis.Dump(db) }

func (w *world) restores(Event) {
	w.lost()
	w.redis.Restore(db, w.dumped)
}

// steps moves the clock of Redis. A token that has ended by it is lost before its time.
func (w *world) steps(e Event) {
	w.lost()
	w.overwrites()
	w.redis.Step([]time.Duration{-time.Hour, -5 * time.Second, 2 * time.Second, 30 * time.Second, time.Hour}[e.N%5])
}

// The network to Redis

func (w *world) links(e Event, change func(*fakeredis.Link)) {
	for _, p := range w.at(e) {
		change(p.link)
	}
}

func (w *world) redisDown(e Event)   { w.links(e, func(l *fakeredis.Link) { l.SetDown(true) }) }
func (w *world) redisFrozen(e Event) { w.links(e, func(l *fakeredis.Link) { l.SetFrozen(true) }) }
func (w *world) redisCut(e Event)    { w.links(e, (*fakeredis.Link).Cut) }
func (w *world) redisUp(e Event) {
	for _, p := range w.at(e) {
		if !p.stopped() {
			p.link.Heal()
		}
	}
}

func (w *world) redisSlow(e Event) {
	w.links(e, func(l *fakeredis.Link) { l.SetDelay(time.Duration(1+e.N%60) * 10 * time.Millisecond) })
}

func (w *world) redisLoses(e Event)   { w.links(e, func(l *fakeredis.Link) { l.Lose(1 + e.N%3) }) }
func (w *world) redisDoubles(e Event) { w.links(e, func(l *fakeredis.Link) { l.Double(1 + e.N%3) }) }
