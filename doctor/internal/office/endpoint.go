package office

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/redact"
)

const endpointCheck = "endpoint"

// maxRead is how much of an answer is read.
const maxRead = 8 << 20

// endpoint makes one GET, if that is asked for. Why is what is known to be in its way.
func (o *Office) endpoint(ctx context.Context, why string, report func(check.Check)) {
	c := check.Check{Name: endpointCheck, Status: check.Skipped}
	switch bad := o.unusable(); {
	case o.Endpoint == "":
		c.Saw, c.Hint = "none was asked for", "--endpoint PATH makes one GET with a token"
	case bad != "":
		c.Saw = "not asked: " + bad
	case why != "":
		c.Saw = "not asked: " + why
	default:
		switch has, ok := o.fetched.get(ctx); {
		case ok && !has:
			c.Saw = "not asked: there is no token, see the token request"
		case !ok, !o.get(ctx, &c):
			return
		}
	}
	report(c)
}

// get makes the GET. It reports false if ctx ended first.
func (o *Office) get(ctx context.Context, c *check.Check) bool {
	api, err := o.Client()
	if err != nil {
		c.Saw = "not asked: the configuration cannot be used"
		return true
	}
	path, _, _ := strings.Cut(o.Endpoint, "?")
	path = redact.OneLine(path, 100)
	began := time.Now()
	inside, cancel := earlier(ctx)
	defer cancel()
	resp, err := client.Open(inside, api, client.Request{Endpoint: o.Endpoint})
	var n int64
	if err == nil {
		n, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxRead))
		_ = resp.Body.Close()
	}
	took := time.Since(began).Round(time.Millisecond)
	switch {
	case err == nil && n == maxRead:
		c.Status, c.Saw = check.OK, fmt.Sprintf("GET %s: status %d, more than %d MiB in %v", path, resp.StatusCode, maxRead>>20, took)
	case err == nil:
		c.Status, c.Saw = check.OK, fmt.Sprintf("GET %s: status %d, %d bytes in %v", path, resp.StatusCode, n, took)
	case ctx.Err() != nil:
		return false
	case inside.Err() != nil:
		c.Status, c.Saw, c.Want = check.Failure, fmt.Sprintf("GET %s: no answer within %v", path, took), "an answer"
		c.Hint = "try again; if it stays so, ask for less, or ask the office"
	default:
		c.Status, c.Want = check.Failure, "an answer with status 2xx"
		o.failed(c, path, err)
	}
	return true
}

// failed says why the GET has no good answer.
func (o *Office) failed(c *check.Check, path string, err error) {
	var api *client.APIError
	var fetch *token.FetchError
	switch {
	case errors.As(err, &fetch):
		o.refused(c, err)
		c.Saw = "GET " + path + ": no token: " + c.Saw
		return
	case !errors.As(err, &api):
		c.Saw, c.Hint = "GET "+path+": "+inner(err), "see what is said of the address, the port and the certificate"
		return
	}
	c.Saw = fmt.Sprintf("GET %s: status %d", path, api.Status)
	if text := redact.OneLine(string(api.Body), 200); text != "" {
		c.Saw += ": " + text
	}
	if api.Reason != reason.Unknown {
		c.Want, c.Hint = o.advice(api.Reason)
		return
	}
	switch {
	case api.Status == http.StatusUnauthorized:
		c.Hint = "the API does not take the token: see discovery, whether the API and the gateway belong together, and the clock"
	case api.Status == http.StatusForbidden:
		c.Hint = "the employee may not read this, or the office's version does not offer it"
	case api.Status == http.StatusNotFound:
		c.Hint = "check the path, and whether the office's version has it"
	case api.Status >= 500:
		c.Hint = "the office's server has trouble of its own: try again later, then ask the office"
	default:
		c.Hint = "correct the path and its query"
	}
}

// inner is the error that a call failed with.
func inner(err error) string {
	var call *client.CallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return plain(err)
}
