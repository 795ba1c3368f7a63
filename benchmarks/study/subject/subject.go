package subject

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/benchmarks/study/event"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/client"
)

// Load says what one call of the load is.
type Load string

const (
	// Lookup asks for a valid token, and nothing else: what the library itself costs.
	Lookup Load = "token"
	// Call makes a whole call of the API with it.
	Call Load = "call"
)

// endpoint is what a Call gets: a small record.
const endpoint = "/employees/1"

// Config says what is studied, and where.
type Config struct {
	Store Store
	Site  Site
	// Env is the environment that leads to the Advoware, as clienttest's Env returns it.
	Env  []string
	Load Load
	// Events hears of what the library does: not of each token, where there are Tenants.
	Events *event.Log
	// Tenants are how many clients there are on the same stores; 0 means one, of the
	// identity of Env. Spread says which of them are called.
	Tenants int
	Spread  Spread
}

// Subject is a client of the library, or many.
type Subject struct {
	load        Load
	clients     []*client.Client
	turns       turns
	closeStore  func() error
	hits, waits atomic.Int64 // of Lookup; a Client counts its own
}

// Open makes a Subject. It sends nothing. Close it.
func Open(cfg Config) (*Subject, error) {
	s := &Subject{load: cfg.Load, closeStore: func() error { return nil }}
	s.turns.order = orderOf(cfg.Spread, max(1, cfg.Tenants))
	door, err := cfg.door()
	if err == nil {
		err = s.open(cfg, door)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("subject: store %s: %w", cfg.Store.Name, err), s.Close())
	}
	return s, nil
}

func (s *Subject) open(cfg Config, door advoware.Config) (err error) {
	defer recovered(&err)
	if cfg.Store.Open != nil {
		one, closeStore, err := cfg.Store.Open(cfg.Site)
		if err != nil {
			return err
		}
		if closeStore != nil {
			s.closeStore = closeStore
		}
		door.Shared = advoware.UseStore(one)
	}
	if cfg.Tenants > 0 {
		return s.openTenants(door, cfg.Tenants)
	}
	c, err := advoware.New(door)
	if err == nil {
		s.clients = []*client.Client{c}
	}
	return err
}

// door returns the configuration of the door.
func (c Config) door() (advoware.Config, error) {
	vars := make(map[string]string)
	for _, line := range c.Env {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = value
	}
	if c.Site.Redis != "" {
		vars["REDIS_HOST"], vars["REDIS_PORT"], _ = strings.Cut(c.Site.Redis, ":")
	}
	kind := c.Store.kind
	if kind == "" {
		kind = advoware.StoreMemory // not looked at
	}
	cfg, err := advoware.ReadEnv(func(name string) string { return vars[name] }, kind)
	cfg.Logger = c.Site.Logger
	cfg.TokenLifetime, cfg.TokenMargins.Guard, cfg.TokenMargins.Margin = c.Site.Life.Lifetime, c.Site.Life.Guard, c.Site.Life.Margin
	if c.Tenants == 0 {
		cfg.Hooks = tokenHooks(c.Events)
	}
	if kind == advoware.StoreTiered {
		cfg.RedisHooks = redisHooks(c.Events)
	}
	return cfg, err
}

// Call makes one call of the load.
func (s *Subject) Call(ctx context.Context) error {
	one := s.clients[s.turns.next()]
	if s.load == Call {
		return call(ctx, one)
	}
	waited, err := lookup(ctx, one)
	if err != nil || waited {
		s.waits.Add(1)
	} else {
		s.hits.Add(1)
	}
	return err
}

func call(ctx context.Context, c *client.Client) (err error) {
	defer recovered(&err)
	_, err = c.Call(ctx, client.Request{Method: http.MethodGet, Endpoint: endpoint})
	return err
}

func lookup(ctx context.Context, c *client.Client) (waited bool, err error) {
	defer recovered(&err)
	found, err := c.Source().Lookup(ctx, 0)
	return found.Waited, err
}

// recovered makes a panic of a store an error: one that is studied may have faults, and what was
// measured before is written all the same.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("subject: panic: %v", v)
	}
}

// Warm returns when there is a token, and a connection. Where the machine has other things to do,
// Redis may be late at first: it is asked again a few times.
func (s *Subject) Warm(ctx context.Context) error {
	return untilDone(ctx, 2, func() error { return s.Call(ctx) })
}

// untilDone calls what until it has succeeded some times, at most ten times.
func untilDone(ctx context.Context, times int, what func() error) (err error) {
	for n, tries := 0, 0; n < times && tries < 10 && (tries == 0 || ctx.Err() == nil); tries++ {
		if err = what(); err == nil {
			n++
		}
	}
	return err
}

// Counts is what a Subject did since it was opened.
type Counts struct {
	Hits         int64 `json:"hits"`         // lookups of a token that did not wait for a token request
	Waits        int64 `json:"waits"`        // those that did, or failed
	Unauthorized int64 `json:"unauthorized"` // answers of the API with status 401
}

// Add returns the sums.
func (c Counts) Add(o Counts) Counts {
	return Counts{c.Hits + o.Hits, c.Waits + o.Waits, c.Unauthorized + o.Unauthorized}
}

// Minus returns what has come since o.
func (c Counts) Minus(o Counts) Counts {
	return c.Add(Counts{-o.Hits, -o.Waits, -o.Unauthorized})
}

// Lookups are those of c that the load keeps for each part of a run.
func (c Counts) Lookups() load.Lookups { return load.Lookups{Hits: c.Hits, Waits: c.Waits} }

// Counts returns the counts so far.
func (s *Subject) Counts() Counts {
	c := Counts{Hits: s.hits.Load(), Waits: s.waits.Load()}
	if s.load == Lookup {
		return c
	}
	for _, one := range s.clients {
		stats := one.Stats()
		c = c.Add(Counts{int64(stats.TokenHits), int64(stats.TokenWaits), int64(stats.API401)})
	}
	return c
}

// Close ends the clients and then their store.
func (s *Subject) Close() error {
	var errs []error
	for _, one := range s.clients {
		errs = append(errs, one.Close())
	}
	return errors.Join(append(errs, s.endStore())...)
}

func (s *Subject) endStore() (err error) {
	defer recovered(&err)
	return s.closeStore()
}
