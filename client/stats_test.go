package client_test

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/clienthook"
)

func TestStats(t *testing.T) {
	w := start(t, setup{client: func(c *client.Config) { clienthook.Attach(c, clienthook.Stores{Errors: func() uint64 { return 7 }}) }})
	expect := func(step string, want client.Stats) {
		t.Helper()
		want.StoreErrors = 7
		if diff := cmp.Diff(want, w.Stats()); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
	}
	expect("new", client.Stats{})
	w.warm(t)
	expect("a first call waits", client.Stats{Calls: 1, TokenWaits: 1, TokenFetches: 1})
	for range 3 {
		w.warm(t)
	}
	expect("others do not", client.Stats{Calls: 4, TokenHits: 3, TokenWaits: 1, HitRate: 0.75, TokenFetches: 1})
	_ = w.get(t.Context(), "/nowhere")
	expect("failed", client.Stats{Calls: 5, TokenHits: 4, TokenWaits: 1, HitRate: 0.8, TokenFetches: 1})
	_ = w.get(t.Context(), "http://elsewhere.test")
	expect("not sent", client.Stats{Calls: 5, TokenHits: 4, TokenWaits: 1, HitRate: 0.8, TokenFetches: 1})
	w.fake.RevokeAll()
	w.warm(t)
	expect("a retry looks up twice", client.Stats{Calls: 6, TokenHits: 5, TokenWaits: 2, HitRate: 5.0 / 7, TokenFetches: 2, API401: 1})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/employees/1"})
	w.warm(t)
	expect("so does a redirect", client.Stats{Calls: 7, TokenHits: 7, TokenWaits: 2, HitRate: 7.0 / 9, TokenFetches: 2, API401: 1})
	for range 2 {
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
	}
	_ = w.get(t.Context(), "/employees")
	expect("both 401s", client.Stats{Calls: 8, TokenHits: 8, TokenWaits: 3, HitRate: 8.0 / 11, TokenFetches: 3, API401: 3})
}

func TestMetricsOfCalls(t *testing.T) {
	w := start(t, setup{client: func(c *client.Config) {
		clienthook.Attach(c, clienthook.Stores{Metrics: func() metric.Stores { return metric.Stores{Near: true, NearTokens: 7} }})
	}})
	w.warm(t)
	w.warm(t)
	w.fake.RevokeAll()
	w.warm(t)
	for range 2 {
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
	}
	_ = w.get(t.Context(), "/employees")
	w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
	w.fake.RevokeAll()
	_ = w.get(t.Context(), "/employees")
	s := w.Metrics()
	got := make(map[string]float64)
	for _, m := range metric.Table() {
		for _, p := range m.Points(s) {
			name := m.Name
			for _, a := range p.Attributes {
				name += " " + a.Value
			}
			if v := p.Value + float64(p.Durations.Count()); v != 0 && m.Unit != "s" || m.Kind == metric.Histogram && v != 0 {
				got[name] = v
			}
		}
	}
	want := map[string]float64{
		"advoware.call": 5, "advoware.api.unauthorized": 4, "advoware.client.state failed": 1,
		"advoware.token.lookup near hit": 4, "advoware.token.lookup fetched waited": 3, "advoware.token.lookup none failed unavailable": 1,
		"advoware.token.fetch.duration": 3, "advoware.token.fetch.duration unavailable": 1,
		"advoware.token.rejection dropped": 3, "advoware.token.rejection second": 1,
		"advoware.store.near.token": 7,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A client whose first token is there already has hits alone, one that waits for it half as many.
func TestStatsOfOneHit(t *testing.T) {
	w := start(t, setup{})
	if _, err := w.source.Token(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	w.warm(t)
	if diff := cmp.Diff(client.Stats{Calls: 1, TokenHits: 1, HitRate: 1, TokenFetches: 1}, w.Stats()); diff != "" {
		t.Error(diff)
	}
	w = start(t, setup{})
	w.warm(t)
	w.warm(t)
	if diff := cmp.Diff(client.Stats{Calls: 2, TokenHits: 1, TokenWaits: 1, HitRate: 0.5, TokenFetches: 1}, w.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestStatsWithoutTokens(t *testing.T) {
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
	for range 2 {
		_ = w.get(t.Context(), "/employees")
	}
	if diff := cmp.Diff(client.Stats{Calls: 2, TokenWaits: 2, TokenFetches: 1}, w.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestStatsOfSharedWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{fake: clienttest.Options{TokenLatency: time.Second}})
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { _ = w.get(t.Context(), "/employees") })
		}
		all.Wait()
		if diff := cmp.Diff(client.Stats{Calls: 10, TokenWaits: 10, TokenFetches: 1}, w.Stats()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStatsAddUp(t *testing.T) {
	w := start(t, setup{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for i := range 20 {
				_ = w.get(t.Context(), "/employees")
				if i == 10 {
					w.fake.RevokeAll()
				}
				if s := w.Stats(); s.HitRate < 0 || s.HitRate > 1 {
					t.Errorf("hit rate %v", s.HitRate)
				}
			}
		})
	}
	all.Wait()
	s, n := w.Stats(), w.fake.Counts()
	if s.Calls != 400 || s.API401 != uint64(n.Unauthorized) || s.TokenFetches != uint64(n.TokenRequests) {
		t.Errorf("%+v, but the server saw %+v", s, n)
	}
	if lookups := s.TokenHits + s.TokenWaits; s.HitRate != float64(s.TokenHits)/float64(lookups) || lookups < uint64(n.APICalls) {
		t.Errorf("%+v: lookups do not add up to %d requests", s, n.APICalls)
	}
}

// Programs read these names (contract: Command).
func TestStatsJSON(t *testing.T) {
	got, err := json.Marshal(client.Stats{Calls: 1, TokenHits: 2, TokenWaits: 3, HitRate: 0.4, TokenFetches: 5, API401: 6, StoreErrors: 7})
	const want = `{"calls":1,"token_hits":2,"token_waits":3,"hit_rate":0.4,"token_fetches":5,"api_401":6,"redis_errors":7}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}
