package monitor

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// refusal is why a request is not served.
type refusal struct {
	status int
	text   string
}

// refusal says why a request is not served, nil if it is.
//
// A page of another site in the browser of somebody who can reach the Monitor can send requests
// to it. It could read the answers only if it had the same origin: under a name of its own that
// was made to lead here (DNS rebinding), which is another Host. An IP address in Host is none
// of those: a probe or Prometheus asks for it. Nor is an empty one, which browsers do not send: the
// checks of HAProxy are HTTP/1.0 without a Host. What the browser says of other sites is refused
// too, but for links that people follow.
func (m *Monitor) refusal(r *http.Request) *refusal {
	if r.Host != "" && !m.hosts["*"] && !m.hostIsOurs(r.Host) {
		return &refusal{http.StatusMisdirectedRequest, "Host: not a name of this server: ask for its IP address or for localhost, or add the name to Hosts"}
	}
	for _, origin := range r.Header.Values("Origin") {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
			return &refusal{http.StatusForbidden, "Origin: pages of others are not served"}
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
			return &refusal{http.StatusForbidden, "Sec-Fetch-Site: pages of others are not served"}
		}
	}
	return nil
}

func (m *Monitor) hostIsOurs(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = hostKey(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || m.hosts[host] || isAddress(host)
}

// hostKey is a name of a host, without a port, as it is compared.
func hostKey(name string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// protect sets what keeps answers to who asked for them.
func protect(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", policy)
}
