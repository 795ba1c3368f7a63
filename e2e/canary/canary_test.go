//go:build !race

package canary_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
)

// The canaries print values that are in use, from outside, down to their last field.
// The race detector rightly calls that a race, so they run without it; make test
// does both.

// Everything that a careless escape could let through is in each of these.
const (
	canaryPassword      = `Kenn"wört\ &<ü>%41+/'ß`
	otherPassword       = `Anderes"wört\ &<ü>%42+/'ß`
	canaryRedisPassword = `Rédis"wört\ &<ü>%43+/'ß`
	canaryRawKey        = `Schlüssel "mit\allem" &<>%44+/'ß, was es gibt`
	oddToken            = `Tok"en\with&<odd>%45+/'signs{}|~._-and-enough-of-it-to-be-cut-in-two-and-still-be-known-as-what-it-is`
)

var canaryKey = base64.StdEncoding.EncodeToString([]byte(canaryRawKey))

// canary is the whole client in a world where all that is secret is recorded.
type canary struct {
	*evidence
	t    testing.TB
	fake *clienttest.Server
	cfg  advoware.Config
}

// newCanary returns one whose Config has the Memory store and logs at debug level.
func newCanary(t testing.TB, opts clienttest.Options) *canary {
	t.Helper()
	opts.Password, opts.APIKey = canaryPassword, canaryKey
	opts.AppID, opts.Kanzlei, opts.Database, opts.User = `app"ä\&`, `kanzlei"ö\<`, `db"ü\>`, `user"ß\%`
	k := &canary{evidence: newEvidence(t), t: t}
	var err error
	if k.fake, err = clienttest.New(opts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.fake.Close)
	vars := make(map[string]string)
	for _, line := range k.fake.Env() {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = value
	}
	if opts.InMemory {
		vars["ADVOWARE_ALLOW_INSECURE"] = "true"
	}
	if k.cfg, err = read(vars, advoware.StoreMemory); err != nil {
		t.Fatal(err)
	}
	if opts.InMemory {
		k.cfg.Transport = k.fake.Transport()
	}
	k.cfg.Logger = k.logger
	k.secret(canaryPassword, otherPassword, canaryRedisPassword, canaryRawKey)
	k.encoded(canaryKey)
	return k
}

// client opens the door.
func (k *canary) client() *client.Client {
	k.t.Helper()
	c, err := advoware.New(k.cfg)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = c.Close() })
	return c
}

// call makes a call in each of the three ways.
func (k *canary) call(c *client.Client, endpoint string) error {
	_ = k.try("Do", func() error {
		req, err := http.NewRequestWithContext(k.t.Context(), "GET", strings.TrimSuffix(k.cfg.BaseURL, "/")+endpoint, nil)
		if err != nil {
			return err
		}
		resp, err := c.Do(req)
		if resp != nil {
			k.value("header of a request", resp.Request.Header["Authorization"])
			_ = resp.Body.Close()
		}
		return err
	})
	_ = k.try("Get", func() error {
		_, err := client.Get[struct{ At time.Time }](k.t.Context(), c, endpoint, nil)
		return err
	})
	return k.try("Call", func() error {
		_, err := c.Call(k.t.Context(), client.Request{Endpoint: endpoint})
		return err
	})
}

// mustFail makes a call that fails.
func (k *canary) mustFail(c *client.Client, endpoint string) error {
	k.t.Helper()
	err := k.call(c, endpoint)
	if err == nil {
		k.t.Errorf("%s: no error", endpoint)
	}
	return err
}

func (k *canary) mustCall(c *client.Client) {
	k.t.Helper()
	if _, err := c.Call(k.t.Context(), client.Request{Endpoint: "/employees"}); err != nil {
		k.failure("Call", err)
		k.t.Errorf("a call that should work: %v", err)
	}
}

// bearer returns the token in use.
func (k *canary) bearer(c *client.Client) string {
	k.t.Helper()
	tok, err := c.Source().Token(k.t.Context(), 0)
	if err != nil {
		k.t.Fatal(err)
	}
	k.secret(tok.Reveal())
	k.behind("token", tok)
	return tok.Reveal()
}

// end takes what is left to see, learns from the fake what was secret, and checks.
func (k *canary) end(clients ...*client.Client) {
	k.t.Helper()
	for _, c := range clients {
		k.behind("client", c)
		k.behind("source", c.Source())
		k.behind("http.Client", c.HTTPClient())
		k.value("stats", c.Stats())
		k.value("stats of the source", c.Source().Stats())
	}
	k.behind("config", &k.cfg)
	for _, r := range k.fake.RawRequests() {
		if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			k.secret(bearer)
		}
		if strings.HasSuffix(r.Path, "/Token") {
			k.signature(r.Body)
		}
	}
	k.check(k.t)
}

// signature learns the signature of a token request.
func (k *canary) signature(body []byte) string {
	var req struct{ HMAC512Signature string }
	if err := json.Unmarshal(body, &req); err != nil || req.HMAC512Signature == "" {
		k.t.Errorf("a token request without a signature: %v", err)
		return ""
	}
	k.encoded(req.HMAC512Signature)
	return req.HMAC512Signature
}

func TestCanaryGoodLife(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	c := k.client()
	k.mustCall(c)
	k.mustCall(c)
	k.bearer(c)
	_, err := c.Source().Refresh(t.Context())
	k.failure("Refresh", err)
	_, err = c.Source().Token(t.Context(), time.Hour)
	k.failure("Token", err)
	k.fake.RevokeAll()
	k.mustCall(c)
	k.fake.RevokeAll()
	k.fake.SetSkew(time.Hour)
	k.mustCall(c)
	k.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Times: -1})
	for range 5 {
		_ = k.mustFail(c, "/employees")
	}
	_ = c.Close()
	_ = k.mustFail(c, "/employees")
	k.end(c)
}

func TestCanaryRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newCanary(t, clienttest.Options{InMemory: true})
		c := k.client()
		k.mustCall(c)
		k.fake.Inject(clienttest.Fault{Status: 503})
		for range 10 {
			time.Sleep(20 * time.Minute)
			k.mustCall(c)
		}
		if n := k.fake.Counts().TokensIssued; n < 4 {
			t.Errorf("%d tokens in 200 minutes: nothing was renewed", n)
		}
		k.end(c)
		_ = c.Close()
		k.fake.Close()
	})
}

// escapes are the ways in which a server may write what it was sent.
var escapes = func() []func(string) string {
	once := []func(string) string{
		func(s string) string { return s },
		func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] },
		func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
		func(s string) string { b, _ := json.Marshal(s); return string(b[1 : len(b)-1]) },
		html.EscapeString,
		url.QueryEscape,
		url.PathEscape,
	}
	all := once
	for _, inner := range once[1:4] {
		for _, outer := range once[3:6] {
			all = append(all, func(s string) string { return outer(inner(s)) })
		}
	}
	return all
}()

// A gateway answers with what it was sent, written in every way.
func TestCanaryEchoingGateway(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	var answer func(w http.ResponseWriter, password, signature string)
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer(w, k.cfg.Password.Reveal(), k.signature(body))
	}))
	t.Cleanup(gateway.Close)
	k.cfg.TokenURL, k.cfg.Password = gateway.URL, secret.New(otherPassword)
	c := k.client()
	for i, escape := range escapes {
		for _, status := range []int{500, 401, 302, 201} {
			if i > 0 && status < 500 {
				break
			}
			answer = func(w http.ResponseWriter, password, signature string) {
				w.Header().Set("Location", "/"+url.PathEscape(password))
				w.Header().Set("Retry-After", signature)
				w.WriteHeader(status)
				fmt.Fprintf(w, `{"message":"%s","nested":{"sent":"%s"}}`, escape(password), escape(signature))
			}
			_, err := c.Source().Refresh(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			k.text("Refresh", err.Error())
			if i == 0 {
				k.failure("Refresh", err)
			}
		}
	}
	k.end(c)
}

func TestCanaryRefusedCredentials(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	k.cfg.Password = secret.New(otherPassword)
	c := k.client()
	for range 3 {
		if err := k.mustFail(c, "/employees"); !errors.As(err, new(*token.FetchError)) {
			t.Errorf("got %v, want a FetchError", err)
		}
	}
	k.end(c)
}

// Token responses that are none, with a token in them.
func TestCanaryMalformedTokenResponses(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	k.secret(oddToken)
	quoted, _ := json.Marshal(oddToken)
	c := k.client()
	for _, f := range []clienttest.Fault{
		{Malformed: true}, {Cut: true}, {Reset: true},
		{Body: `{"access_token":` + string(quoted)},
		{Body: string(quoted)},
		{Body: oddToken},
		{Body: `{"access_token":[` + string(quoted) + `]}`},
		{Body: `{"access_token":"` + strings.Repeat("x", store.MaxTokenBytes+1) + `","t":` + string(quoted) + `}`},
		{Body: `{"access_token":` + strings.Replace(string(quoted), "with", " ü ", 1) + `,"t":` + string(quoted) + `}`},
		{Status: 201, Body: `{"access_token":` + string(quoted) + `}`},
		{Status: 400, Body: `{"access_token":` + string(quoted) + `}`},
		{Status: 500, Body: `{"\u0061ccess_token":` + string(quoted) + `}`},
		{Body: `{"access_token":` + string(quoted) + `}`, Cut: true},
		{RedirectTo: "/api/v1/Other?access_token=" + url.QueryEscape(oddToken)},
	} {
		k.fake.Inject(f)
		if err := k.try("Refresh", func() error { _, err := c.Source().Refresh(t.Context()); return err }); err == nil {
			t.Errorf("%.60q: no error", f.Body)
		}
	}
	// A token that is odd, and one all the same.
	k.fake.Inject(clienttest.Fault{Body: `{"access_token":` + string(quoted) + `}`})
	if err := k.try("Refresh", func() error { _, err := c.Source().Refresh(t.Context()); return err }); err != nil {
		t.Error(err)
	}
	k.end(c)
}

// An API answers with the bearer, written in every way and everywhere.
func TestCanaryEchoingAPI(t *testing.T) {
	for name, odd := range map[string]bool{"JWT": false, "odd": true} {
		t.Run(name, func(t *testing.T) {
			k := newCanary(t, clienttest.Options{})
			if odd {
				quoted, _ := json.Marshal(oddToken)
				k.fake.Inject(clienttest.Fault{Body: `{"access_token":` + string(quoted) + `}`, Times: -1})
			}
			c := k.client()
			bearer := k.bearer(c)
			fail := func(f clienttest.Fault) {
				t.Helper()
				f.On, f.Times = clienttest.API, -1
				k.fake.Inject(f)
				_ = k.mustFail(c, "/employees")
				k.fake.ClearFaults()
				if odd {
					quoted, _ := json.Marshal(oddToken)
					k.fake.Inject(clienttest.Fault{Body: `{"access_token":` + string(quoted) + `}`, Times: -1})
				}
			}
			for _, escape := range escapes[:8] {
				fail(clienttest.Fault{Status: 500, Body: `{"sent":"` + escape(bearer) + `"}`})
			}
			header := http.Header{"X-Request-Id": {bearer}, "X-Sent": {"Bearer " + bearer}, "Content-Type": {"text/" + bearer}}
			fail(clienttest.Fault{Status: 403, Body: "x", Header: header})
			fail(clienttest.Fault{Status: 200, Body: "no JSON", Header: header})
			fail(clienttest.Fault{Status: 200, Body: `{"At": "` + url.QueryEscape(bearer)})
			fail(clienttest.Fault{Status: 500, Body: "you sent " + bearer, Cut: true})
			for _, to := range []string{
				"http://elsewhere.test/?t=", "http://elsewhere.test/", "http://user:x@elsewhere.test/", "/nowhere/", "/nowhere?t=", "http://[bad/?t=", "/employees?%zz=",
			} {
				fail(clienttest.Fault{RedirectTo: to + url.QueryEscape(bearer)})
				fail(clienttest.Fault{RedirectTo: to + url.PathEscape(bearer)})
				if !odd || !strings.HasPrefix(to, "/") { // as it is it means something else in a path
					fail(clienttest.Fault{RedirectTo: to + bearer})
				}
			}
			quoted, _ := json.Marshal(bearer)
			k.fake.Inject(clienttest.Fault{On: clienttest.API, Body: `{"At":` + string(quoted) + `}`, Times: -1})
			_ = k.call(c, "/employees") // fine as JSON, not as a time
			k.end(c)
		})
	}
}
