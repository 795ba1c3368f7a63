package origin

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/internal/number"
)

// MaxPort is the largest number of a port.
const MaxPort = 65535

// SplitAddress reads the host of a server in the forms in which people write one: host, host:6379,
// ::1, [::1], [::1]:6379, tcp://host:6379, and the path of a socket.
// The port is 0 if there is none. It is not ok if text says more than that.
func SplitAddress(text string) (host string, port int, ok bool) {
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
	return host, int(n), isNumber && n >= 1 && n <= MaxPort
}
