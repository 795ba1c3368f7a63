package roundtrip

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ProxyError is a proxy that does not let a request through. The server that the
// request was meant for has not seen it.
type ProxyError struct {
	// Proxy is the proxy's host and port, Target the server's.
	Proxy, Target string
	// Status is what the proxy answered, 407 if it wants to know who asks.
	Status int
}

func (e *ProxyError) Error() string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	return fmt.Sprintf("the proxy %s refuses a connection to %s: status %s", e.Proxy, e.Target, status)
}

// tunnelled is an OnProxyConnectResponse. The text of the status line is the proxy's,
// and not shown.
func tunnelled(_ context.Context, proxy *url.URL, req *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Proxy: proxy.Host, Target: req.Host, Status: resp.StatusCode}
}
