package roundtrip

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/internal/redact"
)

// ProxyError is a proxy that does not let a request through. The server that the
// request was meant for has not seen it.
type ProxyError struct {
	// Proxy is the proxy's host and port, Target the server's.
	Proxy, Target string
	// Status is that of the proxy's response, 407 if it requires credentials.
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

// unquoted returns err without the credentials for the proxy: net/http quotes a response that
// is no HTTP, and a proxy may repeat what it was sent.
func (g *generation) unquoted(req *http.Request, err error) error {
	if g.Proxy == nil || !strings.Contains(err.Error(), `"`) {
		return err
	}
	proxy, notFound := g.Proxy(req)
	if notFound != nil || proxy == nil || proxy.User == nil {
		return err
	}
	password, _ := proxy.User.Password()
	login := base64.StdEncoding.EncodeToString([]byte(proxy.User.Username() + ":" + password))
	for _, secret := range []*redact.Secret{redact.New(login), redact.New(password)} {
		if !secret.Short() && secret.In(err.Error()) {
			return fmt.Errorf("the proxy %s sent an answer that is none", proxy.Host)
		}
	}
	return err
}
