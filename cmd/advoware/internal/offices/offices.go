// Package offices makes the clients of several Kanzleien from one file, on the same stores.
//
// See ARCHITECTURE.md for the package in context.
package offices

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/proxy"
)

// Options say where the offices are from.
type Options struct {
	File string
	// Getenv returns variables of the environment: they hold for each office that does not say
	// otherwise, but for the name of its token.
	Getenv   func(string) string
	Store    advoware.StoreKind
	ReadOnly bool // all of them, whatever else is said
	Logger   *slog.Logger
	// Hooks returns those of the client of an office, by its name; nil means none.
	Hooks func(office string) token.Hooks
}

// Open returns the offices of a file, and what ends their clients and the stores that they
// share. All that is wrong is in one error.
func Open(ctx context.Context, o Options) (served []proxy.Office, end func() error, err error) {
	entries, err := read(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	var stores *advoware.Stores
	end = func() error {
		var ends []error
		for _, one := range served {
			ends = append(ends, one.Client.Close())
		}
		return errors.Join(append(ends, stores.Close())...)
	}
	var problems []error
	for _, e := range entries {
		if stores == nil {
			if stores, err = advoware.OpenStores(e.cfg); err != nil {
				return nil, nil, err
			}
		}
		e.cfg.Shared = stores
		if o.Hooks != nil {
			e.cfg.Hooks = o.Hooks(e.name)
		}
		c, err := advoware.New(e.cfg)
		if err != nil {
			problems = append(problems, &problem{e.name, err.Error()})
			continue
		}
		served = append(served, proxy.Office{Name: e.name, Client: c, Prefix: e.prefix, Hosts: e.hosts})
	}
	if len(problems) > 0 {
		_ = end()
		return nil, nil, joined(problems)
	}
	return served, end, nil
}

// problem is what is wrong with one office.
type problem struct{ office, text string }

func (p *problem) Error() string {
	if strings.HasPrefix(p.office, "offices[") {
		return p.office + ": " + p.text
	}
	return "office " + p.office + ": " + p.text
}
