package scenario_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/scenario"
)

// recorder is a stage that notes what is done to it.
type recorder struct{ done []string }

var errRestart = errors.New("no restart")

func (r *recorder) RevokeTokens()         { r.done = append(r.done, "revoke") }
func (r *recorder) KillRedis()            { r.done = append(r.done, "kill") }
func (r *recorder) StartRedis() error     { r.done = append(r.done, "start"); return nil }
func (r *recorder) MoveOffice() error     { r.done = append(r.done, "move"); return nil }
func (r *recorder) RestartProcess() error { r.done = append(r.done, "restart"); return errRestart }

func TestScenariosDoWhatTheySay(t *testing.T) {
	want := map[string][]string{
		"steady": nil, "cold": {"restart"}, "expiry": nil, "storm": {"revoke", "revoke"}, "outage": {"kill", "restart", "start"},
		"slow": {"restart"}, "large": nil, "tenants": nil, "discovery": {"move", "restart"}, "fleet": nil,
	}
	var names []string
	for _, s := range scenario.All() {
		names = append(names, s.Name)
		if s.Title == "" || s.Help == "" || s.Story == "" || s.Look == "" || len(s.Loads) == 0 {
			t.Errorf("%s is not described: %+v", s.Name, s)
		}
		var r recorder
		last := 0.
		for _, scene := range s.Scenes {
			if scene.At <= last || scene.At >= 1 || scene.Text == "" {
				t.Errorf("%s: %q at %v", s.Name, scene.Text, scene.At)
			}
			last = scene.At
			if scene.Do == nil {
				continue
			}
			if err := scene.Do(&r); (err != nil) != (r.done[len(r.done)-1] == "restart") {
				t.Errorf("%s: %q returns %v", s.Name, scene.Text, err)
			}
		}
		if !slices.Equal(r.done, want[s.Name]) {
			t.Errorf("%s does %v; want %v", s.Name, r.done, want[s.Name])
		}
	}
	if len(names) != len(want) || len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("the scenarios are %v", names)
	}
}

// The tokens that end together do so where the scenario says so, and a renewal of one that is used
// has ended before, however long it is played.
func TestTokensOfTenantsEndTogether(t *testing.T) {
	for _, s := range scenario.All() {
		if s.Tenants != (s.TokenEnd > 0) || s.Tenants && (len(s.Scenes) != 1 || s.Scenes[0].At != s.TokenEnd) {
			t.Errorf("%s: tenants %t, their tokens end at %v; %v", s.Name, s.Tenants, s.TokenEnd, s.Scenes)
		}
		for _, d := range []time.Duration{2500 * time.Millisecond, 15 * time.Second, 24 * time.Hour} {
			if !s.Tenants {
				break
			}
			life, takes := s.Tempo(d, time.Second)
			shared := time.Duration(s.TokenEnd*float64(d)) - life.Margin
			if takes <= 0 || takes > time.Second || takes > shared/20 || life.Lifetime < d {
				t.Errorf("in %v: %+v, and a token request of %v", d, life, takes)
			}
		}
	}
}

// However long it is played, a renewal has ended before the token disappears from
// Redis: it starts after at most 95 % of the shared life.
func TestExpiryLeavesTimeForARenewal(t *testing.T) {
	var expiry scenario.Scenario
	for _, s := range scenario.All() {
		if s.Name == "expiry" {
			expiry = s
		}
	}
	for _, d := range []time.Duration{2500 * time.Millisecond, 15 * time.Second, time.Hour} {
		life, takes := expiry.Tempo(d, time.Second)
		shared := life.Lifetime - life.Guard - life.Margin
		if takes <= 0 || takes > time.Second || takes > shared/20 || shared > d/2 || life.Lifetime > d {
			t.Errorf("in %v: %+v, and a token request of %v", d, life, takes)
		}
	}
}
