package discovery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

const (
	maxAnswer = 64 << 10 // bytes of an answer that are read
	maxShown  = 200      // bytes of what others wrote, in an error
)

// ask asks the vendor's service once: GET with the query Kanzlei (the vendor's documents).
// Every failure is an [*Error].
func (f *Finder) ask(ctx context.Context) (*Addresses, []string, error) {
	u := *f.url
	// A plus sign is a space to most servers, but not to all.
	u.RawQuery = "Kanzlei=" + strings.ReplaceAll(url.QueryEscape(f.cfg.Kanzlei), "+", "%20")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, f.failed(ctx, 0, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", f.cfg.UserAgent)
	resp, err := roundtrip.Exchange(f.cfg.Base, req)
	if err != nil {
		return nil, nil, f.failed(ctx, 0, redact.Unquoted(err))
	}
	closeBody := sync.OnceFunc(func() { _ = resp.Body.Close() })
	defer closeBody()
	defer context.AfterFunc(ctx, closeBody)() // for a body that does not heed the context
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, nil, f.failed(ctx, resp.StatusCode, fmt.Errorf("a redirect to %s, which is not followed", f.target(resp.Header.Get("Location"))))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, nil, f.failed(ctx, resp.StatusCode, fmt.Errorf("the answer broke off: %w", redact.Unquoted(err)))
	case len(body) > maxAnswer:
		return nil, nil, f.failed(ctx, resp.StatusCode, fmt.Errorf("the answer is over the limit of %d bytes", maxAnswer))
	}
	body = charset.Text(body, resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK {
		e := f.failed(ctx, resp.StatusCode, nil)
		if resp.StatusCode < 300 {
			e.Err = errors.New("an answer has status 200")
		}
		e.Detail = redact.OneLine(string(body), maxShown)
		return nil, nil, e
	}
	a, odd, err := f.read(body)
	if err != nil {
		e := f.failed(ctx, resp.StatusCode, err)
		e.Detail = strings.Join(odd, "; ")
		return nil, odd, e
	}
	return a, odd, nil
}

// failed is the error of a request. How its context ended says more than what that broke.
func (f *Finder) failed(ctx context.Context, status int, err error) *Error {
	if ctx.Err() != nil {
		err = context.Cause(ctx) // of a context of ours
	}
	return &Error{URL: f.shown(), Status: status, Err: err, required: f.cfg.Required}
}

// shown is the service, as errors name it.
func (f *Finder) shown() string { return origin.Of(f.url) + f.url.EscapedPath() }

// target names the server that a redirect leads to.
func (f *Finder) target(location string) string {
	u, err := f.url.Parse(location)
	if location == "" || err != nil || u.Host == "" {
		return "nowhere"
	}
	return redact.OneLine(origin.Of(u), maxShown)
}
