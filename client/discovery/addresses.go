package discovery

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
)

// Addresses are where an office is reached: the base URL of its API, and the token
// endpoint. They are never changed; an office that moves has others.
type Addresses struct {
	API   *url.URL
	Token *url.URL

	retry time.Time // set for what serves because nothing is known: when to ask again
}

// Fallback reports whether these are the defaults, because the vendor did not answer.
func (a *Addresses) Fallback() bool { return !a.retry.IsZero() }

func (a *Addresses) equal(b *Addresses) bool {
	return a.API.String() == b.API.String() && a.Token.String() == b.Token.String() && a.Fallback() == b.Fallback()
}

// tokenPath is the token endpoint at a gateway (the vendor's documents, and their Z-Push
// backend).
const tokenPath = "/api/v1/Token"

const (
	maxURL  = 2048 // bytes of an address
	maxHost = 253  // as in DNS
)

// answer is what the vendor says (the vendor's documents): the connector in the office, if
// it has one, the vendor's relay, and the gateway.
type answer struct {
	Connector json.RawMessage `json:"connectorUrl"`
	Relay     json.RawMessage `json:"relayUrl"`
	Gateway   json.RawMessage `json:"securityGateway"`
}

// errNoAPI is an answer without an address that can be used.
var errNoAPI = errors.New("the answer names neither a connectorUrl nor a relayUrl that can be used: check the name of the Kanzlei, whose capitals count")

// read returns the addresses in an answer. A field that is null, empty, absent or no
// address is as if absent; odd says what was wrong with it.
func (f *Finder) read(body []byte) (a *Addresses, odd []string, err error) {
	var said answer
	if json.Unmarshal(body, &said) != nil {
		return nil, nil, errors.New("the answer is not a JSON object") // the decoder's words may quote it
	}
	field := func(name string, raw json.RawMessage) *url.URL {
		u, err := f.address(raw)
		if err != nil {
			odd = append(odd, fmt.Sprintf("%s %s", name, err))
		}
		return u
	}
	a = &Addresses{Token: f.defaults.Token}
	if a.API = field("connectorUrl", said.Connector); a.API == nil {
		a.API = field("relayUrl", said.Relay)
	}
	if gateway := field("securityGateway", said.Gateway); gateway != nil {
		switch {
		case origin.Same(gateway, f.defaults.Token): // as it is configured, with its path
		case f.trusts(gateway.Hostname()):
			a.Token = gateway
			a.Token.Path = tokenPath
		default:
			odd = append(odd, fmt.Sprintf("securityGateway %s is under another domain than %s, which was asked, and gets no password unless the token URL names it (ADVOWARE_TOKEN_URL)",
				redact.OneLine(origin.Of(gateway), maxShown), f.url.Hostname()))
		}
	}
	if a.API == nil {
		return nil, odd, errNoAPI
	}
	return a, odd, nil
}

// address returns the address in a field, nil if it has none.
func (f *Finder) address(raw json.RawMessage) (*url.URL, error) {
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, nil
	case json.Unmarshal(raw, &text) != nil:
		return nil, errors.New("is no text")
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil
	case len(text) > maxURL:
		return nil, fmt.Errorf("is longer than %d bytes", maxURL)
	}
	u, err := origin.Parse(text, f.cfg.AllowInsecure)
	switch {
	case errors.Is(err, origin.ErrInsecure):
		return nil, errors.New("is plain http: only https is used")
	case err != nil:
		return nil, err
	case u.Path != "" && u.Path != "/":
		return nil, errors.New("has a path, which an address has not")
	case u.Scheme == "http" && !f.cfg.AllowInsecure && !origin.Loopback(f.url.Hostname()):
		return nil, errors.New("is plain http: only https is used") // loopback is for those who ask there
	}
	host, err := hostOf(u.Hostname())
	if err != nil {
		return nil, err
	}
	if port := strings.TrimLeft(u.Port(), "0"); port != "" { // written as others are that are compared with it
		host += ":" + port
	}
	return &url.URL{Scheme: u.Scheme, Host: host, Path: "/"}, nil
}

// hostOf returns the host as it is dialled and compared: in lower case, with umlauts as
// DNS has them, an address of IPv6 in brackets.
func hostOf(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		switch addr = addr.Unmap(); { // ::ffff:0.0.0.0 is 0.0.0.0 to whoever dials it
		case addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast():
			return "", errors.New("has an IP that is no server's")
		case addr.Is6():
			return "[" + addr.String() + "]", nil
		}
		return addr.String(), nil
	}
	host = strings.TrimSuffix(host, ".")
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", errors.New("has a name that DNS cannot have")
		}
		host = ascii
	}
	host = strings.ToLower(host)
	if host == "" || len(host) > maxHost {
		return "", errors.New("has no name that DNS can have")
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool {
			return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_')
		}) {
			return "", errors.New("has a name that DNS cannot have")
		}
		last = label
	}
	if '0' <= last[0] && last[0] <= '9' { // resolvers take 127.1 and 0x7f.1 for addresses
		return "", errors.New("has a name that may be taken for an IP")
	}
	return host, nil
}

// trusts reports whether a gateway may get the password because of the server that named
// it: it lies under the same registrable domain, is that server, or both are this machine.
func (f *Finder) trusts(host string) bool {
	asked, err := hostOf(f.url.Hostname())
	if err != nil {
		return false
	}
	asked = strings.Trim(asked, "[]")
	switch {
	case origin.Loopback(asked):
		return origin.Loopback(host)
	case origin.Local(host):
		return false
	case asked == host:
		return true
	case isIP(asked), isIP(host):
		return false
	}
	ours, err := publicsuffix.EffectiveTLDPlusOne(asked)
	if err != nil {
		return false
	}
	theirs, err := publicsuffix.EffectiveTLDPlusOne(host)
	return err == nil && ours == theirs
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
