// Package proxy is a reverse proxy that adds the token: programs in any language call it as if
// it were the API, without credentials.
//
//	p, err := proxy.New(proxy.Config{Offices: []proxy.Office{{Name: "muster", Client: c}}})
//	…
//	l, err := proxy.Listen("127.0.0.1:8064")
//	…
//	err = proxy.Serve(ctx, p, proxy.Server{Listeners: []net.Listener{l}})
//
// Status, headers and bodies go through as they are, while they arrive. What the proxy itself
// answers is JSON with the header Advoware-Proxy-Error, see [Kind]. Pages of web sites are not
// served. Who else may use the proxy is decided by where it listens, and by [Config.Keys].
//
// The command advoware proxy is this package with flags. Everything here is safe for
// concurrent use. See ARCHITECTURE.md for how the parts work together.
package proxy

import (
	"net/http"
	"time"

	"github.com/advoware-go/advoware/proxy/internal/allow"
)

// Proxy is an http.Handler that passes requests on to offices. Make it with [New].
type Proxy struct {
	cfg     Config
	offices []*office
	hosts   map[string]bool // names that the proxy has, besides those of this machine
	allow   allow.List
	slots   slots
}

// New returns a Proxy for cfg, or one error that names every problem. It sends nothing.
func New(cfg Config) (*Proxy, error) {
	cfg.setDefaults()
	list, err := cfg.check()
	if err != nil {
		return nil, err
	}
	p := &Proxy{cfg: cfg, hosts: make(map[string]bool), allow: list, slots: make(slots, cfg.MaxRequests)}
	for _, name := range cfg.Hosts {
		p.hosts[hostKey(name)] = true
	}
	for _, o := range cfg.Offices {
		p.offices = append(p.offices, p.newOffice(o))
		for _, name := range o.Hosts {
			p.hosts[hostKey(name)] = true
		}
	}
	return p, nil
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{proxy: p, began: time.Now()}
	x.out = newWriter(w, r, p.cfg.ClientStall)
	defer x.out.end()
	if f := p.admit(r); f != nil {
		x.answer(r, f)
		return
	}
	o, path := p.officeOf(r)
	if o == nil {
		x.answer(r, &failure{Kind: UnknownOffice, message: "no office is served under this host and path: a path begins with the prefix of an office, which is its name if nothing else is set"})
		return
	}
	x.office = o
	target, f := o.target(r, path)
	if f == nil {
		if why := p.allow.Refusal(r, target.path); why != "" {
			f = &failure{Kind: PathRefused, message: why}
		}
	}
	if f != nil {
		x.answer(r, f)
		return
	}
	if !p.slots.take() {
		x.answer(r, &failure{Kind: Busy, message: "as many requests are under way as are permitted", after: time.Second})
		return
	}
	defer p.slots.free()
	if !o.slots.take() {
		x.answer(r, &failure{Kind: Busy, message: "as many requests to this office are under way as are permitted", after: time.Second})
		return
	}
	defer o.slots.free()
	x.forward(r, target)
}

// slots bound how many requests are under way: each takes one.
type slots chan struct{}

func (s slots) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) free() { <-s }
