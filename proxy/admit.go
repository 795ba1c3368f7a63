package proxy

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/internal/origin"
)

// KeyHeader is where a client may send the key; Authorization: Bearer does as well. Neither is
// passed on.
const KeyHeader = "Advoware-Proxy-Key"

// admit returns why a request is not served, whatever it is for.
func (p *Proxy) admit(r *http.Request) *failure {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !p.ownHost(r.Host, local) {
		return &failure{Kind: WrongHost, message: "the Host is not one of the proxy: call it by an address of this machine, or start it with --host NAME"}
	}
	// What a browser says of a request that a page makes.
	for _, text := range r.Header.Values("Origin") {
		if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return &failure{Kind: ForeignOrigin, message: "pages of web sites are not served (Origin)"}
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return &failure{Kind: ForeignOrigin, message: "pages of web sites are not served (Sec-Fetch-Site)"}
		}
	}
	switch {
	case p.cfg.Keys == nil && !ofThisMachine(local):
		return &failure{Kind: WrongKey, message: "other machines are served only if there is a key (--key-file)"}
	case p.cfg.Keys != nil && !p.cfg.Keys.has(presented(r.Header)):
		return &failure{Kind: WrongKey, message: "the key is missing or wrong: send it as Authorization: Bearer KEY, or as " + KeyHeader + ": KEY"}
	}
	switch {
	case r.Method == http.MethodConnect || r.Method == http.MethodTrace:
		return &failure{Kind: MethodRefused, message: "the method " + r.Method + " is not passed on"} // TRACE would show the token
	case upgrades(r.Header):
		return &failure{Kind: NoUpgrade, message: "another protocol was asked for (Upgrade), which is not passed on"}
	case r.URL.Path == "" || r.URL.Path[0] != '/':
		return &failure{Kind: BadRequest, message: "the request has no path"}
	}
	return nil
}

// ownHost reports whether a request is meant for this proxy by its Host; local is the address
// that its connection was made to, nil if that is not known.
func (p *Proxy) ownHost(host string, local net.Addr) bool {
	if local != nil && local.Network() == "unix" {
		return true // no browser gets there
	}
	name := hostOf(host)
	if origin.Loopback(name) || p.hosts[hostKey(name)] {
		return true
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	at, err := netip.ParseAddr(nameOf(local))
	return err == nil && at.Unmap() == addr.Unmap()
}

// ofThisMachine reports whether a connection to local comes from this machine.
func ofThisMachine(local net.Addr) bool {
	return local == nil || local.Network() == "unix" || origin.Loopback(nameOf(local))
}

// nameOf returns the host of an address, "" if it has none.
func nameOf(a net.Addr) string {
	if a == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return ""
	}
	return host
}

// hostOf returns the name in a Host header, "" if there is none that can be read.
func hostOf(host string) string {
	u, err := url.Parse("//" + host)
	if err != nil || u.Host != host || u.User != nil {
		return ""
	}
	return u.Hostname()
}

// hostKey is a name of a host as it is compared.
func hostKey(name string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
}

// presented returns the keys that a request has.
func presented(h http.Header) (keys []string) {
	keys = append(keys, h.Values(KeyHeader)...)
	for _, value := range h.Values("Authorization") {
		if scheme, key, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			keys = append(keys, strings.TrimSpace(key))
		}
	}
	return keys
}

// upgrades reports whether another protocol is asked for that the client cannot do without.
// HTTP/2 without TLS is offered by some clients with each first request, and may be ignored.
func upgrades(h http.Header) bool {
	for _, value := range h.Values("Upgrade") {
		for protocol := range strings.SplitSeq(value, ",") {
			if protocol = strings.TrimSpace(protocol); protocol != "" && !strings.EqualFold(protocol, "h2c") {
				return true
			}
		}
	}
	return false
}
