package doctor_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/secret"
)

// groupsOf are the groups of a report, in their order.
func groupsOf(r doctor.Report) (names []string) {
	for _, c := range r.Checks {
		if len(names) == 0 || names[len(names)-1] != c.Group {
			names = append(names, c.Group)
		}
	}
	return names
}

var allGroups = []string{"configuration", "clock", "discovery", "gateway", "API", "Redis", "token", "fleet"}

// A service looks at its own configuration, also in memory, and at what cannot be one.
func TestRunOfALibrary(t *testing.T) {
	cfg, fake := advowaretest.Config(t, clienttest.Options{Database: "KANZLEI", InMemory: true})
	r := doctor.Run(t.Context(), cfg)
	if diff := cmp.Diff(allGroups, groupsOf(r)); diff != "" || !r.OK || r.Version != doctor.Version {
		t.Errorf("%s\n%s", diff, r)
	}
	want{"configuration", "settings", doctor.OK, nil, nil}.in(t, r)
	want{"API", "answer", doctor.OK, nil, nil}.in(t, r)
	want{"gateway", "token request", doctor.OK, nil, nil}.in(t, doctor.Options{Fetch: true}.Run(t.Context(), cfg))

	for name, change := range map[string]func(*advoware.Config){
		"nothing": func(c *advoware.Config) {
			*c = advoware.Config{Store: advoware.StoreMemory, BaseURL: c.BaseURL, TokenURL: c.TokenURL}
		},
		"no password":  func(c *advoware.Config) { c.Password = secret.String{} },
		"a bad URL":    func(c *advoware.Config) { c.BaseURL = "nowhere" },
		"a bad store":  func(c *advoware.Config) { c.Store = "floppy" },
		"a line end":   func(c *advoware.Config) { c.User = "MM\n" },
		"closed store": func(c *advoware.Config) { c.Shared = new(advoware.Stores) },
	} {
		bad := cfg
		change(&bad)
		r := doctor.Options{Fetch: true, Endpoint: "/x"}.Run(t.Context(), bad)
		if diff := cmp.Diff(allGroups, groupsOf(r)); diff != "" || r.OK || !slices.Contains(failures(r), "configuration: settings") {
			t.Errorf("%s: %s\n%s", name, diff, r)
		}
	}
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests", n)
	}
}

// What clients share is looked into, and stays open.
func TestRunOfSharedStores(t *testing.T) {
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	stores, err := advoware.OpenStores(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	cfg.Shared = stores
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := client.Get[json.RawMessage](t.Context(), c, "/employees", nil); err != nil {
		t.Fatal(err)
	}
	r := doctor.Run(t.Context(), cfg)
	want{"token", "near", doctor.OK, nil, nil}.in(t, r)
	if _, err := client.Get[json.RawMessage](t.Context(), c, "/employees", nil); err != nil || !r.OK {
		t.Errorf("%v\n%s", err, r)
	}
}

// Interrupted before it begins, or with a deadline that is near, it says so and is not OK.
func TestRunInterrupted(t *testing.T) {
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	r := doctor.Run(ctx, cfg)
	for _, c := range r.Checks {
		if c.Status != doctor.Skipped || c.Saw != "interrupted" {
			t.Errorf("%+v", c)
		}
	}
	if diff := cmp.Diff(allGroups, groupsOf(r)); diff != "" || r.OK || !strings.Contains(r.Short(), "not ok") || !strings.Contains(r.Short(), "interrupted") {
		t.Errorf("%s\n%s", diff, r.Short())
	}
}

// With everything dead at once it ends in time all the same.
func TestEverythingHangs(t *testing.T) {
	t.Parallel()
	o := startOffice(t, clienttest.Options{})
	o.Inject(clienttest.Fault{On: clienttest.API, Hang: true, Times: -1})
	o.Inject(clienttest.Fault{On: clienttest.DiscoveryEndpoint, Hang: true, Times: -1})
	began := time.Now()
	env := append(o.discovered(t), "ADVOWARE_DISCOVERY=auto", "ADVOWARE_API_BASE_URL="+o.BaseURL(), "ADVOWARE_TOKEN_URL="+o.TokenURL())
	r := doctor.Options{Fetch: true, Endpoint: "/x"}.RunEnv(t.Context(), env)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	want{"API", "answer", doctor.Failure, []string{"does not answer within"}, nil}.in(t, r)
	if diff := cmp.Diff(allGroups, groupsOf(r)); diff != "" {
		t.Error(diff)
	}
}

// As JSON a report is one object with the documented names, and no null.
func TestReportInJSON(t *testing.T) {
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	text, err := json.Marshal(doctor.Run(t.Context(), cfg))
	var got struct {
		Version *int
		OK      *bool
		Checks  []map[string]string
	}
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	if err != nil || got.Version == nil || got.OK == nil || len(got.Checks) == 0 || strings.Contains(string(text), "null") {
		t.Fatalf("%v: %s", err, text)
	}
	for _, c := range got.Checks {
		for _, name := range []string{"group", "name", "status", "saw", "want", "hint"} {
			if _, there := c[name]; !there {
				t.Errorf("%v has no %s", c, name)
			}
		}
	}
}
