package control

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// admit returns the path of a request below the key, or why it is not served.
//
// A page of another site that runs in a browser on this machine can send requests here. It
// does not know the key; and what the browser says of it is refused before the key is
// looked at: a Host that is a name of its own, which was made to lead here (DNS rebinding),
// or another Origin.
func (s *Server) admit(r *http.Request) (path string, err error) {
	host := r.Host
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		host = name
	}
	if !isLoopback(strings.Trim(host, "[]")) {
		return "", strict.Refusef(http.StatusForbidden, "Host: only a loopback address or localhost is served")
	}
	for _, origin := range r.Header.Values("Origin") {
		if u, err := url.Parse(origin); err != nil || u.Scheme != "http" || !strings.EqualFold(u.Host, r.Host) {
			return "", strict.Refusef(http.StatusForbidden, "Origin: pages of others are not served")
		}
	}
	key, path, slash := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) != 1 {
		return "", strict.Refusef(http.StatusForbidden, "the address has no key, or a wrong one: use the one printed as ADVOWARE_SANDBOX_CONTROL")
	}
	site := r.Header.Get("Sec-Fetch-Site")
	if (site == "cross-site" || site == "same-site") && (path != "" || r.Method != http.MethodGet) { // a link to the page is right
		return "", strict.Refusef(http.StatusForbidden, "Sec-Fetch-Site: pages of others are not served")
	}
	if !slash {
		return "", errNoSlash
	}
	return strings.TrimPrefix(path, "/"), nil // "$ADVOWARE_SANDBOX_CONTROL/faults" has two
}

// protect sets what keeps the key and the page to themselves.
func protect(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}
