package outage_test

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redistest"
)

// outageDoor is a client through the public door.
type outageDoor struct {
	*client.Client
	gate *tokenGate
	base *http.Transport
	rdb  *goredis.Client // passed in; nil if it is the door's own
}

func (r *outageRig) door(t *testing.T, i int) *outageDoor {
	t.Helper()
	d := &outageDoor{base: &http.Transport{}}
	d.gate = &tokenGate{base: d.base, arrived: make(chan struct{}, 16)}
	var cfg advoware.Config
	cfg, d.rdb = r.config(t, i)
	cfg.Transport = d.gate
	d.Client = open(t, cfg)
	return d
}

// config leads to the i-th proxy, by the client that it returns if one is passed in.
func (r *outageRig) config(t *testing.T, i int) (advoware.Config, *goredis.Client) {
	t.Helper()
	cfg := config(t, r.fake, nil)
	cfg.TokenKey = outageKey
	cfg.Timeout = 5 * time.Minute // a request that a gate holds must not end before the outage has begun, on any machine
	addr := r.proxies[i].Addr()
	if o := r.client.options; o != nil {
		o := *o
		o.Addr, o.DB = addr, redistest.DB
		rdb := goredis.NewClient(&o)
		cfg.Redis = advoware.RedisConfig{Client: rdb, Timeout: r.client.timeout}
		return cfg, rdb
	}
	host, port, _ := net.SplitHostPort(addr)
	cfg.Redis.Host = host
	cfg.Redis.Port, _ = strconv.Atoi(port)
	return cfg, nil
}

// redisClient is how a door reaches Redis.
type redisClient struct {
	name    string
	options *goredis.Options // of a client that is passed in; nil for the door's own
	timeout time.Duration    // of the door for Redis; 0 for its default
}

var (
	ourClient = redisClient{name: "our client"}
	// As go-redis makes it: it waits for seconds, and tries again.
	poorClient = redisClient{name: "a poor client", options: &goredis.Options{}}
	// It waits for an answer for ever, and so does the door.
	deafClient = redisClient{
		name: "a deaf client", timeout: time.Hour,
		options: &goredis.Options{ReadTimeout: -1, WriteTimeout: -1, PoolTimeout: time.Hour},
	}
)

// close closes the door and what belongs to the test.
func (d *outageDoor) close(t *testing.T) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if d.rdb != nil {
		_ = d.rdb.Close()
	}
	d.base.CloseIdleConnections()
}

// lookup returns a token, for which the call must not have waited for Redis too long.
func (d *outageDoor) lookup(t *testing.T) token.Found {
	t.Helper()
	f, err := d.Source().Lookup(t.Context(), 0)
	if err != nil {
		t.Errorf("Lookup: %v", err)
	}
	checkFarWait(t, f)
	return f
}

func checkFarWait(t *testing.T, f token.Found) {
	t.Helper()
	if f.FarWait > token.DefaultFarWait {
		t.Errorf("waited %v for Redis", f.FarWait)
	}
}

// near returns a token that is near: whoever asks for it waits for nothing.
func (d *outageDoor) near(t *testing.T) token.Found {
	t.Helper()
	f := d.lookup(t)
	if f.Origin != token.Near || f.Waited || f.FarWait != 0 {
		t.Errorf("with a valid token near: it came from %v, waited for a fetch: %v, for Redis: %v", f.Origin, f.Waited, f.FarWait)
	}
	return f
}

// serve makes calls. None fails, and none waits.
func (d *outageDoor) serve(t *testing.T) {
	t.Helper()
	for range 50 {
		d.near(t)
	}
	for range 5 {
		mustCall(t, d.Client)
	}
}

// flow makes calls until stop is called.
func (d *outageDoor) flow(t *testing.T) (stop func()) {
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			if _, err := d.Call(context.Background(), client.Request{Endpoint: "/employees"}); err != nil {
				t.Errorf("a call in the flow: %v", err)
			}
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	return func() { close(end); <-done }
}

// tokenGate lets token requests through, but for those that come while it is shut:
// they wait until it is opened.
type tokenGate struct {
	base    http.RoundTripper
	arrived chan struct{} // by those that wait

	mu     sync.Mutex
	opened chan struct{} // nil while it is open
}

func (g *tokenGate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = make(chan struct{})
}

func (g *tokenGate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.opened)
	g.opened = nil
}

func (g *tokenGate) RoundTrip(req *http.Request) (*http.Response, error) {
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	if opened != nil && strings.HasSuffix(req.URL.Path, "/Token") {
		g.arrived <- struct{}{}
		select {
		case <-opened:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	return g.base.RoundTrip(req)
}
