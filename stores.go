package advoware

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/claim"
	"github.com/advoware-go/advoware/internal/compare"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/internal/isnil"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/internal/storehook"
	"github.com/advoware-go/advoware/internal/watch"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
	"github.com/advoware-go/advoware/store/redis/note"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

// Stores are where tokens are kept. A client opens its own unless Config.Shared is
// set. A process that serves many Kanzleien opens them once and gives them to all its
// clients, each with a TokenKey of its own; then there is one cache, and one set of
// connections to Redis and to the API, for those without a Config.Transport, and for each
// Config.APITLS.
type Stores struct {
	all   store.Store
	tiers lease.Tiers
	// callWait is how long a call waits for all, which has no near tier; 0 if it has one.
	callWait time.Duration
	sealed   bool
	lazy     bool // nothing runs between calls
	errors   func() uint64
	far      func(key string) health.Far // nil without Redis
	pending  func() int                  // nil: there are no pending writes
	near     *memory.Store               // nil if it has no figures
	pushes   func() uint64               // nil without a watch
	margins  store.Margins               // of UseTiers, zero without it
	close    func() error

	opened *Config // what OpenStores was given, nil for a store of the caller's
	closed atomic.Bool
	ending sync.Once
	ended  error

	connections roundtrip.Pool // HTTP ones, for all clients
	fetcher     token.Fetcher  // for all clients, too

	offices discovery.Offices // and this
	notes   *note.Notes       // in Redis; nil without one

	claims *claim.Claims // nil if s was made by none of OpenStores, UseStore and UseTiers
}

// OpenStores opens the stores that cfg.Store, cfg.Redis, cfg.NearCapacity, cfg.SealKeys, cfg.RedisHooks,
// cfg.TokenLifetime, cfg.TokenMargins and cfg.Logger describe; the rest of cfg is not
// looked at, but for OneShot and Lazy. It reads the files of certificates and, unless one of
// these is set, begins to connect to Redis, for which it does not wait. Close them after the
// clients that use them.
func OpenStores(cfg Config) (*Stores, error) {
	cfg.setDefaults()
	cfg.Shared = nil
	s := &Stores{claims: new(claim.Claims), close: func() error { return nil }, opened: &cfg, lazy: cfg.Lazy}
	err := errors.Join(cfg.checkNil(), cfg.checkStore(), cfg.voidForStores())
	if err == nil {
		err = s.open(&cfg)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("advoware: %w", err), s.close())
	}
	return s, nil
}

// UseStore returns Stores that are one store of the caller's, which stays open when
// they are closed. With a nil one New returns an error.
func UseStore(one store.Store) *Stores {
	if isnil.Value(one) {
		one = nil
	}
	return &Stores{all: one, close: func() error { return nil }, claims: &claim.Claims{Store: one}}
}

// UseTiers returns Stores that keep the tokens of a store of the caller's, far, which
// processes share, in a near one as well: near, or, if that is nil, one as OpenStores makes.
// So a hit and an outage of far are as they are with Redis. What else far can do is in more,
// whose Near and Far are left alone: a lease, with which a fleet makes one token request,
// what it knows of other processes, a watch. Config.TokenMargins becomes more.Margins.
// Close waits for writes that are under way; near and far stay open.
func UseTiers(near, far store.Store, more tiered.Config) (*Stores, error) {
	s := &Stores{close: func() error { return nil }, claims: new(claim.Claims), lazy: more.Lazy}
	if isnil.Value(near) {
		mem, err := s.openMemory(memory.DefaultCapacity)
		if err != nil {
			return nil, err
		}
		near = mem
	}
	// Its figures are in Client.Metrics, and its slots are used, also if it is the caller's. A
	// store that wraps one is not one: each of its Gets is asked for.
	if s.near, _ = near.(*memory.Store); s.near != nil && more.NearSlot == nil {
		more.NearSlot = s.near.Slot
	}
	if isnil.Value(far) {
		far = nil // which is an error
	}
	more.Near, more.Far = near, far
	more.FarName = cmp.Or(more.FarName, "the far store")
	more.Margins = more.Margins.WithDefaults()
	if err := s.useTiers(more); err != nil {
		return nil, errors.Join(fmt.Errorf("advoware: %w", err), s.close())
	}
	s.margins = more.Margins
	return s, nil
}

// useTiers makes the stores a tiered one.
func (s *Stores) useTiers(cfg tiered.Config) error {
	both, err := tiered.New(cfg)
	if err != nil {
		return err
	}
	s.closeBefore(both.Close)
	s.all, s.claims.Store, s.tiers = both, cfg.Near, both.Tiers()
	s.errors = func() uint64 { return both.Stats().FarErrors }
	s.pending = func() int { return both.Stats().PendingWrites }
	s.far = func(key string) health.Far {
		n := both.Stats()
		return health.Far{
			Condition: health.Condition{Down: n.FarDown, Since: n.FarSince}, Margin: cfg.Margins.Margin,
			PendingWrites: n.PendingWrites, Pending: both.Pending(key),
		}
	}
	return nil
}

// Close ends the stores. Writes to Redis that are under way are waited for, as long
// as RedisConfig.Timeout allows. It may be called more than once; New refuses Stores
// that are closed.
func (s *Stores) Close() error {
	if s == nil || s.close == nil {
		return nil
	}
	s.ending.Do(func() {
		s.closed.Store(true)
		s.connections.CloseIdleConnections()
		s.ended = s.close()
	})
	return s.ended
}

// problem says why s cannot be used, "" if it can.
func (s *Stores) problem() string {
	switch {
	case s.claims == nil:
		return "were not made by OpenStores, UseStore or UseTiers: use one of them"
	case s.all == nil:
		return "have no store: UseStore was given nil"
	case s.closed.Load():
		return "are closed: close them after the clients that use them"
	}
	return ""
}

// voidByStores compares c with what its Shared stores were opened with. Times that c leaves to
// the default become theirs.
func (c *Config) voidByStores() error {
	if problem := c.Shared.problem(); problem != "" {
		return errors.New("Shared: the stores " + problem)
	}
	from, what := c.Shared.opened, "its stores were opened with another one"
	if from == nil {
		from, what = &Config{Store: c.Store, Redis: c.Redis}, "UseStore and UseTiers use stores as they are"
		from.Redis.Client, from.Redis.TLSConfig = nil, nil
		if c.Store == StoreRedis {
			from.Store = StoreTiered
		}
	}
	var problems []error
	add := func(bad bool, name string) {
		if bad {
			problems = append(problems, fmt.Errorf("%s has no effect with Shared: %s", name, what))
		}
	}
	add(c.Lazy && !c.Shared.lazy && (c.Shared.opened != nil || c.Shared.tiers.Near != nil), "Lazy")
	c.Lazy = c.Lazy || c.Shared.lazy
	add(c.Store != StoreTiered && c.Store != from.Store, "Store")
	add(c.NearCapacity != memory.DefaultCapacity && c.NearCapacity != from.NearCapacity, "NearCapacity")
	add(len(c.SealKeys) > 0 && !slices.EqualFunc(c.SealKeys, from.SealKeys, sealed.Key.Equal), "SealKeys")
	add(!compare.Funcs(c.RedisHooks, Config{}.RedisHooks) && !compare.Funcs(c.RedisHooks, from.RedisHooks), "RedisHooks")
	for _, name := range compare.Differences(c.Redis, from.Redis, RedisConfig{}.WithDefaults()) {
		add(true, "Redis."+name)
	}
	if m := c.Shared.margins; m != (store.Margins{}) {
		def := store.Margins{}.WithDefaults()
		add(c.TokenMargins != def && c.TokenMargins != m, "TokenMargins")
		c.TokenMargins = m
	}
	if c.Shared.opened != nil {
		for _, d := range []struct {
			name      string
			ours      *time.Duration
			def, open time.Duration
		}{
			{"TokenLifetime", &c.TokenLifetime, store.DefaultLifetime, from.TokenLifetime},
			{"TokenMargins.Guard", &c.TokenMargins.Guard, store.DefaultGuard, from.TokenMargins.Guard},
			{"TokenMargins.Margin", &c.TokenMargins.Margin, store.DefaultMargin, from.TokenMargins.Margin},
		} {
			add(*d.ours != d.def && *d.ours != d.open, d.name)
			*d.ours = d.open
		}
	}
	return errors.Join(problems...)
}

// claim reserves a key for an identity, until every client that claimed it has released it
// and none of its tokens can be in the stores of this process any more.
func (s *Stores) claim(key, identity string) (release func(), err error) {
	if s.sealed && key == DefaultTokenKey {
		return nil, fmt.Errorf("TokenKey must not be %q with SealKeys: programs that do not seal use it", key)
	}
	return s.claims.Claim(key, identity)
}

// open fills s in. What it has opened by then is closed by s.close, also after an
// error.
func (s *Stores) open(cfg *Config) error {
	if cfg.Store == StoreMemory {
		mem, err := s.openMemory(cfg.NearCapacity)
		s.all, s.claims.Store = mem, mem
		if s.near != nil {
			s.tiers.Slot = s.near.Slot
		}
		return err
	}
	far, err := s.openRedis(cfg)
	if err != nil {
		return err
	}
	s.all, s.tiers.Lease, s.errors = far.Store, far.lease, far.errors
	if cfg.Store == StoreRedis {
		s.callWait = far.callWait
		up := new(health.Health)
		s.all = health.Watch(far.Store, up)
		s.far = func(string) health.Far { return health.Far{Condition: up.Condition(), Margin: cfg.TokenMargins.Margin} }
		return nil
	}
	mem, err := s.openMemory(cfg.NearCapacity)
	if err != nil {
		return err
	}
	tiers := tiered.Config{
		Near: mem, Far: far.Store, Shared: far.shared, Many: far.many, Lease: far.lease, Watch: far.pushes, Explain: far.explain, Lazy: cfg.Lazy,
		FarTimeout: cfg.Redis.Timeout, Margins: cfg.TokenMargins, Hooks: cfg.RedisHooks, Logger: cfg.Logger,
	}
	if s.near != nil {
		tiers.NearSlot = s.near.Slot
	}
	if err := s.useTiers(tiers); err != nil {
		return err
	}
	outages := s.errors
	s.errors = func() uint64 { return outages() + far.unusable() }
	return nil
}

// openMemory opens a store of this process: a lazy one, which has few keys, has no timers.
func (s *Stores) openMemory(capacity int) (store.Store, error) {
	if s.lazy {
		return new(store.Map), nil
	}
	mem, err := memory.New(memory.Config{Capacity: capacity})
	if err == nil {
		s.near = mem
		s.closeBefore(mem.Close)
	}
	return mem, err
}

// shared is a store that processes share, with what they need to agree on it.
type shared struct {
	store.Store
	shared   store.Shared
	many     store.Many
	lease    lease.Lease
	pushes   redisstore.Watch // nil: changes are not pushed
	callWait time.Duration
	renew    func()                             // gives up connections; nil for a client of the caller's
	explain  func(context.Context, error) error // says what a failure is due to; nil likewise
	unusable func() uint64                      // tokens met that cannot be used
	errors   func() uint64                      // these, and what failed
}

func (s *Stores) openRedis(cfg *Config) (r shared, err error) {
	redis := cfg.Redis
	if cfg.Lazy { // no operation outlasts its call
		redis.Timeout = min(redis.Timeout, token.DefaultFarWait)
	}
	conn, err := dial.Open(redis, dial.Options{Logger: cfg.Logger, Name: redisFieldAndVariable, Lazy: cfg.Lazy})
	if err != nil {
		return r, err
	}
	s.closeBefore(conn.Close)
	if cfg.Redis.Client == nil && !cfg.Lazy { // which has no time to ask
		r.renew, r.explain = conn.Renew, conn.Explain
	}
	if !cfg.OneShot && !cfg.Lazy { // the only call of such a process follows at once
		conn.Connect()
	}
	rdb := conn.Client()
	s.notes = note.New(rdb)
	identity := func(key string) string { return s.claims.Identity(key) }
	raw, err := redisstore.New(redisstore.Config{
		Client: rdb, ClientHonoursDeadlines: cfg.Redis.Client == nil,
		Lifetime: cfg.TokenLifetime, Margins: cfg.TokenMargins, Timeout: redis.Timeout,
		Identity: identity, Logger: cfg.Logger,
	})
	if err != nil {
		return r, err
	}
	s.closeBefore(raw.Close)
	r.callWait = raw.CallWait()
	if !cfg.Lazy {
		pushes, err := watch.New(watch.Config{Client: rdb, Renew: r.renew, Logger: cfg.Logger})
		if err != nil {
			return r, err
		}
		s.closeBefore(pushes.Close)
		s.pushes = func() uint64 { return pushes.Stats().Pushes }
		r.pushes = pushes
	}
	held, err := redisstore.NewLease(redisstore.LeaseConfig{Store: raw, Watch: r.pushes, Lazy: cfg.Lazy})
	if err != nil {
		return r, err
	}
	s.closeBefore(held.Close)
	r.Store, r.shared, r.many, r.lease, r.unusable = raw, raw, raw, held, func() uint64 { return raw.Stats().Unusable() }
	r.errors = func() uint64 { return raw.Stats().Errors + r.unusable() }
	if s.sealed = len(cfg.SealKeys) > 0; !s.sealed {
		return r, nil
	}
	both, err := sealed.New(sealed.Config{Store: raw, Shared: raw, Many: raw, Lease: held, Keys: cfg.SealKeys, Identity: identity})
	if err != nil {
		return r, fmt.Errorf("SealKeys: %w", err)
	}
	r.Store, r.shared, r.many, r.lease = both, both, both, both
	r.unusable = func() uint64 { return raw.Stats().Unusable() + both.Stats().Unusable() }
	return r, nil
}

// closeBefore makes Close call f before what it called so far.
func (s *Stores) closeBefore(f func() error) {
	rest := s.close
	s.close = func() error { return errors.Join(f(), rest()) }
}

func init() {
	storehook.Of = func(stores any) storehook.Stores {
		s, ok := stores.(*Stores)
		if !ok || s == nil || s.problem() != "" {
			return storehook.Stores{}
		}
		found := storehook.Stores{All: s.all, Near: s.tiers.Near, Slots: s.tiers.Slot != nil, Pending: s.pending, Margins: s.margins}
		if s.opened == nil {
			return found
		}
		found.Lifetime, found.Margins, found.SealKeys = s.opened.TokenLifetime, s.opened.TokenMargins, s.opened.SealKeys
		if s.opened.Store == StoreMemory {
			found.Near = s.all
		} else {
			found.Redis = &s.opened.Redis
		}
		return found
	}
}
