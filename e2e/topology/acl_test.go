package topology_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// aclLine returns the line that the documents show for a user with the least rights, with
// some of its words replaced.
func aclLine(t *testing.T, change ...string) []string {
	t.Helper()
	const begin = "ACL SETUSER advoware "
	files := append(e2etest.Must(filepath.Glob("../../docs/*.md")), "../../README.md")
	for _, file := range files {
		for line := range strings.Lines(string(e2etest.Must(os.ReadFile(file)))) {
			if strings.HasPrefix(line, begin) {
				return strings.Fields(strings.NewReplacer(append(change, ">PASSWORD", ">"+password)...).Replace(line))
			}
		}
	}
	t.Fatalf("%q: no line begins with %q", files, begin)
	return nil
}

// TestLeastRights leads the whole life of a token as a user who may do what README
// says and nothing else, and finds nothing in it that is not needed.
func TestLeastRights(t *testing.T) {
	t.Parallel()
	fake := newFake(t, clienttest.Options{})
	for name, c := range map[string]struct {
		server []string // arguments
		change []string // of the line
		url    string
	}{
		"one server": {nil, nil, "redis://advoware@%[1]s?"},
		"cluster":    {redistest.ClusterNode, []string{"+select", "+cluster|slots +command"}, "redis://advoware@%[1]s?addr=%[1]s&"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t, c.server...)
			if c.server != nil {
				srv.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
				awaitSlots(t, srv)
			}
			line := aclLine(t, c.change...)
			if got := srv.Do(line...); got != "OK" {
				t.Fatalf("%v: %v", line, got)
			}
			srv.Do("ACL", "LOG", "RESET")
			srv.Do("CONFIG", "RESETSTAT")
			url := "REDIS_URL=" + fmt.Sprintf(c.url, srv.Addr()) + unhurried
			for _, kind := range []advoware.StoreKind{advoware.StoreRedis, advoware.StoreTiered} {
				cfg := reaching(t, fake, url, "REDIS_PASSWORD="+password, "ADVOWARE_TOKEN_KEY=")
				cfg.Store = kind
				lead(t, fake, srv, cfg)
			}
			discover(t, fake, srv, url)
			if denied := srv.Do("ACL", "LOG").([]any); len(denied) > 0 {
				t.Errorf("denied: %v", denied)
			}
			var granted []string
			for _, word := range line {
				if command, ok := strings.CutPrefix(word, "+"); ok && command != "select" && command != "info" { // this test sends them too
					granted = append(granted, command)
				}
			}
			slices.Sort(granted)
			if diff := cmp.Diff(commands(srv), granted); diff != "" {
				t.Errorf("-used +granted:\n%s", diff)
			}
		})
	}
}

// lead has two doors go through what happens to a token.
func lead(t *testing.T, fake *clienttest.Server, srv *redistest.Server, cfg advoware.Config) {
	t.Helper()
	srv.Do("SCRIPT", "FLUSH") // so that scripts are sent anew
	a, b := open(t, cfg), open(t, cfg)
	mustCall(t, a)
	mustCall(t, b)
	fake.RevokeAll()
	mustCall(t, a) // a 401, a deletion, a lease, a fetch
	mustCall(t, b)
	if _, err := a.Source().Refresh(t.Context()); err != nil {
		t.Error(err)
	}
	// A process that watches says so, and makes sure from time to time that it is still
	// connected to a master. A PING alone may be that of a connection that waits for the first call.
	if cfg.Store == advoware.StoreTiered {
		waitUntil(t, "it watches", func() bool {
			mustCall(t, a)
			used := commands(srv)
			return slices.Contains(used, "client|tracking") && slices.Contains(used, "ping") && slices.Contains(used, "role")
		})
	}
	for _, c := range []interface{ Close() error }{a, b} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// discover has an office found out, and found again when it has moved.
func discover(t *testing.T, fake *clienttest.Server, srv *redistest.Server, url string) {
	t.Helper()
	id := fake.Identities()[0]
	id.Kanzlei = "with a connector of " + t.Name()
	if err := fake.AddIdentity(id); err != nil {
		t.Fatal(err)
	}
	office, err := fake.AddConnector(id.Kanzlei, clienttest.ConnectorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := reaching(t, fake, url, "REDIS_PASSWORD="+password, "ADVOWARE_TOKEN_KEY=", "ADVOWARE_KANZLEI="+id.Kanzlei,
		"ADVOWARE_API_BASE_URL=", "ADVOWARE_TOKEN_URL=", "ADVOWARE_DISCOVERY_URL="+fake.DiscoveryURL())
	srv.Do("UNLINK", "advoware_access_token", "{advoware_access_token}:meta") // which are of another office
	one := open(t, cfg)
	mustCall(t, one)
	mustCall(t, open(t, cfg)) // reads of it
	if err := office.Move(""); err != nil {
		t.Fatal(err)
	}
	mustCall(t, one)
	for _, key := range []string{"{advoware_access_token}:address", "{advoware_access_token}:address:moved"} {
		if ttl, ok := srv.Do("PTTL", key).(int64); !ok || ttl <= 0 {
			t.Errorf("%s lives for %v", key, ttl)
		}
	}
}

// commands lists what clients and scripts have run, but for what this test runs too, and
// what nobody needs a right for.
func commands(srv *redistest.Server) []string {
	used := make(map[string]bool)
	for line := range strings.Lines(fmt.Sprint(srv.Do("INFO", "commandstats"))) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls="); ok {
			used[name] = true
		}
	}
	for _, name := range []string{"info", "config|resetstat", "acl|log", "script|flush", "unlink", "select", "auth", "hello"} {
		delete(used, name)
	}
	return slices.Sorted(maps.Keys(used))
}
