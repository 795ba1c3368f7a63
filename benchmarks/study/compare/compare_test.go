package compare_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/compare"
	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// study is a round in which these latencies were measured, of a scenario of that name.
func study(scenario string, p50, p99 time.Duration) *report.Study {
	return &report.Study{Runs: []report.Run{{
		Scenario: scenario, Store: "tiered", Rate: 100, Duration: time.Second,
		Latency: report.Spread{Count: 100, P50: p50, P90: p50, P99: p99, P999: p99, Max: p99},
	}}}
}

func rounds(p99 ...time.Duration) (all []*report.Study) {
	for _, d := range p99 {
		all = append(all, study("cold", time.Millisecond, d))
	}
	return all
}

func TestVerdicts(t *testing.T) {
	const ms = time.Millisecond
	for name, tt := range map[string]struct {
		a, b   []*report.Study
		want   compare.Verdict
		beyond bool // 1.5 times
	}{
		"slower for sure":         {rounds(10*ms, 11*ms, 12*ms, 13*ms), rounds(20*ms, 21*ms, 22*ms, 23*ms), compare.Slower, true},
		"slower, but not so much": {rounds(10*ms, 11*ms, 12*ms, 13*ms), rounds(14*ms, 15*ms, 16*ms, 17*ms), compare.Slower, false},
		"faster":                  {rounds(20*ms, 21*ms, 22*ms, 23*ms), rounds(10*ms, 11*ms, 12*ms, 13*ms), compare.Faster, false},
		"no difference":           {rounds(10*ms, 12*ms, 14*ms, 16*ms), rounds(11*ms, 13*ms, 15*ms, 12*ms), compare.Same, false},
		"too few":                 {rounds(10*ms, 10*ms, 10*ms), rounds(90*ms, 90*ms, 90*ms), compare.Unknown, false},
	} {
		c, err := compare.Studies(tt.a, tt.b)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range c.Rows {
			want, beyond := tt.want, tt.beyond
			if r.Figure == "p50" || r.Figure == "p90" { // always the same
				beyond = false
				if want != compare.Unknown {
					want = compare.Same
				}
			}
			if r.Verdict != want || r.Beyond(1.5) != beyond {
				t.Errorf("%s, %s: %+v, beyond 1.5 is %v", name, r.Figure, r, r.Beyond(1.5))
			}
		}
	}
}

// What was not played alike is not compared.
func TestOnlyTheSameIsCompared(t *testing.T) {
	other := rounds(time.Second)
	other[0].Runs[0].Rate = 200
	if _, err := compare.Studies(rounds(time.Second), other); err == nil || !strings.Contains(err.Error(), "not played alike: 100 calls") {
		t.Errorf("another rate: %v", err)
	}
	tenants := rounds(time.Second)
	tenants[0].Runs[0].Tenants, tenants[0].Runs[0].Spread = 1000, "even"
	if _, err := compare.Studies(rounds(time.Second), tenants); err == nil || !strings.Contains(err.Error(), "1000 tenants (even)") {
		t.Errorf("other tenants: %v", err)
	}
	cut := rounds(time.Second)
	cut[0].Runs[0].Partial = true
	if _, err := compare.Studies(cut, rounds(time.Second)); err == nil || !strings.Contains(err.Error(), "broken off") {
		t.Errorf("broken off: %v", err)
	}
	if _, err := compare.Studies(nil, rounds(time.Second)); err == nil {
		t.Error("nothing was compared with something")
	}
	failed := rounds(time.Second)
	failed[0].Runs[0].Latency = report.Spread{}
	c, err := compare.Studies(append(failed, study("steady", 1, 1)), rounds(time.Second))
	if err != nil || len(c.Rows) != 0 || len(c.Left) != 6 {
		t.Errorf("%+v, %v; want five figures without calls and one scenario of one version", c, err)
	}
}

func TestPictureIsWellFormed(t *testing.T) {
	c, err := compare.Studies(append(rounds(time.Second), study("<&>", 1, time.Hour)), append(rounds(time.Microsecond), study("<&>", 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	var svg bytes.Buffer
	if err := c.WritePicture(&svg, report.Dark, 1.1); err != nil {
		t.Fatal(err)
	}
	circles := 0
	for d := xml.NewDecoder(&svg); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			circles++
			for _, a := range e.Attr {
				if a.Name.Local == "cx" && (strings.Contains(a.Value, "NaN") || strings.HasPrefix(a.Value, "-")) {
					t.Errorf("a point at %s", a.Value)
				}
			}
		}
	}
	if circles != len(c.Rows) || circles != 10 {
		t.Errorf("%d points for %d rows", circles, len(c.Rows))
	}
}
