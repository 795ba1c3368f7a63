package roundtrip

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
)

// proxyFunc says which proxy a request is sent by, nil for none.
type proxyFunc = func(*http.Request) (*url.URL, error)

// proxyVariable is what a variable of the environment says of a proxy.
type proxyVariable struct {
	url *url.URL // nil: net/http reads it as it is meant
	err error
}

// VariableError is a variable of the environment that is not the URL of a proxy. Nothing was
// sent.
type VariableError struct{ Name string }

func (e *VariableError) Error() string {
	return e.Name + " is not the URL of a proxy: write http://host:port, or unset it (what it says is not shown, because it may hold a password)"
}

// ProxyVariable returns the name of the variable that says which proxy requests for u are sent
// by: the one that is set, in the order of net/http, or the first if none is.
func ProxyVariable(u *url.URL) string {
	names := proxyVariables[u.Scheme]
	for _, name := range names {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return names[0]
}

// proxyVariables are those of a scheme, of which the first that is set counts.
var proxyVariables = map[string][2]string{"https": {"HTTPS_PROXY", "https_proxy"}, "http": {"HTTP_PROXY", "http_proxy"}}

// ProxyOf returns the proxy by which a Transport with these Options sends requests for u, nil
// for none. An error is that of each such request. The URL may hold a password.
func ProxyOf(o Options, u *url.URL) (*url.URL, error) {
	proxy := prepared(o).Proxy
	if proxy == nil {
		return nil, nil
	}
	return proxy(&http.Request{URL: u})
}

// heeded returns proxy, or, if that is net/http's for the environment, one that does not
// take a variable for absent because net/http can make nothing of it: requests would go
// out directly, past the proxy that somebody wanted.
func heeded(proxy proxyFunc) proxyFunc {
	if proxy == nil || reflect.ValueOf(proxy).Pointer() != reflect.ValueOf(http.ProxyFromEnvironment).Pointer() {
		return proxy
	}
	variables := map[string]proxyVariable{"https": readProxy("https")}
	if os.Getenv("REQUEST_METHOD") == "" { // else a client of the web server may have set it, which net/http refuses
		variables["http"] = readProxy("http")
	}
	exempted := cmp.Or(os.Getenv("NO_PROXY"), os.Getenv("no_proxy"))
	return func(req *http.Request) (*url.URL, error) {
		v := variables[req.URL.Scheme]
		switch {
		case v.url == nil && v.err == nil:
			return proxy(req)
		case exempt(exempted, req.URL):
			return nil, nil
		}
		return v.url, v.err
	}
}

// readProxy reads the first variable of a scheme that is set.
func readProxy(scheme string) (v proxyVariable) {
	for _, name := range proxyVariables[scheme] {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		trimmed := strings.TrimSpace(value)
		if !strings.Contains(trimmed, "://") {
			trimmed = "http://" + trimmed
		}
		u, err := url.Parse(trimmed)
		switch {
		case err != nil || u.Hostname() == "" || !strings.Contains(" http https socks5 socks5h ", " "+strings.ToLower(u.Scheme)+" "):
			v.err = &VariableError{Name: name}
		case value != strings.TrimSpace(value):
			v.url = u
		}
		return v
	}
	return v
}

// exempt reports whether a list like NO_PROXY has the host of a URL, as net/http reads it:
// https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
func exempt(list string, u *url.URL) bool {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	ip := net.ParseIP(host)
	for entry := range strings.SplitSeq(strings.ToLower(list), ",") {
		entry = strings.TrimSpace(entry)
		if entry == "*" {
			return true
		}
		if _, block, err := net.ParseCIDR(entry); err == nil {
			if ip != nil && block.Contains(ip) {
				return true
			}
			continue
		}
		name, only, err := net.SplitHostPort(entry)
		if err != nil {
			name, only = strings.Trim(entry, "[]"), ""
		}
		if name = strings.TrimPrefix(name, "*"); name == "" || only != "" && only != port {
			continue
		}
		if other := net.ParseIP(name); other != nil && other.Equal(ip) || host == name || strings.HasSuffix(host, "."+strings.TrimPrefix(name, ".")) {
			return true
		}
	}
	return false
}
