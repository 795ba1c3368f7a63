package proxy

import (
	"cmp"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/proxy/internal/allow"
)

// The defaults of Config.
const (
	DefaultMaxRequests = 1000
	DefaultStall       = 30 * time.Second
)

// Config says which offices are served, and to whom.
type Config struct {
	// Offices are served; at least one is required.
	Offices []Office

	// Hosts are names by which the proxy is called, without a port, besides those of this
	// machine (localhost, 127.0.0.1, [::1]), the address that a connection was made to, and
	// those of the Offices. A request for another Host is refused, as a page of a web site
	// could make one for a name that leads here (DNS rebinding). It is not looked at on a unix
	// socket.
	Hosts []string

	// Keys are asked who may use the proxy; nil means that everybody may who can connect from
	// this machine. Without them nobody else is served: connections to an address that is not
	// loopback are refused.
	Keys *Keys

	// Allow lists what may be asked for; none means everything. Each is a path, or, with a
	// slash at the end, all paths below it, and may have methods before it:
	//
	//	/api/v1/Akten/
	//	GET,HEAD /employees
	//
	// GET stands for HEAD too. Letter case counts. Where there is a list, a path that servers
	// may read in more than one way is refused: with dot segments, empty segments, backslashes,
	// semicolons, escaped slashes, anything that is escaped twice.
	Allow []string

	// MaxRequests is how many requests may be under way, and MaxOffice how many of them to one
	// office; more are answered with status 503. 0 means DefaultMaxRequests, and half of
	// MaxRequests if there are several offices, else all. Negative numbers are an error.
	MaxRequests, MaxOffice int

	// OfficeStall is how long nothing may move between the proxy and an office: neither a body
	// on its way there, nor the answer, nor, before that, the token. ClientStall is how long a
	// read from a client, or a write to it, may take. 0 means DefaultStall, negative means no
	// bound. How long a whole request takes is not bounded.
	OfficeStall, ClientStall time.Duration

	// Logger gets a record for each request that the proxy has answered itself, at Warn if that
	// was due to an office, else at Debug; nil means slog.Default().
	Logger *slog.Logger
}

// Office is one Kanzlei. An office with neither Prefix nor Hosts gets what no other one does;
// there may be one such office.
type Office struct {
	// Name is what the office is called in errors and in logs; required, and each once.
	Name string
	// Client calls its API. The proxy does not close it; required. If its Config has a Base,
	// that should leave compressed answers as they are (http.Transport.DisableCompression).
	Client *client.Client
	// Prefix is how paths for this office begin, such as /muster, which is taken off; empty
	// means with anything. It consists of letters, digits, dots, dashes, underscores and
	// tildes, between slashes.
	Prefix string
	// Hosts are names, without a port, by which clients call the proxy if they mean this
	// office; none means any. With a Prefix too, both must fit.
	Hosts []string
	// Answered is called when the header of an answer of the office has come, with the time
	// since the request came; nil calls nothing. Requests wait for it, several at once.
	Answered func(took time.Duration)
}

// isHost reports whether name is one of a host, of which something is left to compare: a Host
// that cannot be read counts as empty.
func isHost(name string) bool {
	addr, err := netip.ParseAddr(hostKey(name))
	return err == nil && addr.Zone() == "" || hostForm.MatchString(name) && hostKey(name) != ""
}

func (c *Config) setDefaults() {
	c.MaxRequests = cmp.Or(c.MaxRequests, DefaultMaxRequests)
	if c.MaxOffice == 0 {
		c.MaxOffice = c.MaxRequests
		if len(c.Offices) > 1 {
			c.MaxOffice = max(1, c.MaxRequests/2)
		}
	}
	c.OfficeStall = cmp.Or(c.OfficeStall, DefaultStall)
	c.ClientStall = cmp.Or(c.ClientStall, DefaultStall)
	c.Logger = cmp.Or(c.Logger, slog.Default())
}

var (
	prefixForm = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)
	hostForm   = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
)

// check reports every problem, and returns the list of what is allowed.
func (c *Config) check() (allow.List, error) {
	p := conf.New("proxy: ")
	p.Required("Offices", len(c.Offices) == 0)
	p.If(c.MaxRequests < 0, "MaxRequests must not be negative")
	p.If(c.MaxOffice < 0, "MaxOffice must not be negative")
	for _, name := range c.Hosts {
		p.If(!isHost(name), "Hosts: %q is not the name of a host: write it without a scheme and a port", name)
	}
	names, places := make(map[string]bool), make(map[string]string)
	for i, o := range c.Offices {
		p.If(o.Name == "", "Offices[%d].Name is required", i)
		p.If(o.Name != "" && names[o.Name], "Offices: %q is there twice", o.Name)
		names[o.Name] = true
		p.If(o.Client == nil, "Offices[%d] (%s).Client is required", i, o.Name)
		if o.Client != nil {
			_, made := o.Client.HTTPClient().Transport.(*client.Transport)
			p.If(!made, "Offices[%d] (%s).Client was not made by client.New", i, o.Name)
		}
		dots := strings.Contains(o.Prefix+"/", "/./") || strings.Contains(o.Prefix+"/", "/../")
		p.If(o.Prefix != "" && (dots || !prefixForm.MatchString(o.Prefix)),
			"Offices[%d] (%s).Prefix: %q must begin with a slash, not end in one, and have letters, digits and -._~ between", i, o.Name, o.Prefix)
		hosts := o.Hosts
		if len(hosts) == 0 {
			hosts = []string{""}
		}
		for _, host := range hosts {
			p.If(len(o.Hosts) > 0 && !isHost(host), "Offices[%d] (%s).Hosts: %q is not the name of a host: write it without a scheme and a port", i, o.Name, host)
			place := hostKey(host) + o.Prefix
			if other, taken := places[place]; taken {
				p.If(true, "Offices: %s and %s are both served under the host %q and the prefix %q", other, o.Name, host, o.Prefix)
			}
			places[place] = o.Name
		}
	}
	list, problems := allow.Parse(c.Allow)
	for _, problem := range problems {
		p.If(true, "Allow: %s", problem)
	}
	return list, p.Err()
}
