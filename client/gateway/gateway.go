// Package gateway fetches bearer tokens from the Advoware security gateway.
//
// [Gateway.Fetch] sends one signed request and returns the token of the answer,
// or a [TokenError] that says what kind of failure it was. It keeps no token and
// does not decide when to ask again: that is the business of client/token. What
// goes over the wire is documented at the types it is built from; the facts come
// from the vendor's own programs and are collected in ARCHITECTURE.md.
//
// A Gateway is safe for concurrent use.
package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/logvalue"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
)

// maxBody is the longest token response that is read: 1 MiB.
const maxBody = 1 << 20

// Gateway requests tokens for one identity.
type Gateway struct {
	cfg    Config
	signer *signer.Signer
	clock  *clock

	url   *url.URL // of the one that at returns
	shown string   // the same, as errors name it
}

// New checks the whole configuration and returns a Gateway for it, or one error
// that names every problem. It does no I/O.
func New(cfg Config) (*Gateway, error) {
	cfg.setDefaults()
	if _, err := cfg.check(); err != nil {
		return nil, err
	}
	s, err := signer.New(cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if cfg.Base == nil {
		cfg.Base = ownTransport(cfg.AllowInsecure)
	}
	return &Gateway{cfg: cfg, signer: s, clock: new(clock)}, nil
}

// Fetch requests a new token. It makes one HTTP request, and a second one, signed anew,
// only if the gateway refused the first and its Date header shows that this machine's
// clock is wrong, or its text says that the nonce or the time was not taken. Redirects are
// not followed.
//
// Every failure is a [*TokenError]. When ctx ends first, it wraps the context's
// error; each attempt is bounded by Config.Timeout besides.
//
// With a Config.Discovery the request goes to the gateway that it names. If that does not
// answer at all and has moved, one more goes to the new one.
func (g *Gateway) Fetch(ctx context.Context) (store.Token, error) {
	if g.cfg.Discovery != nil {
		return g.fetchAt(ctx)
	}
	u, err := origin.Parse(g.cfg.URL, g.cfg.AllowInsecure) // not kept, because it is needed once an hour
	if err != nil {
		return store.Token{}, &TokenError{Kind: Outage, Err: err}
	}
	return g.at(u).fetch(ctx)
}

// fetch is Fetch at g.url.
func (g *Gateway) fetch(ctx context.Context) (store.Token, error) {
	ahead := g.clock.offset()
	tok, err := g.attempt(ctx, ahead)
	var refused *TokenError
	if !errors.As(err, &refused) {
		return tok, err
	}
	wrong, news := false, false
	stale := refused.Reason == reason.Clock
	if refused.Kind == Refused || stale {
		wrong, news = g.clock.learn(refused.date, refused.at, ahead)
	}
	switch {
	case news:
		g.cfg.Logger.WarnContext(ctx, "the local clock differs from the gateway's, asking again with its time",
			"difference", g.clock.offset().Round(time.Second))
	case wrong: // a request beside this one has found out, and said so
	case stale:
		g.cfg.Logger.WarnContext(ctx, "the token request was taken for an old or a repeated one, asking again with a new nonce", "error", logvalue.Text(refused))
	default:
		return tok, err
	}
	return g.attempt(ctx, g.clock.offset())
}

// attempt is one request with a nonce and a time of its own: ours, put ahead.
func (g *Gateway) attempt(ctx context.Context, ahead time.Duration) (store.Token, error) {
	tok, err := g.exchange(ctx, ahead)
	var e *TokenError
	if errors.As(err, &e) {
		e.URL = g.shown
	}
	return tok, err
}

func (g *Gateway) exchange(ctx context.Context, ahead time.Duration) (store.Token, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, g.cfg.Timeout, errTimeout)
	defer cancel()

	stamp := g.stamp(time.Now().Add(ahead))
	body, err := g.cfg.requestBody(stamp)
	if err != nil {
		return store.Token{}, &TokenError{Kind: Malformed, Err: err}
	}
	g.logRequest(ctx, stamp)

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url.String(), bytes.NewReader(body))
	if err != nil {
		return store.Token{}, &TokenError{Kind: Outage, Err: err}
	}
	switch g.cfg.Base.(type) {
	case *http.Transport, *roundtrip.Transport:
	default:
		// Whoever repeats requests would send a nonce twice. net/http itself only sends again
		// what no server has taken.
		req.GetBody = nil
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", g.cfg.UserAgent)

	sent := time.Now() // a token's life is counted from here: never later than the gateway does
	resp, err := roundtrip.Exchange(g.cfg.Base, req)
	if err != nil {
		return store.Token{}, unanswered(ctx, err)
	}
	closeBody := sync.OnceFunc(func() { _ = resp.Body.Close() })
	defer closeBody()
	defer context.AfterFunc(ctx, closeBody)() // for a body that does not heed the context
	return g.read(ctx, resp, sent, stamp.signature)
}

// read turns a response into a token or a TokenError.
func (g *Gateway) read(ctx context.Context, resp *http.Response, sent time.Time, signature string) (store.Token, error) {
	answered := time.Now()
	date := parseDate(resp.Header.Get("Date"))
	limit := int64(maxBody)
	if resp.StatusCode != http.StatusOK {
		limit = redact.Searched
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	whole := int64(len(body)) <= limit
	body = charset.Text(body, resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK {
		e := g.statusError(resp, date, body, signature)
		e.at = answered
		if resp.StatusCode >= 300 || e.Reason != reason.Unknown && !mayHoldToken(body) { // a success is likely to hold a token, whatever it is called
			e.Detail = g.excerpt(body, err == nil && whole, signature)
		}
		return store.Token{}, e
	}
	var tok store.Token
	switch {
	case err != nil:
		err = outage(ctx, fmt.Errorf("the response broke off: %w", redact.Unquoted(err)))
	case !whole:
		err = &TokenError{Kind: Malformed, Err: fmt.Errorf("the response is over the limit of %d bytes", maxBody)}
	default:
		tok, err = g.parse(body, date, sent)
	}
	var e *TokenError
	if errors.As(err, &e) {
		g.withoutToken(e, resp, date, body, signature)
		return store.Token{}, e
	}
	g.clock.confirm(date, answered)
	return tok, nil
}

// withoutToken completes the error of an answer of 200, of which body is the beginning.
func (g *Gateway) withoutToken(e *TokenError, resp *http.Response, date time.Time, body []byte, signature string) {
	e.Status, e.RetryAfter = resp.StatusCode, retryAfter(resp.Header.Get("Retry-After"), date)
	brokeOff := e.Kind == Outage
	if g.explain(e, resp, body); e.Reason == reason.Unknown {
		return
	}
	if !brokeOff {
		e.Err = nil // the vendor's sentence came in place of a token
	}
	if !mayHoldToken(body) {
		e.Detail = g.excerpt(body, !brokeOff, signature)
	}
}

// excerpt is the beginning of an answer for a person to read, without secrets.
func (g *Gateway) excerpt(body []byte, whole bool, signature string) string {
	return redact.Excerpt(body, whole, signature, g.cfg.Password.Reveal(), g.cfg.Key.Reveal())
}

// parse returns the token of an answer with its expiry: send + life - guard, where the life
// is what the gateway says, at most the configured one. Its error is a TokenError.
func (g *Gateway) parse(body []byte, date, sent time.Time) (store.Token, error) {
	a, err := parseResponse(body, date)
	if err != nil {
		return store.Token{}, &TokenError{Kind: Malformed, Err: fmt.Errorf("%w; %w", err, errExpected)}
	}
	life := g.cfg.Lifetime
	if a.life > 0 {
		life = min(life, a.life)
	}
	// A life of less than two guards is halved instead, so that a gateway that
	// hands out very short tokens can still be used.
	guard := min(g.cfg.Guard, life/2)
	tok, err := store.NewToken(a.token, sent, sent.Add(life-guard))
	if err != nil {
		return store.Token{}, &TokenError{Kind: Malformed, Err: fmt.Errorf("access_token: %w", err)}
	}
	return tok, nil
}

// logRequest logs what is asked for, without the password and the signature.
func (g *Gateway) logRequest(ctx context.Context, s stamp) {
	if g.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		g.cfg.Logger.DebugContext(ctx, "token request",
			"url", g.url.String(), "product", g.cfg.Product, "app_id", g.cfg.App, "kanzlei", g.cfg.Kanzlei,
			"database", g.cfg.Database, "user", g.cfg.User, "role", g.cfg.Role,
			"nonce", s.nonce, "timestamp", s.timestamp)
	}
}
