package metric_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/status"
)

func TestNamesKeepToTheRulesOfOpenTelemetry(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^advoware(\.[a-z]+(_[a-z]+)*)+$`)
	unit := regexp.MustCompile(`^(s|\{[a-z]+\})$`)
	seen := make(map[string]bool)
	for _, m := range metric.Table() {
		last := m.Name[strings.LastIndexAny(m.Name, "._")+1:]
		switch {
		case !name.MatchString(m.Name), strings.HasSuffix(last, "s"), last == "total":
			t.Errorf("%q is no name: lower case, dots, singular, no total", m.Name)
		case !unit.MatchString(m.Unit):
			t.Errorf("%s has the unit %q", m.Name, m.Unit)
		case seen[m.Name]:
			t.Errorf("%s is there twice", m.Name)
		case !strings.HasSuffix(m.Description, "."):
			t.Errorf("%s is described as %q", m.Name, m.Description)
		case (m.Kind == metric.Histogram) != (m.Bounds != nil):
			t.Errorf("%s has the bounds %v", m.Name, m.Bounds)
		}
		seen[m.Name] = true
		for _, key := range m.Attributes {
			if key != metric.ErrorType && !name.MatchString(key) {
				t.Errorf("%s has the attribute %q", m.Name, key)
			}
		}
	}
}

// full is a snapshot in which each figure is another one.
func full() metric.Snapshot {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	var took metric.Distribution
	took.Add(1.2)
	return metric.Snapshot{
		At: now,
		Status: status.Client{
			Token: status.Token{
				State: status.Due, Expiry: now.Add(100 * time.Second), Fingerprint: "f00d",
				Failure: &status.Failure{Refused: true, NextAttempt: now.Add(time.Second)},
			},
			Redis: &status.Redis{Since: now, PendingWrites: 3}, Discovered: now.Add(-7 * time.Second),
		},
		Calls: metric.Calls{
			Calls: 11, Unauthorized: 12,
			Lookups: []metric.Lookup{
				{Origin: "near", Outcome: "hit", Count: 13},
				{Origin: "none", Outcome: "failed", ErrorType: metric.ErrorRefused, Count: 14},
			},
			Rejections: map[metric.Rejection]uint64{metric.Spared: 15},
		},
		Token: metric.Token{
			Fetches:    map[string]metric.Distribution{"": took, metric.ErrorTimeout: {}},
			Rejections: map[metric.Rejection]uint64{metric.Dropped: 16}, Renewals: map[metric.Renewal]uint64{metric.Lapsed: 17},
			LeaseWaits: 18, LeaseWaited: 1900 * time.Millisecond,
		},
		Stores: metric.Stores{Near: true, Far: true, NearTokens: 20, NearEvicted: 21, NearRejected: 22, FarErrors: 23, Pushes: 24},
	}
}

func TestPointsShowTheSnapshot(t *testing.T) {
	t.Parallel()
	var got []string
	for _, m := range metric.Table() {
		for _, p := range m.Points(full()) {
			if p.Value == 0 && p.Durations.Count() == 0 {
				continue
			}
			line := m.PrometheusName()
			for _, a := range p.Attributes {
				line += fmt.Sprintf(" %s=%s", a.Key, a.Value)
			}
			if m.Kind == metric.Histogram {
				line += fmt.Sprintf(" %v %v", p.Durations.Counts, p.Durations.Sum)
			} else {
				line += fmt.Sprint(" ", p.Value)
			}
			got = append(got, line)
		}
	}
	want := []string{
		"advoware_call_total 11",
		"advoware_api_unauthorized_total 12",
		"advoware_client_state advoware.client.state=due 1",
		"advoware_token_lookup_total advoware.lookup.origin=near advoware.lookup.outcome=hit 13",
		"advoware_token_lookup_total advoware.lookup.origin=none advoware.lookup.outcome=failed error.type=refused 14",
		"advoware_token_fetch_duration_seconds [0 0 0 0 0 1 0 0 0 0 0 0] 1.2",
		"advoware_token_remaining_life_seconds 100",
		"advoware_token_refused 1",
		"advoware_token_rejection_total advoware.rejection.outcome=dropped 16",
		"advoware_token_rejection_total advoware.rejection.outcome=spared 15",
		"advoware_token_renewal_total advoware.renewal.outcome=lapsed 17",
		"advoware_lease_wait_total 18",
		"advoware_lease_wait_time_seconds_total 1.9",
		"advoware_discovery_age_seconds 7",
		"advoware_store_far_error_total 23",
		"advoware_store_far_pending_write 3",
		"advoware_store_far_push_total 24",
		"advoware_store_near_token 20",
		"advoware_store_near_eviction_total advoware.eviction.kind=evicted 21",
		"advoware_store_near_eviction_total advoware.eviction.kind=rejected 22",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a client does not have is not measured, rather than 0.
func TestNothingIsSaidOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	var none []string
	for _, m := range metric.Table() {
		if len(m.Points(metric.Snapshot{})) == 0 {
			none = append(none, m.Name)
		}
	}
	want := []string{
		"advoware.token.lookup", // of a snapshot that no client made
		"advoware.discovery.age", "advoware.store.far.up", "advoware.store.far.error", "advoware.store.far.pending_write",
		"advoware.store.far.push", "advoware.store.near.token", "advoware.store.near.eviction",
	}
	if diff := cmp.Diff(want, none); diff != "" {
		t.Error(diff)
	}
}

func TestPointsHaveTheAttributesOfTheTable(t *testing.T) {
	t.Parallel()
	for _, m := range metric.Table() {
		points := append(m.Points(full()), m.Points(metric.Snapshot{})...)
		for _, p := range points {
			for _, a := range p.Attributes {
				if !slices.Contains(m.Attributes, a.Key) || a.Value == "" {
					t.Errorf("%s has the attribute %v, the table has %v", m.Name, a, m.Attributes)
				}
			}
		}
	}
}

func TestDistribution(t *testing.T) {
	t.Parallel()
	var d metric.Distribution
	for _, seconds := range []float64{0, 0.1, 0.11, 30, 31} {
		d.Add(seconds)
	}
	if want := [...]uint64{2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}; d.Counts != want || d.Count() != 5 || d.Sum != 61.21 {
		t.Errorf("%+v, want %v, 5 of 61.21 s", d, want)
	}
}

// docs/telemetry.md has each measurement, and no other.
func TestTableIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[metric.Kind]string{metric.Counter: "counter", metric.UpDownCounter: "up-down counter", metric.Gauge: "gauge", metric.Histogram: "histogram"}
	var want []string
	for _, m := range metric.Table() {
		var keys []string
		for _, key := range m.Attributes {
			keys = append(keys, "`"+key+"`")
		}
		want = append(want, fmt.Sprintf("| `%s` | %s, `%s` | %s | %s |", m.Name, kinds[m.Kind], m.Unit, strings.Join(keys, ", "), m.Description))
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `advoware.") && strings.Count(line, "|") == 5 {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, m := range metric.Table() {
		for _, p := range append(m.Points(full()), m.Points(metric.Snapshot{})...) {
			for _, a := range p.Attributes {
				if a.Key != metric.ErrorType && !strings.Contains(string(text), "`"+a.Value+"`") {
					t.Errorf("the value %q of %s is not documented", a.Value, a.Key)
				}
			}
		}
	}
}
