package proxy

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/origin"
)

// office is an Office that is served.
type office struct {
	Office
	transport *client.Transport
	hosts     map[string]bool
	slots     slots
}

func (p *Proxy) newOffice(o Office) *office {
	made := &office{Office: o, hosts: make(map[string]bool), slots: make(slots, p.cfg.MaxOffice)}
	made.transport = o.Client.HTTPClient().Transport.(*client.Transport)
	for _, name := range o.Hosts {
		made.hosts[hostKey(name)] = true
	}
	return made
}

// officeOf returns the office that a request is for, and the path within it, still escaped;
// nil if there is none. One with a Host comes before one without, then the longest Prefix.
func (p *Proxy) officeOf(r *http.Request) (found *office, path string) {
	raw := rawPath(r.URL)
	host := hostKey(hostOf(r.Host))
	best := -1
	for _, o := range p.offices {
		rank := len(o.Prefix)
		if len(o.hosts) > 0 {
			if !o.hosts[host] {
				continue
			}
			rank += 1 << 20
		}
		rest, fits := strings.CutPrefix(raw, o.Prefix)
		if !fits || o.Prefix != "" && rest != "" && rest[0] != '/' || rank <= best {
			continue
		}
		found, path, best = o, rest, rank
	}
	return found, path
}

// rawPath returns a path as it was written.
func rawPath(u *url.URL) string {
	if u.RawPath != "" {
		return u.RawPath
	}
	return u.EscapedPath()
}

// target is what an office is asked for.
type target struct {
	url  *url.URL // at the configured address
	path string   // below that, still escaped
}

// target returns what a request asks the office for; path is what follows the Prefix.
func (o *office) target(r *http.Request, path string) (target, *failure) {
	if path == EndpointPath {
		return o.endpoint(r)
	}
	u, err := origin.Below(o.transport.Origin, path, r.URL)
	if err != nil {
		return target{}, &failure{Kind: BadRequest, message: "the path cannot be read"}
	}
	return target{u, path}, nil
}
