package office

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/probe"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// side is what is reached: the gateway, or the API.
type side struct {
	name, variable string
	own            bool // an office's own server, not one of the vendor's
	discovered     bool // the vendor named it
}

// The checks of a way, in their order.
const (
	addressCheck     = "address"
	portCheck        = "port"
	certificateCheck = "certificate"
	answerCheck      = "answer"
)

// reach reports how far a request came.
func (o *Office) reach(s side, r probe.Result, report func(check.Check)) {
	stages := []struct {
		stage probe.Stage
		name  string
		ok    string
		wrong func(side, probe.Result, *check.Check)
	}{
		{probe.Name, addressCheck, r.URL.Host, wrongName},
		{probe.Port, portCheck, connected(r), wrongPort},
		{probe.Handshake, certificateCheck, "", o.wrongHandshake},
		{probe.Exchange, answerCheck, "", wrongExchange},
	}
	for _, at := range stages {
		c := check.Check{Name: at.name, Status: check.OK, Saw: at.ok}
		switch {
		case at.stage > r.Stage:
			c.Status, c.Saw = check.Skipped, "not reached"
		case at.stage == r.Stage:
			c.Status = check.Failure
			at.wrong(s, r, &c)
		case at.stage == probe.Handshake:
			o.certificate(s, r, &c)
		case at.stage == probe.Exchange:
			answered(s, r, &c)
		}
		report(c)
	}
}

// connected says what was connected to.
func connected(r probe.Result) string {
	switch {
	case r.Proxy != "":
		return "open, by the proxy " + r.Proxy
	case r.Addr != "":
		return "open (" + r.Addr + ")"
	}
	return "open"
}

func wrongName(s side, r probe.Result, c *check.Check) {
	host, whose := r.URL.Hostname(), s.variable
	if r.Proxy != "" {
		host, whose = r.Proxy, roundtrip.ProxyVariable(r.URL)
	}
	c.Want = "a name that this machine can look up"
	var name *net.DNSError
	switch found := errors.As(r.Err, &name); {
	case found && name.IsNotFound:
		c.Saw = "there is no host with the name " + host
		c.Hint = "check the name servers of this machine, and the spelling of " + whose + " if it is set"
		if s.discovered {
			c.Hint = "the vendor names this host: ask the office whether its name is known outside, and check the name servers of this machine"
		}
	case errors.Is(r.Err, probe.ErrTime), found && name.IsTimeout:
		c.Saw = "the name servers of this machine do not answer for " + host
		c.Hint = "check the network and the name servers of this machine (/etc/resolv.conf)"
	default:
		c.Saw = host + " cannot be looked up: " + r.Err.Error()
		c.Hint = "check the network and the name servers of this machine (/etc/resolv.conf)"
	}
}

func wrongPort(s side, r probe.Result, c *check.Check) {
	at := hostPort(r.URL)
	c.Want = "a connection to " + at
	var refused *roundtrip.ProxyError
	var wrong *roundtrip.VariableError
	switch {
	case errors.As(r.Err, &wrong):
		c.Saw, c.Want, c.Hint = wrong.Error(), "http://host:port", "correct "+wrong.Name+", or unset it: nothing was sent"
		return
	case errors.As(r.Err, &refused):
		c.Saw = refused.Error()
		c.Hint = "have CONNECT to " + at + " permitted there, or exempt the host: NO_PROXY=" + r.URL.Hostname()
		if refused.Status == http.StatusProxyAuthRequired {
			c.Hint = "the proxy wants a login: " + roundtrip.ProxyVariable(r.URL) + "=http://user:password@" + refused.Proxy
		}
		return
	case errors.Is(r.Err, origin.ErrInsecure):
		c.Saw, c.Hint = r.Err.Error(), "correct the name in "+s.variable+", or in the hosts file"
		return
	case r.Proxy != "":
		at, c.Want = r.Proxy, "a connection to the proxy "+r.Proxy
		c.Hint = "correct or unset " + roundtrip.ProxyVariable(r.URL) + ", or exempt the host: NO_PROXY=" + r.URL.Hostname()
	}
	hint := ""
	switch {
	case errors.Is(r.Err, errRefused):
		c.Saw = at + " refuses the connection: nothing listens there, or a firewall rejects it"
		hint = listens(s, r.URL)
	case errors.Is(r.Err, probe.ErrTime), os.IsTimeout(r.Err):
		c.Saw = fmt.Sprintf("%s does not answer within %v: a firewall swallows the packets, or the host is off", at, probeWait)
		hint = "have outgoing TCP to " + at + " let through" + unusual(r.URL)
	case errors.Is(r.Err, errNoNet), errors.Is(r.Err, errNoWay):
		c.Saw = "there is no way to " + at + ": " + lastWords(r.Err)
		hint = "check the network, the routes and the VPN of this machine"
	default:
		c.Saw = at + ": " + r.Err.Error()
		hint = "check " + s.variable + " and the firewall for " + at
	}
	if c.Hint == "" {
		c.Hint = hint
	}
}

// listens says what to do if nothing listens.
func listens(s side, u *url.URL) string {
	if s.own {
		hint := "ask the office whether its server is on and its router passes port " + port(u) + " on"
		if !s.discovered {
			hint += ", and check " + s.variable
		}
		return hint + unusual(u)
	}
	return "check the host and the port in " + s.variable + unusual(u)
}

// unusual adds that a port is one that is often blocked.
func unusual(u *url.URL) string {
	if p := port(u); p != "443" && p != "80" {
		return " (port " + p + " is blocked by many firewalls, which let out 80 and 443 only)"
	}
	return ""
}

func wrongExchange(s side, r probe.Result, c *check.Check) {
	c.Want = "an answer within " + probeWait.String()
	switch {
	case errors.Is(r.Err, probe.ErrTime):
		c.Saw = fmt.Sprintf("%s takes the connection and does not answer within %v", hostPort(r.URL), probeWait)
		c.Hint = "the server hangs, or something on the way holds the answer up: try again, then ask " + keeper(s)
	default:
		c.Saw = hostPort(r.URL) + " does not answer in HTTP: " + r.Err.Error()
		c.Hint = "check " + s.variable + ": another program may listen there, or one that speaks https"
	}
}

// answered examines an answer to a request that says nothing of anybody.
func answered(s side, r probe.Result, c *check.Check) {
	c.Saw = fmt.Sprintf("status %d in %v", r.Status, r.After.Round(time.Millisecond))
	switch {
	case r.Elsewhere != "":
		c.Status, c.Want = check.Warning, "an answer of "+hostPort(r.URL)
		c.Saw += ", which redirects to " + r.Elsewhere
		c.Hint = "check " + s.variable + "; a login page on the way (a proxy, a hotspot) does the same"
	case r.Status == http.StatusProxyAuthRequired:
		c.Status, c.Want, c.Hint = check.Failure, "an answer of "+hostPort(r.URL), "the proxy wants a login: "+roundtrip.ProxyVariable(r.URL)+"=http://user:password@HOST:PORT"
	case r.Status >= 500:
		c.Status, c.Want, c.Hint = check.Warning, "a server that can answer", "it is up and has trouble of its own: try again later, then ask "+keeper(s)
	}
}

// keeper is who answers for a server.
func keeper(s side) string {
	if s.own {
		return "the office"
	}
	return "the vendor"
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

func hostPort(u *url.URL) string { return net.JoinHostPort(u.Hostname(), port(u)) }

// lastWords is the end of an error, where the system speaks.
func lastWords(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+len(": "):]
}
