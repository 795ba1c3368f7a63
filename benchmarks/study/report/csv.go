package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"
)

// column is one of a table: its name, and what it shows of a run.
type column struct {
	name string
	of   func(Run) string
}

// duration is empty where nothing was measured: 0 would be a latency.
func duration(spread func(Run) Spread, of func(Spread) time.Duration) func(Run) string {
	return func(r Run) string {
		s := spread(r)
		if s.Count == 0 {
			return ""
		}
		return strconv.FormatInt(int64(of(s)), 10)
	}
}

func latency(r Run) Spread     { return r.Latency }
func uncorrected(r Run) Spread { return r.Uncorrected }
func lag(r Run) Spread         { return r.Lag }

func p50(s Spread) time.Duration     { return s.P50 }
func p90(s Spread) time.Duration     { return s.P90 }
func p99(s Spread) time.Duration     { return s.P99 }
func longest(s Spread) time.Duration { return s.Max }

func number[T int | int64 | time.Duration](of func(Run) T) func(Run) string {
	return func(r Run) string { return strconv.FormatInt(int64(of(r)), 10) }
}

// summary are the columns of the summary. New ones come at the end: see docs/study.md.
var summary = []column{
	{"scenario", func(r Run) string { return r.Scenario }},
	{"store", func(r Run) string { return r.Store }},
	{"load", func(r Run) string { return string(r.Load) }},
	{"partial", func(r Run) string { return strconv.FormatBool(r.Partial) }},
	{"rate_per_s", func(r Run) string { return strconv.FormatFloat(r.Rate, 'g', -1, 64) }},
	{"duration_ns", number(func(r Run) time.Duration { return r.Duration })},
	{"workers", number(func(r Run) int { return r.Workers })},
	{"processes", number(func(r Run) int { return r.Processes })},
	{"token_latency_ns", number(func(r Run) time.Duration { return r.TokenLatency })},
	{"planned", number(func(r Run) int { return r.Planned })},
	{"done", number(func(r Run) int { return r.Done })},
	{"failed", number(func(r Run) int { return r.Failed })},
	{"unfinished", number(func(r Run) int { return r.Unfinished })},
	{"token_requests", number(func(r Run) int { return r.TokenRequests })},
	{"api_401", number(func(r Run) int64 { return r.Unauthorized })},
	{"token_hits", number(func(r Run) int64 { return r.Hits })},
	{"token_waits", number(func(r Run) int64 { return r.Waits })},
	{"hit_rate", func(r Run) string { return strconv.FormatFloat(r.HitRate, 'f', 6, 64) }},
	{"mean_ns", duration(latency, func(s Spread) time.Duration { return s.Mean })},
	{"p50_ns", duration(latency, p50)},
	{"p90_ns", duration(latency, p90)},
	{"p99_ns", duration(latency, p99)},
	{"p999_ns", duration(latency, func(s Spread) time.Duration { return s.P999 })},
	{"p9999_ns", duration(latency, func(s Spread) time.Duration { return s.P9999 })},
	{"max_ns", duration(latency, longest)},
	{"uncorrected_p50_ns", duration(uncorrected, p50)},
	{"uncorrected_p99_ns", duration(uncorrected, p99)},
	{"uncorrected_max_ns", duration(uncorrected, longest)},
	{"lag_p99_ns", duration(lag, p99)},
	{"lag_max_ns", duration(lag, longest)},
	{"api_latency_ns", number(func(r Run) time.Duration { return r.APILatency })},
	{"uncorrected_p90_ns", duration(uncorrected, p90)},
	{"held_up_after_ns", number(func(r Run) time.Duration { return r.HeldUpAfter })},
	{"held_up", number(func(r Run) int64 { return r.HeldUp })},
	{"uncorrected_held_up", number(func(r Run) int64 { return r.HeldUpUncorrected })},
	{"on_time_rate", func(r Run) string { return strconv.FormatFloat(r.OnTime, 'f', 6, 64) }},
	{"redis_latency_ns", number(func(r Run) time.Duration { return r.RedisLatency })},
	{"discovery_latency_ns", number(func(r Run) time.Duration { return r.DiscoveryLatency })},
	{"discovery_requests", number(func(r Run) int { return r.Discovered })},
	{"tenants", number(func(r Run) int { return r.Tenants })},
	{"spread", func(r Run) string { return string(r.Spread) }},
}

// WriteSummaryCSV writes a line for each run, below a line with names.
func (s *Study) WriteSummaryCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	row := make([]string, len(summary))
	for i, c := range summary {
		row[i] = c.name
	}
	_ = out.Write(row) // Flush notes the error
	for _, r := range s.Runs {
		for i, c := range summary {
			row[i] = c.of(r)
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// WriteTimelineCSV writes a line for each part of each run, below a line with names.
func (s *Study) WriteTimelineCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"scenario", "store", "at_ns", "calls", "failed", "p50_ns", "p99_ns", "max_ns", "hits", "waits"})
	for _, r := range s.Runs {
		for i, slot := range r.Slots {
			row := []string{r.Scenario, r.Store}
			for _, n := range []int64{
				int64(i) * int64(r.Slot), slot.Calls, int64(slot.Failed), int64(slot.P50), int64(slot.P99), int64(slot.Max),
				slot.Hits, slot.Waits,
			} {
				row = append(row, strconv.FormatInt(n, 10))
			}
			if slot.Calls == 0 {
				row[5], row[6], row[7] = "", "", "" // nothing was measured
			}
			_ = out.Write(row)
		}
	}
	out.Flush()
	return out.Error()
}
