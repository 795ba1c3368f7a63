// Package origin decides what belongs to a configured server: it parses the base
// URLs of the configuration, compares origins (scheme, host, port), and joins an
// endpoint to a base in a way that can never leave the origin.
package origin

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ErrInsecure is a URL that is refused because it is plain http to another machine.
var ErrInsecure = errors.New("would send secrets in the clear")

// Parse reads an absolute http or https URL from the configuration. Plain http is
// refused for anything but this machine's loopback, unless insecure is set: what
// goes there carries a password or a bearer token. Errors are phrases that follow
// the name of the setting; they do not repeat the URL, which may hold a password.
func Parse(raw string, insecure bool) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil || u.Opaque != "" || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return nil, errors.New("is not an absolute http or https URL")
	case u.User != nil:
		return nil, errors.New("has a user name or password in it, which is not used: take it out")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("has a query or fragment, which does not belong there: take it out")
	case u.Scheme == "http" && !insecure && !Loopback(u.Hostname()):
		return nil, fmt.Errorf("%w to %s: use https, or allow it explicitly", ErrInsecure, u.Host)
	}
	u.Host = strings.TrimSuffix(u.Host, ":") // an empty port is none
	if port := u.Port(); port != "" && !ValidPort(port) {
		return nil, errors.New("has a port that is not from 1 to 65535")
	}
	return u, nil
}

// ValidPort reports whether text is a port that can be dialled.
func ValidPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// Loopback reports whether host names this machine itself: localhost, 127.0.0.0/8
// or ::1. Names are not looked up.
func Loopback(host string) bool {
	if equalFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// Local reports whether host may stand for this machine, in whatever spelling a
// resolver takes: what Loopback takes, with a dot at the end too, below localhost, or
// an address with parts left out or in another base. Where it leads shows when it is
// dialled.
func Local(host string) bool {
	if Loopback(host) {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || Loopback(host) {
		return true
	}
	first, rest, several := strings.Cut(host, ".")
	n, err := strconv.ParseUint(first, 0, 32)
	if err != nil || strings.ContainsAny(host, "_") {
		return false
	}
	if !several { // one number for all four bytes
		return n>>24 == 127
	}
	for part := range strings.SplitSeq(rest, ".") {
		if _, err := strconv.ParseUint(part, 0, 32); err != nil {
			return false
		}
	}
	return n == 127
}

// Same reports whether both URLs have one origin. A missing port is the scheme's.
func Same(a, b *url.URL) bool {
	if a.Scheme == b.Scheme && a.Host == b.Host {
		return true // the usual case, without a copy
	}
	return equalFold(a.Scheme, b.Scheme) && equalFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// SamePlace reports whether two URLs of a configuration lead to the same place, however they are
// written.
func SamePlace(one, other string) bool {
	a, err := Parse(one, true)
	if err != nil {
		return false
	}
	b, err := Parse(other, true)
	return err == nil && Same(a, b) && strings.TrimRight(a.Path, "/") == strings.TrimRight(b.Path, "/")
}

// equalFold leaves capitals of ASCII out of account, and no others: what Unicode takes
// for one letter, ß and ẞ for two, may be two hosts.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if strings.EqualFold(u.Scheme, "https") {
		return "443"
	}
	return "80"
}

// Of names the origin of u: scheme, host and port, nothing that could be secret.
func Of(u *url.URL) string { return u.Scheme + "://" + u.Host }

// Join returns the URL of an endpoint under base, with exactly one slash between
// them whatever slashes either has. The endpoint may carry a query. Whatever it
// says, the result has the origin of base; an endpoint that is a URL of its own, or
// has a fragment, a control character or a percent sign that begins no escape, is an
// error.
func Join(base *url.URL, endpoint string) (*url.URL, error) {
	path, query, hasQuery := strings.Cut(endpoint, "?")
	if scheme, _, ok := strings.Cut(path, "://"); ok && isScheme(scheme) {
		return nil, errors.New("the endpoint is a URL: give the path only, it is joined to the base URL")
	}
	if strings.Contains(endpoint, "#") {
		return nil, errors.New("the endpoint has a fragment: write a # in a name as %23")
	}
	for _, part := range []struct{ name, text string }{{"path", path}, {"query", query}} {
		switch {
		case strings.ContainsFunc(part.text, func(c rune) bool { return c < ' ' || c == 0x7f }):
			return nil, errors.New("the endpoint has a line end or another control character in its " + part.name)
		case !escaped(part.text):
			return nil, errors.New("the endpoint has a bad escape in its " + part.name + ": write a % as %25")
		}
	}
	u, err := under(base, strings.TrimLeft(path, "/"))
	if err != nil {
		return nil, err
	}
	if hasQuery {
		u.RawQuery = escape(query)
	}
	return u, nil
}

// Below returns base with a path below it, which is still escaped, and the query of asked, as
// they were written, but for bytes of the path that have no place in a request line. Whatever
// they say, the result has the origin of base.
func Below(base *url.URL, path string, asked *url.URL) (*url.URL, error) {
	u, err := under(base, strings.TrimPrefix(path, "/"))
	if err != nil {
		return nil, err
	}
	u.RawQuery, u.ForceQuery = asked.RawQuery, asked.ForceQuery
	return u, nil
}

// under appends an escaped path to base. What is not escaped is escaped here, because net/url,
// once it has to escape anything, escapes all anew and makes a slash of every %2F. The host
// keeps a path that starts with two slashes from being taken for one.
func under(base *url.URL, path string) (*url.URL, error) {
	u, err := url.Parse("http://base" + strings.TrimRight(base.EscapedPath(), "/") + "/" + escape(path))
	if err != nil {
		return nil, errors.New("the endpoint is no path of a URL")
	}
	u.Scheme, u.Host = base.Scheme, base.Host
	return u, nil
}

func isScheme(s string) bool {
	for i, c := range s {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", c)) {
			return false
		}
	}
	return s != ""
}

// escaped reports whether each percent sign in s begins an escape.
func escaped(s string) bool {
	for {
		_, rest, found := strings.Cut(s, "%")
		if !found {
			return true
		}
		if len(rest) < 2 || !isHex(rest[0]) || !isHex(rest[1]) {
			return false
		}
		s = rest[2:]
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// escape escapes what has no place in a request line: spaces, control bytes, a
// few signs and non-ASCII. Escapes that are there stay.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var out []byte // nil as long as there was nothing to escape, which is the rule
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case misplaced(c):
			if out == nil {
				out = append(make([]byte, 0, 3*len(s)), s[:i]...)
			}
			out = append(out, '%', hex[c>>4], hex[c&15])
		case out != nil:
			out = append(out, c)
		}
	}
	if out == nil {
		return s
	}
	return string(out)
}

func misplaced(c byte) bool {
	return c <= ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0
}
