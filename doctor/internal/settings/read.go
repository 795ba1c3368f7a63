// Package settings looks at what the environment says: what cannot be used, what is written in
// a way that other programs read otherwise, and what nobody reads.
//
// [Read] makes a configuration of it as far as that can be, so that all else can still be
// looked at. Of values it keeps none, and shows none that may be a secret.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package settings

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/doctor/internal/check"
)

// Group is the name of the group of checks.
const Group = "configuration"

// Environment is what was found in one.
type Environment struct {
	// Config is what the variables say; those that are in Bad count as not set, and what is
	// required has something made up. It is of no use if Lost is set.
	Config advoware.Config
	Lost   bool

	// Secrets are the texts that must not be shown. They print as themselves.
	Secrets []string

	redis bool              // a variable says something about Redis
	bad   map[string]string // what is wrong with each variable that cannot be used
	found []check.Check
}

// secrets are the variables that hold one.
var secrets = []string{"ADVOWARE_API_KEY", "ADVOWARE_PASSWORD", "ADVOWARE_TOKEN_SEAL_KEYS", "REDIS_PASSWORD", "REDIS_URL"}

// Read reads variables, each NAME=value, of which the last counts.
func Read(environ []string, kind advoware.StoreKind) *Environment {
	vars := make(map[string]string, len(environ))
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			vars[name] = value
		}
	}
	e := &Environment{bad: make(map[string]string)}
	for _, name := range Variables {
		e.redis = e.redis || strings.HasPrefix(name, "REDIS_") && vars[name] != ""
	}
	for _, name := range secrets {
		e.Secrets = append(e.Secrets, vars[name])
	}
	e.read(vars, kind)
	near := unread(vars)
	e.problems(near)
	e.found = append(e.found, odd(vars, e.bad)...)
	e.found = append(e.found, near.checks()...)
	return e
}

// Bad returns why the first of the variables that begin with one of the prefixes cannot be
// used, "" if all can.
func (e *Environment) Bad(prefixes ...string) string {
	if e == nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(e.bad)) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				return name + " " + e.bad[name]
			}
		}
	}
	return ""
}

// NamesRedis reports whether a variable says something about Redis, be it the default.
func (e *Environment) NamesRedis() bool { return e == nil || e.redis }

// Checks returns what was found out about the variables.
func (e *Environment) Checks() []check.Check { return slices.Clone(e.found) }

// madeUp stands for what is required and cannot be used. Nothing is sent with it.
var madeUp = map[string]string{
	"ADVOWARE_APP_ID": "unknown", "ADVOWARE_API_KEY": "AAAA", "ADVOWARE_KANZLEI": "unknown", "ADVOWARE_DATABASE": "UNKNOWN",
	"ADVOWARE_USER": "unknown", "ADVOWARE_PASSWORD": "unknown",
}

// read leaves out what cannot be used, until the rest can.
func (e *Environment) read(vars map[string]string, kind advoware.StoreKind) {
	left := maps.Clone(vars)
	for range 4 {
		cfg, err := advoware.ReadEnv(func(name string) string { return left[name] }, kind)
		var wrong *advoware.EnvError
		if !errors.As(err, &wrong) {
			e.Config, e.Lost = cfg, err != nil
			return
		}
		for _, p := range wrong.Problems {
			if _, again := e.bad[p.Variable]; again {
				for name := range left {
					if name != p.Variable && family(name) == family(p.Variable) { // one of them makes it wrong
						delete(left, name)
					}
				}
				delete(left, p.Variable)
				continue
			}
			e.bad[p.Variable] = p.Problem
			left[p.Variable] = madeUp[p.Variable]
		}
	}
	e.Lost = true
}

// family names the settings that may make one another wrong.
func family(name string) string {
	for _, prefix := range []string{"REDIS_", "ADVOWARE_API_TLS_", "ADVOWARE_TOKEN_SEAL_KEYS", "ADVOWARE_TOKEN_KEY"} {
		if strings.HasPrefix(name, prefix) {
			return strings.TrimSuffix(strings.TrimSuffix(prefix, "SEAL_KEYS"), "KEY")
		}
	}
	return name
}

// problems says what is wrong with each variable that cannot be used, and what to do.
func (e *Environment) problems(near spellings) {
	for _, name := range slices.Sorted(maps.Keys(e.bad)) {
		c := check.Check{Group: Group, Name: name, Status: check.Failure, Saw: e.bad[name]}
		c.Want, c.Hint = wanted(name)
		if missing := strings.HasSuffix(e.bad[name], "is required"); missing {
			c.Saw = "not set"
			if name == "ADVOWARE_API_KEY" {
				c.Hint = "set it: it is in the vendor's mail; copy it whole, without quotes or line ends"
			}
			if other := near.insteadOf(name); other != "" {
				c.Hint = other + " is set, which nobody reads: rename it to " + name
			}
		} else if strings.Contains(e.bad[name], "in quotes") {
			c.Want, c.Hint = "the value without quotes", "take the quotes out of the .env file or the setting of the service: a shell takes them away, Docker and systemd's --env-file may not"
		} else if strings.Contains(e.bad[name], "UTF-8") {
			c.Want, c.Hint = "text in UTF-8", "save the .env file as UTF-8: with umlauts in another encoding (Windows-1252) it is another text"
		} else if strings.Contains(e.bad[name], "line end") {
			c.Want, c.Hint = "one line", "write the value on one line, without a line end in it"
		}
		e.found = append(e.found, c)
	}
	if len(e.bad) == 0 {
		e.found = append(e.found, check.Check{Group: Group, Name: "variables", Status: check.OK, Saw: "all that are set can be used"})
	}
}

// wanted says what a variable should be, and what to do.
func wanted(name string) (want, hint string) {
	if w, ok := wants[name]; ok {
		return w.want, w.hint
	}
	return "a value as .env.example shows it", "correct it, or take it out: it has a default"
}

var wants = map[string]struct{ want, hint string }{
	"ADVOWARE_APP_ID":   {"the App-ID", "set it: it is in the vendor's mail, and the vendor enables it for each Kanzlei"},
	"ADVOWARE_API_KEY":  {"the whole API key, in base64", "copy it again from the vendor's mail, from the first character to the last = and without quotes or line ends"},
	"ADVOWARE_KANZLEI":  {"the name of the Kanzlei, as the vendor writes it: capitals count", "set it: it is in the vendor's mail"},
	"ADVOWARE_DATABASE": {"the name of the database, in capitals", "set it: the office's administrator knows it"},
	"ADVOWARE_USER":     {"the Kürzel of an employee", "set it: the office's administrator knows it"},
	"ADVOWARE_PASSWORD": {"the password of that employee", "set it: the office's administrator sets it in Advoware"},
}
