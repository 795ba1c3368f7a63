package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/origin"
)

// discovery finds out where the gateway and the API are, for the other groups too.
func (o *Office) discovery(ctx context.Context, report func(check.Check)) {
	p := o.configured()
	defer func() { o.places.set(p) }()
	c := check.Check{Name: "addresses"}
	if bad := o.Environment.Bad("ADVOWARE_DISCOVERY", "ADVOWARE_TOKEN_URL", "ADVOWARE_API_BASE_URL"); bad != "" {
		c.Status, c.Saw = check.Skipped, "not asked: "+bad
		report(c)
		return
	}
	if !o.discovers() {
		o.fixed(&c)
		report(c)
		return
	}
	if bad := o.Environment.Bad("ADVOWARE_KANZLEI"); bad != "" {
		c.Status, c.Saw = check.Skipped, "not asked: "+bad
		report(c)
		return
	}
	began := time.Now()
	found, odd, err := o.ask(ctx, o.Config.Kanzlei, askWait)
	if ctx.Err() != nil {
		return
	}
	for _, text := range odd {
		report(check.Check{Name: "unused address", Status: check.Warning, Saw: text, Want: "an address that can be trusted", Hint: "ask the vendor whether the answer is right"})
	}
	if err == nil {
		p = places{api: found.API, token: found.Token, discovered: true}
		c.Status, c.Saw = check.OK, fmt.Sprintf("the API is at %s, the gateway at %s (%v)", origin.Of(found.API), origin.Of(found.Token), time.Since(began).Round(time.Millisecond))
		report(c)
		return
	}
	if o.Config.Discovery == advoware.DiscoveryOn {
		const why = "the address is not known, see discovery"
		p = places{whyAPI: why, whyToken: why}
	}
	o.places.set(p) // others need not wait for the rest
	o.unanswered(ctx, &c, err)
	report(c)
}

// discovers reports whether a client asks the vendor, as Config says.
func (o *Office) discovers() bool {
	c := &o.Config
	return c.Discovery == advoware.DiscoveryOn || c.Discovery == advoware.DiscoveryAuto &&
		origin.SamePlace(c.BaseURL, client.DefaultBaseURL) && origin.SamePlace(c.TokenURL, gateway.DefaultURL)
}

// fixed says that the addresses are those that are configured.
func (o *Office) fixed(c *check.Check) {
	c.Status, c.Saw = check.Skipped, "not asked: ADVOWARE_API_BASE_URL or ADVOWARE_TOKEN_URL says where"
	if o.Config.Discovery == advoware.DiscoveryOff {
		c.Saw = "not asked: ADVOWARE_DISCOVERY is off"
	}
	if origin.SamePlace(o.Config.BaseURL, client.DefaultBaseURL) {
		c.Status, c.Saw = check.Warning, c.Saw+", and the API is the vendor's relay"
		c.Want = "the address that the vendor knows for the Kanzlei"
		c.Hint = "leave ADVOWARE_DISCOVERY and both URLs out, so that the vendor is asked: an office with a connector of its own is not reached by the relay"
	}
}

// ask asks the vendor once. Odd is what the answer has that is not used.
func (o *Office) ask(ctx context.Context, kanzlei string, within time.Duration) (a *discovery.Addresses, odd []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	log := new(warnings)
	f, err := discovery.New(discovery.Config{
		URL: o.Config.DiscoveryURL, AllowInsecure: o.Config.AllowInsecure, Kanzlei: kanzlei,
		BaseURL: o.Config.BaseURL, TokenURL: o.Config.TokenURL, Required: true, Base: o.Config.Transport, Logger: log.logger(),
	})
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	a, err = f.Find(ctx)
	return a, log.said(), err
}

// unanswered says why no address is known, and what serves instead.
func (o *Office) unanswered(ctx context.Context, c *check.Check, err error) {
	c.Status, c.Want = check.Warning, "an answer within "+askWait.String()
	serves := "the vendor's default addresses serve meanwhile, which are wrong for an office with a connector"
	if o.Config.Discovery == advoware.DiscoveryOn {
		c.Status, serves = check.Failure, "no call can be made without it"
	}
	var e *discovery.Error
	if !errors.As(err, &e) { // the wait for it ended
		e = &discovery.Error{URL: o.Config.DiscoveryURL, Err: err}
	}
	switch {
	case e.Status == 0 && e.Timeout():
		c.Saw = e.URL + " does not answer within " + askWait.String()
		c.Hint = "let this machine out to it (a firewall may swallow it), or set both URLs and ADVOWARE_DISCOVERY=off; " + serves
	case e.Status == 0:
		c.Saw, c.Want = e.URL+": "+e.Err.Error(), "an answer of the vendor"
		c.Hint = "check the network, the name servers and the proxy of this machine, and ADVOWARE_DISCOVERY_URL if it is set; " + serves
	case e.Status >= 500 || e.Status == http.StatusTooManyRequests:
		c.Saw, c.Want = fmt.Sprintf("%s answers with status %d", e.URL, e.Status), "an answer with an address"
		c.Hint = "try again later; " + serves
	case e.Status < 400 && !strings.Contains(fmt.Sprint(e.Err), "names neither"), e.Status == http.StatusProxyAuthRequired:
		c.Saw, c.Want = fmt.Sprintf("%s: status %d, %v", e.URL, e.Status, cmp.Or(e.Err, errors.New(e.Detail))), "an answer with an address"
		c.Hint = "something on the way answers in place of the vendor (a proxy or a login page): let this machine past it; " + serves
	default:
		o.unknown(ctx, c, e)
	}
}

// unknown says that the vendor names no address for the Kanzlei, and whether it does for
// another spelling.
func (o *Office) unknown(ctx context.Context, c *check.Check, e *discovery.Error) {
	name := fmt.Sprintf("%q", o.Config.Kanzlei)
	c.Status, c.Saw, c.Want = check.Failure, fmt.Sprintf("the vendor names no address for the Kanzlei %s (status %d)", name, e.Status), "a Kanzlei that the vendor knows"
	c.Hint = "check ADVOWARE_KANZLEI with the vendor's mail, letter by letter: capitals and spaces count"
	if other := o.otherSpelling(ctx); other != "" {
		c.Want, c.Hint = fmt.Sprintf("%q, which the vendor knows", other), fmt.Sprintf("set ADVOWARE_KANZLEI to %q: capitals and spaces count", other)
	}
}

// otherSpelling asks for the Kanzlei in other capitals, and returns the one that is known.
func (o *Office) otherSpelling(ctx context.Context) string {
	all := spellings(o.Config.Kanzlei)
	known := make([]bool, len(all))
	var asking sync.WaitGroup
	for i, name := range all {
		asking.Go(func() {
			_, _, err := o.ask(ctx, name, askWait/2)
			known[i] = err == nil
		})
	}
	asking.Wait()
	if i := slices.Index(known, true); i >= 0 && ctx.Err() == nil {
		return all[i]
	}
	return ""
}

func spellings(name string) []string {
	plain := strings.Join(strings.Fields(name), " ")
	var all []string
	for _, other := range []string{plain, strings.ToLower(plain), strings.ToUpper(plain), titled(plain)} {
		if other != name && other != "" && !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
}

// titled has each word begin with a capital.
func titled(name string) string {
	begins := true
	return strings.Map(func(r rune) rune {
		first := begins
		begins = !unicode.IsLetter(r) && !unicode.IsDigit(r)
		if first {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, name)
}
