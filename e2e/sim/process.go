package sim

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/e2e/sim/fakeredis"
	"github.com/advoware-go/advoware/internal/watch"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

// fetchTimeout bounds one token request; a call may wait for two of them, and for others.
const fetchTimeout = 6 * time.Second

// process is one process of the fleet: all that the root package puts together, on a Redis
// and a gateway that are reached over lines of its own.
type process struct {
	world  *world
	number int
	link   *fakeredis.Link
	gate   gate // shut while the process is stopped
	cut    bool // it does not reach the gateway any more; guarded by world.mu

	near      store.Store
	source    *token.Source
	transport *client.Transport
	close     []func()

	mu       sync.Mutex
	rejected map[string]time.Time
	halted   time.Time // when it was stopped or resumed last
}

// quiet is a logger of go-redis that says nothing: connections that fail are what is wanted.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func init() { goredis.SetLogger(quiet{}) }

// start starts the process with that number.
func (w *world) start(number int) *process {
	p := &process{world: w, number: number, link: w.redis.Link(number), rejected: make(map[string]time.Time)}
	p.link.SetClock(w.clocks[number])
	y := &yields{gate: &p.gate}
	if w.plan.Seed != 0 {
		y.seed = mix(w.plan.Seed + uint64(number))
	}
	logger := slog.New(slog.DiscardHandler)
	base := &line{p: p, next: w.fake.Transport()}
	o := w.fake.Options()
	key := must(signer.ParseKey(o.APIKey))
	gc := gateway.Config{
		URL: w.fake.TokenURL(), App: o.AppID, Kanzlei: o.Kanzlei, Database: o.Database, User: o.User,
		Password: secret.New(o.Password), Key: key, Base: base, Timeout: fetchTimeout, Logger: logger,
	}
	gw := must(gateway.New(gc))

	options := redisstore.Options("127.0.0.1:6379")
	options.Dialer = p.link.Dial
	options.PoolSize = 64                 // its timers, which come from another bubble, are for a pool that is empty
	options.ConnMaxIdleTime = time.Second // on a socket go-redis sees that an idle connection has ended
	rdb := goredis.NewClient(options)
	raw := must(redisstore.New(redisstore.Config{
		Client: rdb, ClientHonoursDeadlines: true, Identity: func(string) string { return gc.Identity() }, Logger: logger,
	}))
	pushes := must(watch.New(watch.Config{Client: rdb, Logger: logger}))
	held := must(redisstore.NewLease(redisstore.LeaseConfig{Store: raw, Watch: pushes}))
	near := must(memory.New(memory.Config{Capacity: 8}))
	p.near = near
	far, shared := store.Store(yielding{raw, y}), store.Shared(yieldingShared{raw, y})
	var follow tiered.Watch = pushes
	if w.mistake.Watch != nil {
		follow = w.mistake.Watch(follow)
	}
	if w.mistake.Shared != nil {
		shared = w.mistake.Shared(shared)
	}
	tiers := must(tiered.New(tiered.Config{
		Near: yielding{near, y}, Far: far, Shared: shared,
		Lease: yieldingLease{held, y}, Watch: follow, Logger: logger,
	}))
	p.source = must(token.New(token.Config{
		Store: tiers, Tiers: tiers.Tiers(), Key: tokenKey, Errors: gateway.Errors{}, Credentials: gw.Credentials(),
		FetchTimeout: fetchTimeout, Logger: logger,
		Fetch: func(ctx context.Context) (store.Token, error) {
			y.point(ctx)
			defer y.point(ctx)
			tok, err := gw.Fetch(ctx)
			w.fetched(p, tok, err)
			return tok, err
		},
		Hooks: token.Hooks{Rejected: p.noteRejected},
	}))
	origin := must(url.Parse(w.fake.BaseURL()))
	p.transport = &client.Transport{Source: p.source, Origin: origin, Base: base, Logger: logger}
	p.close = []func(){
		p.source.Close,
		func() { _ = tiers.Close() }, func() { _ = near.Close() }, func() { _ = held.Close() },
		func() { _ = pushes.Close() }, func() { _ = raw.Close() }, func() { _ = rdb.Close() },
	}
	return p
}

// stop ends the process in order.
func (p *process) stop() {
	began := time.Now()
	defer func() {
		if took := time.Since(began); took > closing {
			p.world.fail("bounded_waits: the end of process %d took %v", p.number, took)
		}
	}()
	for _, end := range p.close {
		end()
	}
}

// kill ends the process as SIGKILL does: from now on nothing of it gets out.
func (p *process) kill() {
	p.world.mu.Lock()
	p.cut = true
	p.world.mu.Unlock()
	p.link.SetDown(true)
}

func (p *process) noteRejected(tok store.Token) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rejected[tok.Reveal()] = time.Now()
}

// rejectedBefore reports whether the process had removed a token by then.
func (p *process) rejectedBefore(text string, then time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, was := p.rejected[text]
	return was && at.Before(then)
}

var errCut = errors.New("sim: the process does not reach the gateway")

// line is the network between a process and the fake Advoware.
type line struct {
	p    *process
	next http.RoundTripper
}

func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := l.through(req.Context()); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	one, is := req.Context().Value(callKey{}).(*call)
	if is = is && req.Method == http.MethodGet; is { // a token request has its values too
		l.p.world.sends(l.p, one, req)
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := l.through(req.Context()); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	if is && resp.StatusCode == http.StatusUnauthorized {
		l.p.world.refused(req)
	}
	return resp, nil
}

func (l *line) through(ctx context.Context) error {
	if err := l.p.gate.pass(ctx); err != nil {
		return err
	}
	l.p.world.mu.Lock()
	defer l.p.world.mu.Unlock()
	if l.p.cut {
		return errCut
	}
	return nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// noteStopped notes that the process is stopped, or goes on.
func (p *process) noteStopped() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.halted = time.Now()
}

// wasStopped reports whether the process was stopped, or went on, after then.
func (p *process) wasStopped(then time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped() || !p.halted.Before(then)
}

// stopped reports whether the process is.
func (p *process) stopped() bool {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	return p.gate.open != nil
}
