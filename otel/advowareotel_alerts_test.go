package advowareotel_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
	advowareotel "github.com/advoware-go/advoware/otel"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/redis/dial"
	"github.com/advoware-go/advoware/store/tiered"
)

func TestRulesAreValid(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command(promtool(t), "check", "rules", rulesFile).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// trouble is what makes alerts fire, after twenty minutes without.
type trouble struct {
	setup setup
	begin func(*world) // the trouble
	each  func(*world) // in each minute of it; nil means ten calls
	lasts int          // minutes; 0 means 12
	fires []string
}

func calls(n int) func(*world) {
	return func(w *world) {
		for range n {
			_ = w.call("/employees")
		}
	}
}

var troubles = map[string]trouble{
	"the gateway is down, and the token ends": {
		begin: func(w *world) { w.fake.Inject(clienttest.Fault{Status: 503, Times: -1}) },
		lasts: 60,
		fires: []string{"AdvowareNoToken", "AdvowareHitRateLow"},
	},
	"the gateway is down while the token is renewed": {
		begin: func(w *world) { w.fake.Inject(clienttest.Fault{Status: 503, Times: -1}) },
		lasts: 33, // the token has lived 53 minutes then
		fires: []string{"AdvowareRenewalFailing"},
	},
	"the password is wrong": {
		begin: func(w *world) {
			w.fake.Inject(clienttest.Fault{Refusal: clienttest.WrongPassword, Times: -1})
			w.fake.RevokeAll()
		},
		fires: []string{"AdvowareCredentialsRefused", "AdvowareNoToken", "AdvowareHitRateLow"},
	},
	"the gateway is slow": {
		begin: func(w *world) {
			w.fake.Inject(clienttest.Fault{Delay: 9 * time.Second, Times: -1})
			w.fake.RevokeAll()
		},
		each: func(w *world) { calls(10)(w); w.fake.RevokeAll() }, lasts: 2,
		fires: []string{"AdvowareFetchSlow"},
	},
	"an endpoint refuses every token": {
		begin: func(w *world) {
			w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/", Status: 401, Times: -1})
		},
		fires: []string{"AdvowareUnauthorized", "AdvowareRejectionBudget", "AdvowareHitRateLow"},
	},
	"the vendor does not say any more where the office is": {
		setup: setup{config: func(c *advoware.Config) { c.Discovery = advoware.DiscoveryOn }},
		begin: func(w *world) {
			w.fake.Inject(clienttest.Fault{On: clienttest.DiscoveryEndpoint, Status: 503, Times: -1})
		},
		lasts: 130, each: calls(2),
		fires: []string{"AdvowareDiscoveryStale"},
	},
}

// Each trouble is made with a client and a fake in virtual time, scraped each minute, and
// what was scraped is given to Prometheus's own tool with the rules.
func TestEachTroubleFiresItsAlerts(t *testing.T) {
	t.Parallel()
	promtool(t)
	for name, tr := range troubles {
		t.Run(name, func(t *testing.T) {
			var recorded tape
			synctest.Test(t, func(t *testing.T) {
				s := tr.setup
				s.fake.InMemory, s.fake.TokenLatency = true, time.Second
				w := start(t, s)
				minute := func(do func(*world)) {
					began := time.Now()
					do(w)
					time.Sleep(time.Until(began.Add(time.Minute)))
					recorded.record(w)
				}
				for range calm {
					minute(calls(10))
				}
				tr.begin(w)
				each := tr.each
				if each == nil {
					each = calls(10)
				}
				lasts := tr.lasts
				if lasts == 0 {
					lasts = 12
				}
				for range lasts {
					minute(each)
				}
			})
			recorded.fire(t, calm-1)
			recorded.fire(t, recorded.minutes-1, tr.fires...)
		})
	}
}

const calm = 20

// calmWithRedis records minutes in which nothing is wrong, of a client that has a Redis, and
// returns what records more of them.
func calmWithRedis(t *testing.T) (server *redistest.Server, w *world, recorded *tape, minutes func(int)) {
	t.Helper()
	promtool(t)
	server = redistest.Start(t)
	w = start(t, setup{config: func(c *advoware.Config) {
		c.Store, c.Redis = advoware.StoreTiered, dial.Config{URL: secret.New("redis://" + server.Addr())}
	}})
	recorded = new(tape)
	minutes = func(n int) {
		for range n {
			calls(2)(w)
			recorded.record(w)
		}
	}
	minutes(calm)
	return server, w, recorded, minutes
}

func TestRedisThatIsDownFiresItsAlert(t *testing.T) {
	t.Parallel()
	server, w, recorded, minutes := calmWithRedis(t)
	server.Kill()
	_, _ = w.Source().Refresh(t.Context()) // a token that Redis should get
	minutes(12)
	recorded.fire(t, calm-1)
	recorded.fire(t, recorded.minutes-1, "AdvowareRedisDown")
}

func TestRedisThatTakesNothingFiresItsAlert(t *testing.T) {
	t.Parallel()
	server, w, recorded, minutes := calmWithRedis(t)
	server.Do("CONFIG", "SET", "maxmemory", "1")
	server.Do("CONFIG", "SET", "maxmemory-policy", "noeviction")
	_, _ = w.Source().Refresh(t.Context())
	minutes(12)
	recorded.fire(t, calm-1)
	recorded.fire(t, recorded.minutes-1, "AdvowarePendingWrites")
}

func TestNearStoreThatIsFullFiresItsAlert(t *testing.T) {
	t.Parallel()
	promtool(t)
	near, err := memory.New(memory.Config{Capacity: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	stores, err := advoware.UseTiers(near, far, tiered.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	var cfg advoware.Config
	w := start(t, setup{opts: advowareotel.Options{Office: "a"}, config: func(c *advoware.Config) {
		c.Store, c.Shared = advoware.StoreTiered, stores
		cfg = *c
	}})
	cfg.TokenKey, cfg.User = "another", cfg.User+"-2"
	ids := w.fake.Identities()
	ids[0].User = cfg.User
	if err := w.fake.AddIdentity(ids[0]); err != nil {
		t.Fatal(err)
	}
	other, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var recorded tape
	minutes := func(n int, do func()) {
		for range n {
			do()
			recorded.record(w)
		}
	}
	minutes(calm, func() { calls(2)(w) })
	minutes(6, func() {
		calls(2)(w)
		if _, err := other.Source().Token(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	})
	recorded.fire(t, calm-1)
	recorded.fire(t, recorded.minutes-1, "AdvowareNearStoreFull")
}

// Whoever adds an alert adds the trouble that fires it, and says what to do about it.
func TestEachAlertIsTriedAndExplained(t *testing.T) {
	t.Parallel()
	tried := []string{"AdvowareRedisDown", "AdvowarePendingWrites", "AdvowareNearStoreFull"}
	for _, tr := range troubles {
		tried = append(tried, tr.fires...)
	}
	text, rules := read(t, "../docs/telemetry.md"), read(t, rulesFile)
	for _, name := range alerts(t) {
		if !slices.Contains(tried, name) {
			t.Errorf("no test fires %s", name)
		}
		if !strings.Contains(text, "\n### "+name+"\n") || !strings.Contains(rules, "runbook: docs/telemetry.md#"+strings.ToLower(name)+"\n") {
			t.Errorf("docs/telemetry.md does not say what to do about %s, or its rule does not lead there", name)
		}
	}
}

// The program in docs/telemetry.md is part of the example, which is compiled and run.
func TestDocumentShowsTheExample(t *testing.T) {
	t.Parallel()
	_, block, ok := strings.Cut(read(t, "../docs/telemetry.md"), "\n```go\n")
	block, _, _ = strings.Cut(block, "```")
	if example := strings.ReplaceAll(read(t, "example_test.go"), "\n\t", "\n"); !ok || len(block) < 200 || !strings.Contains(example, block) {
		t.Errorf("example_test.go does not have\n%s", block)
	}
}
