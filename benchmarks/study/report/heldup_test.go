package report_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/report"
)

// find returns one run of a study.
func find(t *testing.T, s *report.Study, scenario, store string) *report.Run {
	t.Helper()
	for i := range s.Runs {
		if r := &s.Runs[i]; r.Scenario == scenario && r.Store == store {
			return r
		}
	}
	t.Fatalf("there is no %s with %s", scenario, store)
	return nil
}

// texts returns the forms of a study that people read.
func texts(t *testing.T, s *report.Study) (table, page string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := s.WriteTable(&a); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	page, _, _ = strings.Cut(html.UnescapeString(b.String()), `<script type="application/json" id="charts">`)
	return a.String(), strings.ReplaceAll(page, "\u00a0", " ")
}

// A second without answers, at 500 calls a second, holds up 500 calls, however many
// callers there are. A loop sees as many as there are callers: 8.
func TestHeldUpAreAllCallsThatWereDue(t *testing.T) {
	s := example(t)
	r := find(t, s, "cold", "memory")
	if r.HeldUpAfter != 5*time.Millisecond || r.HeldUp < 490 || r.HeldUp > 510 || r.HeldUpUncorrected != 8 {
		t.Errorf("%d held up for more than %v, %d uncorrected", r.HeldUp, r.HeldUpAfter, r.HeldUpUncorrected)
	}
	if want := float64(3000-r.HeldUp) / 3000; r.OnTime != want {
		t.Errorf("%v on time; want %v", r.OnTime, want)
	}
	table, page := texts(t, s)
	onTime, heldUp := fmt.Sprintf("%.1f %%", 100*r.OnTime), fmt.Sprintf("%.1f %%", 100-100*r.OnTime)
	for _, want := range []string{onTime + " of the calls with memory were on time", "<b>" + heldUp + "</b> held up", "<b>1</b> token request<"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	lines := strings.Split(table, "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, " cold ") })
	if !strings.Contains(lines[at], heldUp) || !strings.Contains(lines[at+1], "uncorrected") || !strings.Contains(lines[at+1], "0.3 %") {
		t.Errorf("the table says\n%s\n%s\nwant %s held up, and 0.3 %% uncorrected", lines[at], lines[at+1], heldUp)
	}
	failed := find(t, s, "outage", "redis")
	if want := float64(failed.Done-failed.Failed) / float64(failed.Done); failed.Failed == 0 || failed.OnTime != want || failed.HeldUp != 0 {
		t.Errorf("of %d calls %d failed and %d were held up: %v on time", failed.Done, failed.Failed, failed.HeldUp, failed.OnTime)
	}
}

// A study that was written before these figures were in it has them when it is read.
func TestOldStudiesAreCounted(t *testing.T) {
	var text bytes.Buffer
	old := example(t)
	find(t, old, "storm", "tiered").APILatency = 5 * time.Millisecond
	if err := old.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(text.String()) {
		if !strings.Contains(line, "held_up") && !strings.Contains(line, "on_time") {
			lines = append(lines, line)
		}
	}
	s, err := report.ReadJSON(strings.NewReader(strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := find(t, s, "cold", "tiered").HeldUp, find(t, example(t), "cold", "tiered").HeldUp; got != want || got == 0 {
		t.Errorf("%d held up; want %d", got, want)
	}
	if got := find(t, s, "storm", "tiered").HeldUpAfter; got != 15*time.Millisecond {
		t.Errorf("where the API takes 5 ms, calls are held up after %v; want 15 ms", got)
	}
}

// Where nothing has succeeded there is no latency, and not one of 0 ns.
func TestWhatWasNotMeasuredIsNotZero(t *testing.T) {
	s := example(t)
	r := find(t, s, "cold", "memory")
	none := r.Failures // of which there are none
	r.Latency, r.Uncorrected, r.Lag, r.Partial = none, none, none, true
	r.Done, r.Unfinished, r.HeldUp, r.HeldUpUncorrected, r.OnTime, r.Hits, r.Waits = 0, 860, 0, 0, 0, 0, 0
	for i := range r.Slots {
		r.Slots[i] = report.Slot{}
	}
	table, page := texts(t, s)
	lines := strings.Split(table, "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, " cold ") })
	rest := at + 1 + slices.IndexFunc(lines[at+1:], func(l string) bool { return strings.Contains(l, " cold ") })
	cold := lines[at] + lines[at+1] + lines[rest]
	if strings.Contains(cold, "0 ns") || strings.Count(cold, "–") != 6+6+2+1+2 || !strings.Contains(table, "cold with memory: 860 calls unfinished") {
		t.Errorf("the table says\n%s", table)
	}
	for _, want := range []string{"p50 – · p99.9 –", "<b>100 %*</b> unfinished", "860 unfinished"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "NaN") || strings.Contains(page, "takes 0 ns with memory") {
		t.Error("the page has a latency of 0 ns")
	}
	rows := summary(t, s)
	for i, row := range rows[1:] {
		if got := row[slices.Index(rows[0], "p99_ns")]; (got == "") != (s.Runs[i].Latency.Count == 0) {
			t.Errorf("%s with %s: p99_ns is %q", row[0], row[1], got)
		}
	}
}

// Where most calls were held up, the median says how long the scenario was played.
func TestMediansAreComparedWhereTheyMeanSomething(t *testing.T) {
	s := example(t)
	s.Runs = slices.DeleteFunc(s.Runs, func(r report.Run) bool { return r.Scenario != "cold" })
	if _, page := texts(t, s); !strings.Contains(page, "At the median") {
		t.Error("the medians of runs in which few calls were held up are not compared")
	}
	s.Runs[1].HeldUp = s.Runs[1].Latency.Count/2 + 1
	if _, page := texts(t, s); strings.Contains(page, "At the median") {
		t.Error("medians that fell into a stall are compared")
	}
	for i := range s.Runs {
		s.Runs[i].Scenario = "steady"
	}
	if _, page := texts(t, s); !strings.Contains(page, "At the median") {
		t.Error("the medians of a steady load are not compared")
	}
}

// A load that fell behind is not hidden: its lag is shown, and there is a warning.
func TestLoadThatFellBehind(t *testing.T) {
	s := example(t)
	if got := s.Warnings(); len(got) != 0 {
		t.Errorf("a load that kept up: %q", got)
	}
	r := find(t, s, "steady", "memory")
	h := load.NewHistogram()
	for i := range 1000 {
		if h.Record(load.Slack); i >= 980 {
			h.Record(963 * time.Millisecond)
		}
	}
	h.Record(9 * time.Millisecond) // noted, and no reason for alarm
	r.Lag = report.Spread{Count: h.Count(), P99: 963 * time.Millisecond, Max: 963 * time.Millisecond, Histogram: h}
	if got := s.Warnings(); len(got) != 1 || !strings.Contains(got[0], "steady with memory: ") || !strings.Contains(got[0], "20 of 3,000 calls") || !strings.Contains(got[0], "at most 963 ms") {
		t.Errorf("warnings %q", got)
	}
	table, page := texts(t, s)
	if !strings.Contains(table, "lag p99  lag max") || !strings.Contains(table, "963 ms   963 ms") {
		t.Errorf("the table does not show the lag:\n%s", table)
	}
	if !strings.Contains(page, "21 calls with memory (at most 963 ms) began more than 5 ms late") || !strings.Contains(page, "all but 5 ms of that counts as latency") {
		t.Error("the page does not say that the load fell behind")
	}
}
