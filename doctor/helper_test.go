package doctor_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/e2etest"
)

func init() { goredis.SetLogger(silent{}) }

// silent drops what go-redis says of a Redis that is not there.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// office is a fake Advoware with names as the vendor gives them, and the environment that leads
// to it.
type office struct {
	*clienttest.Server
	env []string
}

func startOffice(t *testing.T, opts clienttest.Options) *office {
	t.Helper()
	if opts.Kanzlei == "" {
		opts.Kanzlei = "Müller & Partner"
	}
	if opts.Database == "" {
		opts.Database = "MUELLER"
	}
	if opts.User == "" {
		opts.User = "MM"
	}
	o := &office{Server: clienttest.Start(t, opts)}
	o.env = append(o.Env(), "REDIS_HOST=127.0.0.1", "REDIS_PORT="+e2etest.ClosedPort(t))
	return o
}

// discovered is the environment of one that is found by discovery.
func (o *office) discovered(t *testing.T) []string {
	t.Helper()
	return append(o.DiscoveryEnv(), "ADVOWARE_DISCOVERY=on", "REDIS_HOST=127.0.0.1", "REDIS_PORT="+e2etest.ClosedPort(t))
}

// look is a run of the doctor with o's environment, where later lines count.
func (o *office) look(t *testing.T, opts doctor.Options, more ...string) doctor.Report {
	t.Helper()
	return opts.RunEnv(t.Context(), append(slices.Clone(o.env), more...))
}

// find returns a check, and fails if there is none.
func find(t *testing.T, r doctor.Report, group, name string) doctor.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Group == group && c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no check %s: %s in\n%s", group, name, r)
	return doctor.Check{}
}

// want is a finding: its words are in what was seen, wanted and is to be done.
type want struct {
	group, name string
	status      doctor.Status
	saw, hint   []string
}

func (w want) in(t *testing.T, r doctor.Report) {
	t.Helper()
	c := find(t, r, w.group, w.name)
	bad := c.Status != w.status
	for _, word := range w.saw {
		bad = bad || !strings.Contains(c.Saw, word)
	}
	for _, word := range w.hint {
		bad = bad || !strings.Contains(c.Hint, word)
	}
	if c.Status == doctor.Failure || c.Status == doctor.Warning {
		bad = bad || c.Hint == "" || c.Want == "" // whoever reads it has to know what to do
	}
	if bad {
		t.Errorf("%s: %s: %s\nsaw:  %s\nwant: %s\nhint: %s\nwanted %s, saw %q, hint %q", c.Group, c.Name, c.Status, c.Saw, c.Want, c.Hint, w.status, w.saw, w.hint)
	}
	if w.status == doctor.Failure && r.OK {
		t.Error("a report with a failure is OK")
	}
}

// failures are the checks that failed, as group: name.
func failures(r doctor.Report) (all []string) {
	for _, c := range r.Checks {
		if c.Status == doctor.Failure {
			all = append(all, c.Group+": "+c.Name)
		}
	}
	return all
}

// withoutRedis leaves out what is said of the Redis that is not there.
func withoutRedis(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "Redis: ") })
}

// portOf is the port of an address.
func portOf(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
