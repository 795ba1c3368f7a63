// Package sim simulates a fleet: processes with their tiers on one Redis, the gateway and the
// API, in one testing/synctest bubble. A [Schedule] says what happens to them. After each
// step, and when all faults are over, what ARCHITECTURE.md promises is asked of it.
//
// README.md says what it does not control.
package sim

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/sim/fakeredis"
	"github.com/advoware-go/advoware/proof/rules"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

const (
	tokenKey = "sim_access_token"
	db       = 1
	stranger = -1 // the client that writes what no process of ours writes
)

// Mistake is a seeded fault, which a simulation must find. The zero value is none.
type Mistake struct {
	Script func(source string) string
	Watch  func(tiered.Watch) tiered.Watch
	Shared func(store.Shared) store.Shared
}

// world is a simulation while it runs.
type world struct {
	plan    Schedule
	mistake Mistake
	redis   *fakeredis.Server
	fake    *clienttest.Server
	behind  sync.WaitGroup
	began   time.Time

	processes []*process      // by number, nil if it does not run
	clocks    []time.Duration // of theirs: how fast each is
	ended     []*process      // killed ones

	dumped   fakeredis.Dump
	upset    time.Time // the gateway is, or was until then, not as it should be
	underWay bool      // token requests may still fail that were sent before the last fault was over
	failed   time.Time // when the gateway last refused or failed
	swapped  time.Time // when a database was, last
	values   []string  // tokens that were seen under the key, oldest first

	mu       sync.Mutex
	replay   rules.Replay
	broken   []string
	alive    map[string]bool // tokens that somebody of ours or the foreign program got
	others   map[string]bool // tokens of another identity
	unnamed  bool            // the metadata that says so may be lost
	requests int             // token requests of all processes
	failures int             // of these
	allowed  int             // token requests that what happened justifies
	log      []string
}

// Run runs a schedule and returns what was broken, nothing if all held, and what happened.
func Run(t *testing.T, plan Schedule, mistake Mistake) (broken, log []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(plan, mistake)
		w.run()
		w.end()
		w.mu.Lock()
		defer w.mu.Unlock()
		broken, log = w.broken, w.log
	})
	return broken, log
}

func newWorld(plan Schedule, mistake Mistake) *world {
	w := &world{
		plan: plan, mistake: mistake, redis: fakeredis.New(), began: time.Now(),
		processes: make([]*process, plan.Processes), clocks: make([]time.Duration, plan.Processes), alive: make(map[string]bool), others: make(map[string]bool),
	}
	w.redis.Observe(w.ran)
	if mistake.Script != nil {
		w.redis.Replace(mistake.Script)
	}
	w.fake = must(clienttest.New(clienttest.Options{InMemory: true, Rows: -1, TokenLatency: plan.Latency, Seed: 1}))
	w.allowed = 1
	for i := range w.processes {
		w.processes[i] = w.start(i)
	}
	return w
}

// run lets everything happen, and then nothing more.
func (w *world) run() {
	for _, e := range w.plan.Events {
		time.Sleep(e.After)
		h := happenings[e.Do]
		w.note("%s %d %d", e.Do, e.P, e.N)
		if !h.calm {
			w.allow(w.plan.Processes)
		}
		w.seeValue()
		h.do(w, e)
		w.seeValue()
		w.askKeys()
	}
	w.heal()
	w.converge()
	w.quiet()
}

// end ends all, so that the bubble does.
func (w *world) end() {
	for _, p := range w.processes {
		if p != nil {
			p.stop()
		}
	}
	for _, p := range w.ended {
		p.stop()
	}
	w.behind.Wait()
	w.redis.Close()
	w.fake.Close()
	time.Sleep(2 * time.Second) // go-redis may sleep for one before it sees that its pool is closed
}

// heal ends all faults.
func (w *world) heal() {
	w.note("heal")
	w.underWay = w.upset == never
	w.gatewayUp(Event{})
	for i, p := range w.processes {
		if p == nil {
			w.processes[i] = w.start(i)
			continue
		}
		w.goesOn(p)
		p.link.Heal()
	}
	w.othersLeave()
}

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.noteLocked(format, args...)
}

func (w *world) noteLocked(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%10v ", time.Since(w.began).Round(time.Microsecond))+fmt.Sprintf(format, args...))
}

// fail notes that something is broken.
func (w *world) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failLocked(format, args...)
}

func (w *world) failLocked(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.broken = append(w.broken, text)
	w.noteLocked("BROKEN %s", text)
}

func (w *world) allow(requests int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.allowed += requests
}

// ran is called for each script.
func (w *world) ran(s fakeredis.Step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, v := range s.After {
		if v.Kind != "none" && v.TTL == -1 && v.By != stranger {
			w.failLocked("every_key_has_a_ttl: %s of process %d", key, v.By)
		}
	}
	step := abstract(time.Now(), s)
	step.Astray = s.Client >= 0 && w.clocks[s.Client].Abs() > together
	w.noteLocked("p%d script %d %s %s", s.Client, step.Op, step.Answer, short(step.Token+step.Old))
	if err, bad := s.Reply.(fakeredis.Error); bad {
		w.failLocked("code_and_model_agree: a script fails: %s", err)
	}
	for _, broken := range w.replay.Step(step) {
		w.failLocked("%s", broken)
	}
}

// fetched is called for each token request of a process.
func (w *world) fetched(p *process, tok store.Token, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.cut {
		return // it is no process any more
	}
	w.requests++
	if err != nil {
		w.failures++
		w.failed = time.Now()
		w.noteLocked("p%d token request failed: %v", p.number, err)
		return
	}
	w.noteLocked("p%d token %s", p.number, short(tok.Reveal()))
	w.alive[tok.Reveal()] = true
	w.replay.Issued(tok.Reveal(), tok.IssuedAt(), tok.Expiry())
}

// short is enough of a token to tell it from others.
func short(text string) string { return text[max(0, len(text)-6):] }

// callKey is for the call in the context of its request.
type callKey struct{}

// call is one call of a process.
type call struct {
	began  time.Time
	had    string // the token that near had then
	sent   int
	bearer string // that was sent last
}

// sends is called for each request to the API, before it is sent.
func (w *world) sends(p *process, c *call, req *http.Request) {
	bearer := req.Header.Get("Authorization")
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(bearer) < 7 {
		w.failLocked("nothing_foreign_is_sent: process %d sends no bearer", p.number)
		return
	}
	tok := bearer[len("Bearer "):]
	if !w.alive[tok] {
		w.failLocked("nothing_foreign_is_sent: process %d sends %q", p.number, short(tok))
	}
	if w.others[tok] && !w.unnamed {
		w.failLocked("no_foreign_identity: process %d sends the token of another identity", p.number)
	}
	c.bearer = tok
	if c.sent++; c.sent == 1 && p.rejectedBefore(tok, c.began) {
		w.failLocked("refused_token_is_not_handed_out: process %d has rejected %s before the call began", p.number, short(tok))
	}
}

// once makes one call, and asks how it went. The status is 404 if the API took the token, and 0
// if there was no answer.
func (w *world) once(p *process) (status int, err error) {
	c := &call{began: time.Now()}
	had, _ := p.near.Get(context.Background(), tokenKey)
	c.had = had.Reveal()
	ctx := context.WithValue(context.Background(), callKey{}, c)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.fake.BaseURL()+"simulated", nil)
	if err != nil {
		panic(err)
	}
	resp, err := p.transport.RoundTrip(req)
	if err == nil {
		status = resp.StatusCode
		_ = resp.Body.Close()
	}
	w.note("p%d call %d %v %v", p.number, status, time.Since(c.began), err)
	w.askCall(p, c, status, err)
	return status, err
}

// refused is called when the API has refused a token.
func (w *world) refused(req *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replay.Dead(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
}
