package office

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/store"
)

const tokenCheck = "token request"

// tokenRequest makes one, if that is asked for. Why is what is known to be in its way.
func (o *Office) tokenRequest(ctx context.Context, why string, report func(check.Check)) {
	c := check.Check{Name: tokenCheck, Status: check.Skipped}
	switch bad := o.unusable(); {
	case !o.Fetch:
		c.Saw, c.Hint = "not made: whether the credentials are right is not known", "--fetch makes one, which may count against the account"
	case bad != "":
		c.Saw = "not made: " + bad
	case why != "":
		c.Saw = "not made: " + why
	default:
		if !o.fetch(ctx, &c) {
			return
		}
	}
	report(c)
}

// AwaitToken waits until the token request has ended, if there is one, for a time at most.
func (o *Office) AwaitToken(ctx context.Context, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	_, _ = o.fetched.get(ctx)
}

// fetch makes a token request, by the client, so that other processes know of it. It reports
// false if ctx ended first.
func (o *Office) fetch(ctx context.Context, c *check.Check) bool {
	api, err := o.Client()
	if err != nil {
		c.Saw = "not made: the configuration cannot be used"
		return true
	}
	began := time.Now()
	inside, cancel := earlier(ctx)
	defer cancel()
	found, err := api.Source().Refresh(inside)
	took := time.Since(began).Round(time.Millisecond)
	switch {
	case err == nil:
		o.fetched.set(true)
		left := store.Remaining(time.Now(), found.Token.Expiry()).Round(time.Second)
		c.Status, c.Saw = check.OK, fmt.Sprintf("a token that lasts for %v, in %v (fingerprint %s)", left, took, found.Token.Fingerprint())
	case ctx.Err() != nil:
		return false
	case inside.Err() != nil:
		c.Status, c.Saw, c.Want = check.Failure, fmt.Sprintf("no answer within %v", took), "a token in one to two seconds"
		c.Hint = "the gateway takes requests and does not answer them: try again later, then ask the vendor"
	default:
		c.Status, c.Want = check.Failure, "a token"
		o.refused(c, err)
	}
	return true
}

// refused says why a token was not to be had.
func (o *Office) refused(c *check.Check, err error) {
	var tok *gateway.TokenError
	c.Saw = plain(err)
	if errors.As(err, &tok) {
		c.Saw = tok.Kind.String() + ": " + said(tok)
	}
	if errors.Is(err, store.ErrIdentity) {
		c.Hint = "the token key belongs to another identity: give this one an ADVOWARE_TOKEN_KEY of its own"
		return
	}
	if why, ok := errors.AsType[reason.Reason](err); ok {
		c.Want, c.Hint = o.advice(why)
		return
	}
	switch {
	case tok == nil:
		c.Hint = "see what is said of Redis and of the gateway"
	case tok.Kind == gateway.Refused:
		c.Hint = "check ADVOWARE_API_KEY first (with one that is cut the signature is wrong), then ADVOWARE_APP_ID, and the clock; do not repeat it often, since that may lock the account"
	case tok.Kind == gateway.Malformed, tok.Status == http.StatusNotFound, tok.Status == http.StatusMethodNotAllowed:
		c.Want, c.Hint = "the token endpoint, whose path ends in /api/v1/Token", "check ADVOWARE_TOKEN_URL"
	case tok.Status == http.StatusTooManyRequests:
		c.Hint = "wait, and find out what makes so many token requests: one an hour is enough for all programs that share a Redis"
	default:
		c.Hint = "the gateway cannot serve now: try again later, then ask the vendor"
	}
}

// said is the answer to a token request, with the vendor's sentence.
func said(e *gateway.TokenError) string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", e.Status))
	}
	if e.Reason != reason.Unknown {
		parts = append(parts, e.Reason.String())
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	return strings.Join(parts, ": ")
}

// advice says what is wanted in place of a refusal, and what to do about it.
func (o *Office) advice(why reason.Reason) (want, hint string) {
	c := &o.Config
	kanzlei, user, database := quote(c.Kanzlei), quote(c.User), quote(c.Database)
	switch why {
	case reason.WrongCredentials:
		return "the Kürzel of an employee, with the password of that", "check ADVOWARE_USER (" + user +
			": the Kürzel from Advoware, neither a name nor an address) and ADVOWARE_PASSWORD before the next attempt, since repeated ones lock the account; the office's administrator sets both"
	case reason.NotEnabled:
		return "an App-ID and an employee that are enabled for the Kanzlei", "ask the vendor to enable the App-ID (" + quote(c.App) + ") and the employee " + user +
			" for the Kanzlei " + kanzlei + ": each is enabled for each Kanzlei by itself, and repeating does not help"
	case reason.NotRegistered:
		hint = "check ADVOWARE_KANZLEI (" + kanzlei + ": capitals count) and ADVOWARE_DATABASE (" + database + ") against the vendor's mail, then ask the vendor"
		if upper := strings.ToUpper(c.Database); upper != c.Database {
			hint = "set ADVOWARE_DATABASE to " + quote(upper) + ", since databases are written in capitals; then " + hint
		}
		return "a Kanzlei and a database that the vendor knows", hint
	case reason.NotConnected:
		hint = "ask the office whether its server and the Advoware service on it are running, and its line is up; it heals by itself when they are"
		if !o.discovers() {
			hint += ". If the office has a connector, leave ADVOWARE_API_BASE_URL and ADVOWARE_DISCOVERY out, so that its address is asked for"
		}
		return "an office that is connected to the vendor", hint
	case reason.Clock:
		return "a time that the gateway accepts", "set the clock of this machine (see clock), and look for something on the way that repeats requests"
	case reason.Licence:
		return "a licence that is free and valid", "ask the office whether a licence is left (each is valid for a month, and only so many may be in use), then the vendor"
	}
	return "", why.Advice()
}

// plain is an error without the names of our packages.
func plain(err error) string {
	var fetch *token.FetchError
	if errors.As(err, &fetch) {
		err = fetch.Err
	}
	text := err.Error()
	for _, name := range []string{"client: ", "token: ", "gateway: "} {
		text = strings.TrimPrefix(text, name)
	}
	return text
}

func quote(text string) string { return fmt.Sprintf("%q", redact.OneLine(text, 100)) }
