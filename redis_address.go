package advoware

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/internal/number"
)

// splitHost takes the port out of a Host that names it too. If Port says something else,
// Host stays as it is, which is reported; a Port that has its default says nothing.
func (r *RedisConfig) splitHost() {
	host, port, ok := splitAddress(r.Host)
	switch {
	case !ok:
	case port == 0:
		r.Host = host
	case r.Port == 0 || r.Port == defaultRedisPort || r.Port == port:
		r.Host, r.Port = host, port
	}
}

// splitAddress reads a host in the forms in which people write one: host, host:6379,
// ::1, [::1], [::1]:6379, tcp://host:6379, and the path of a socket.
// The port is 0 if there is none. It is not ok if text says more than that.
func splitAddress(text string) (host string, port int, ok bool) {
	if strings.HasPrefix(text, "/") {
		return text, 0, true
	}
	if _, _, isURL := strings.Cut(text, "://"); isURL {
		u, err := url.Parse(text)
		plain := err == nil && u.Scheme == "tcp" && u.Host != "" &&
			u.User == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
		if !plain {
			return "", 0, false
		}
		text = u.Host
	}
	if addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil {
		return addr.String(), 0, true
	}
	host, digits := text, ""
	if strings.Contains(text, ":") {
		var err error
		if host, digits, err = net.SplitHostPort(text); err != nil {
			return "", 0, false
		}
	}
	if strings.ContainsAny(host, "/@?#[] ") {
		return "", 0, false
	}
	if digits == "" {
		return host, 0, true
	}
	n, isNumber := number.Parse(digits)
	return host, int(n), isNumber && n >= 1 && n <= maxPort
}
