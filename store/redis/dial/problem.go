package dial

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/advoware-go/advoware/internal/origin"
)

// Problem is a field of a [Config] and what is wrong with it, free of secrets.
type Problem struct {
	Field string // the first one, if fields contradict each other
	Text  string // what follows the name of the field
}

// problems is the list that checks append to. Texts name other fields as Config.Field.
type problems []Problem

func (p *problems) add(bad bool, field, text string) {
	if bad {
		*p = append(*p, Problem{field, text})
	}
}

var fieldInText = regexp.MustCompile(`\bConfig\.(\w+)`)

// named returns the problems with the names that the caller has for the fields.
func (p problems) named(name func(field string) string) []Problem {
	for i := range p {
		p[i].Text = fieldInText.ReplaceAllStringFunc(p[i].Text, func(found string) string {
			return name(strings.TrimPrefix(found, "Config."))
		})
	}
	return p
}

// named returns name, or by default a function that returns "Config." and the field.
func named(name func(field string) string) func(field string) string {
	if name == nil {
		name = func(field string) string { return "Config." + field }
	}
	return name
}

// joined returns problems as one error.
func joined(all []Problem, name func(field string) string) error {
	var errs []error
	for _, p := range all {
		errs = append(errs, errors.New(name(p.Field)+" "+p.Text))
	}
	return errors.Join(errs...)
}

// Problems returns everything that is wrong with c, in the order of the checks, nil if
// nothing is. name is as in [Options]. It reads the files of certificates.
func (c Config) Problems(name func(field string) string) []Problem {
	c = c.WithDefaults()
	return c.problems().named(named(name))
}

// problems expects the defaults to be filled in.
func (c *Config) problems() problems {
	var found problems
	found.add(c.Timeout < 0, "Timeout", "must not be negative")
	for _, f := range []struct{ field, value string }{
		{"Username", c.Username}, {"Password", c.Password.Reveal()}, {"ServerName", c.ServerName},
	} {
		found.add(strings.Trim(f.value, "\r\n") != f.value, f.field, "begins or ends with a line end, which would be a part of it: take it off")
	}
	if c.Client != nil {
		return append(found, c.besideClient()...)
	}
	found.add(c.Port < 1 || c.Port > origin.MaxPort, "Port", fmt.Sprintf("is %d, not from 1 to %d", c.Port, origin.MaxPort))
	found.add(*c.DB < 0, "DB", "must not be negative")
	switch _, port, ok := origin.SplitAddress(c.Host); {
	case !ok:
		return append(found, Problem{"Host", "is neither a host nor the path of a socket: a URL is written as Config.URL"})
	case port != 0:
		return append(found, Problem{"Host", fmt.Sprintf("names port %d, but Config.Port is %d: set one of the two", port, c.Port)})
	}
	target, problems := c.target()
	found = append(found, problems...)
	if target == nil || c.AllowRemote {
		return found
	}
	field, hint := "Host", "set Config.TLS"
	if !c.URL.IsZero() {
		field, hint = "URL", "use rediss://"
	}
	for _, addr := range target.addrs {
		if !target.mayName(addr) {
			found.add(true, field, fmt.Sprintf("%v: %s, or allow it by Config.AllowRemote", errRemote, hint))
			break
		}
	}
	return found
}
