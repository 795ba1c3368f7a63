// Package monitor shows how the offices of a process are: to probes, to Prometheus, to
// programs and to people. A [Monitor] is an http.Handler with
//
//	/livez         200 while the process serves
//	/readyz        200 if an office has a token, or would get one; 503 otherwise
//	/metrics       the counters and the status of each office, for Prometheus
//	/debug/status  all that is known, as JSON
//	/              a page for people: the last 24 hours of each office
//
// Nothing in it is secret: tokens are named by their fingerprints. Everybody who reaches it sees
// the names of the offices and why the vendor refused them, so serve it where only your own
// people are. It sends nothing for a request: what it knows is what the client has met.
//
//	var h monitor.History
//	cfg.Hooks = h.Hooks(cfg.Hooks)
//	c, err := advoware.New(cfg)
//	…
//	m, err := monitor.New(monitor.Config{Offices: []monitor.Office{{Name: "kanzlei", Client: c, History: &h}}})
//	…
//	go http.ListenAndServe("127.0.0.1:9464", m)
//
// Everything here is safe for concurrent use. See docs/monitor.md for what each address answers,
// and ARCHITECTURE.md for the package in context.
package monitor

import (
	"cmp"
	"context"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/conf"
)

// DefaultEvery is how often each office is looked at.
const DefaultEvery = 15 * time.Second

// maxName is how long the name of an office is at most, in bytes.
const maxName = 200

// Config says what is watched, and for whom.
type Config struct {
	// Offices are what is watched; at least one.
	Offices []Office

	// Title is the heading of the page; empty means "Advoware".
	Title string

	// Version is that of the program, for the page and /debug/status; empty means what the
	// build says of its main module.
	Version string

	// Hosts are the names under which the Monitor may be asked for, without a port. IP
	// addresses, localhost and what ends in .localhost may always be; another name is refused, as a page of
	// others could have made it lead here (DNS rebinding). "*" permits any name: for a server
	// that checks them itself, or one that no browser reaches.
	Hosts []string

	// Every is how often each office is looked at, so that the page has what hooks do not tell
	// of: outages of Redis, calls. 0 means DefaultEvery; with a negative one
	// they are looked at when somebody asks, and no goroutine runs.
	Every time.Duration

	// Logger gets a record when the process becomes ready, and when it is so no more; nil means
	// slog.Default().
	Logger *slog.Logger
}

// Office is one of those that are watched.
type Office struct {
	// Name is shown; required, at most 200 bytes, and not that of another one. It becomes a label of
	// metrics too, so it should not change from run to run.
	Name string

	// Client is asked for its Status and Stats, and, for /readyz, for a token; required. Close
	// it after the Monitor.
	Client *client.Client

	// History has what hooks have reported; nil means that only what can be seen by looking is shown:
	// refused tokens are not, and times are as coarse as Config.Every.
	History *History
}

// Monitor watches the offices of a process. It is an http.Handler. Make it with [New].
type Monitor struct {
	cfg     Config
	offices []*office
	hosts   map[string]bool
	started time.Time

	draining atomic.Bool
	was      atomic.Int32 // what was logged last
	life     context.Context
	stop     context.CancelFunc
	asking   chan struct{} // has a value for each office that is being asked
	running  sync.WaitGroup
	closing  sync.Mutex // held to add to running
}

// New returns a Monitor for cfg, or one error that names every problem. It asks nobody. Close it
// before the clients.
func New(cfg Config) (*Monitor, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	m := &Monitor{cfg: cfg, hosts: make(map[string]bool), started: time.Now(), asking: make(chan struct{}, maxAsked)}
	m.life, m.stop = context.WithCancel(context.Background())
	for _, o := range cfg.Offices {
		if o.History == nil {
			o.History = new(History)
		}
		m.offices = append(m.offices, &office{Office: o})
	}
	for _, name := range cfg.Hosts {
		m.hosts[hostKey(name)] = true
	}
	m.look(m.offices)
	if cfg.Every > 0 {
		m.running.Go(m.watch)
	}
	return m, nil
}

func (c *Config) check() error {
	p := conf.New("monitor: ")
	p.If(len(c.Offices) == 0, "Offices has none: name at least one")
	seen, histories := make(map[string]bool), make(map[*History]string)
	for i, o := range c.Offices {
		p.If(o.Name == "", "Offices[%d].Name is required", i)
		p.If(len(o.Name) > maxName, "Offices[%d].Name has %d bytes, and %d is the most", i, len(o.Name), maxName)
		p.If(!utf8.ValidString(o.Name) || strings.ContainsFunc(o.Name, unicode.IsControl), "Offices[%d].Name must be UTF-8 without control characters", i)
		p.If(o.Name != "" && seen[o.Name], "Offices[%d].Name is %q, as another one's: give each a name of its own", i, o.Name)
		p.If(o.Client == nil, "Offices[%d].Client is required", i)
		seen[o.Name] = true
		if o.History != nil {
			other, taken := histories[o.History]
			p.If(taken, "Offices[%d].History is that of %q too: give each one of its own", i, other)
			histories[o.History] = o.Name
		}
	}
	for i, name := range c.Hosts {
		p.If(hostKey(name) == "" || strings.ContainsAny(name, "/:@ ") && !isAddress(hostKey(name)), "Hosts[%d] is %q: write a name without scheme and port", i, name)
	}
	return p.Err()
}

func (c *Config) setDefaults() {
	c.Offices = slices.Clone(c.Offices)
	c.Title = cmp.Or(c.Title, "Advoware")
	c.Every = cmp.Or(c.Every, DefaultEvery)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Version == "" {
		if info, ok := debug.ReadBuildInfo(); ok {
			c.Version = info.Main.Version
		}
	}
}

// watch looks at all offices now and then, until Close.
func (m *Monitor) watch() {
	tick := time.NewTicker(m.cfg.Every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			m.look(m.offices)
		case <-m.life.Done():
			return
		}
	}
}

// Drain makes /readyz answer 503 from now on: call it when the process is to end, before it
// stops to listen, so that nobody sends it anything new.
func (m *Monitor) Drain() { m.draining.Store(true) }

// Close ends what runs in the background and waits for it. From then on no office is asked for a
// token; requests are answered all the same. It is idempotent.
func (m *Monitor) Close() {
	m.closing.Lock()
	m.stop()
	m.closing.Unlock()
	m.running.Wait()
}
