// Package doctor finds out why an office is not reached, or will not be for long: it looks at
// the configuration, the clock, discovery, the security gateway, the API, Redis, the token in it
// and the fleet that shares it, and says for each check what it saw, what it wanted, and what
// to do.
//
//	report := doctor.Run(ctx, cfg) // cfg as advoware.New takes it
//	if !report.OK {
//		fmt.Println(report)
//	}
//
// It works while everything is down, ends within ten seconds, and shows no secret. Unless it is
// asked to by [Options] it makes no token request and changes nothing that programs use. The
// command "advoware doctor" is a thin layer over it.
//
// Everything here is safe for concurrent use. docs/doctor.md has all checks, and ARCHITECTURE.md
// the place of the package.
package doctor

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/office"
	"github.com/advoware-go/advoware/doctor/internal/settings"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store/tiered"
)

// Options are what the doctor does beside looking. The zero value is read-only.
type Options struct {
	// Fetch makes one token request, which may count against the account: with a wrong
	// password the vendor locks it after some. The token goes to where the configuration
	// keeps tokens, as after any other request.
	Fetch bool
	// Endpoint is a path of the API that one GET is made of, with the token that there is, or
	// else one that is requested; "" means none.
	Endpoint string
}

// Run looks at a configuration, as advoware.New takes it, without any Options. It returns
// within ten seconds, and within a second after ctx ends: then the checks that had not ended are
// skipped, and the Report is not OK. The clients that use cfg, and its Shared stores, are not
// affected.
func Run(ctx context.Context, cfg advoware.Config) Report { return Options{}.Run(ctx, cfg) }

// Run is Run with these Options.
func (o Options) Run(ctx context.Context, cfg advoware.Config) Report {
	return examine(ctx, examination{Options: o, config: cfg})
}

// RunEnv is Run for the configuration that variables describe, each NAME=value, as os.Environ
// has them. What is wrong with them, or odd, is a part of the Report, as are variables that are
// set and not read; what does not depend on those is looked at all the same.
func (o Options) RunEnv(ctx context.Context, environ []string) Report {
	e := settings.Read(environ, advoware.StoreTiered)
	return examine(ctx, examination{Options: o, config: e.Config, environment: e})
}

// examination is one run of the doctor.
type examination struct {
	Options
	config      advoware.Config
	environment *settings.Environment // nil if the configuration was not read from one
}

func examine(ctx context.Context, x examination) Report {
	open, end := x.client()
	defer end()
	o := office.New(office.Options{Config: x.config, Environment: x.environment, Fetch: x.Fetch, Endpoint: x.Endpoint, Client: open})
	groups := []check.Group{{Name: settings.Group, Look: func(_ context.Context, report func(check.Check)) {
		settings.Look(x.config, x.environment, func() error { _, err := open(); return err }, report)
	}}}
	if x.environment != nil && x.environment.Lost {
		groups = append(groups, skipped(o.Groups(), "the configuration cannot be used")...)
	} else {
		groups = append(groups, o.Groups()...)
	}
	shared, disconnect := x.shared(ctx, o)
	defer disconnect()
	groups = append(groups, shared...)
	return makeReport(check.Run(ctx, groups, within), x.secrets())
}

// skipped returns groups that say why they are not looked at.
func skipped(groups []check.Group, why string) []check.Group {
	for i := range groups {
		name := groups[i].Name
		groups[i].Look = func(_ context.Context, report func(check.Check)) {
			report(check.Check{Name: strings.ToLower(name), Status: check.Skipped, Saw: why})
		}
	}
	return groups
}

// within is how long the groups have, all side by side.
const within = 8 * time.Second

// closing is how long the end of a client is waited for, which may wait for Redis.
const closing = 300 * time.Millisecond

// client returns what opens the one client of an examination, and what closes it.
func (x *examination) client() (open func() (*client.Client, error), end func()) {
	opened := make(chan *client.Client, 1)
	open = sync.OnceValues(func() (*client.Client, error) {
		cfg := x.config
		cfg.OneShot, cfg.Logger = true, slog.New(slog.DiscardHandler)
		if x.environment.Bad("REDIS_") != "" { // the default would be another Redis
			cfg.Store, cfg.SealKeys, cfg.RedisHooks = advoware.StoreMemory, nil, tiered.Hooks{}
		}
		c, err := advoware.New(cfg)
		if err == nil {
			opened <- c
		}
		return c, err
	})
	return open, func() {
		select {
		case c := <-opened:
			bounded.Patiently(closing, func() { _ = c.Close() })
		default:
		}
	}
}

// secrets are the texts that no report has in it.
func (x *examination) secrets() []string {
	c := &x.config
	all := []string{c.Password.Reveal(), c.Key.Reveal(), c.Redis.Password.Reveal(), c.Redis.URL.Reveal()}
	if x.environment != nil {
		all = append(all, x.environment.Secrets...)
	}
	return all
}
