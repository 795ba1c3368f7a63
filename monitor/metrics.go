package monitor

import (
	"net/http"
	"runtime"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/monitor/internal/exposition"
)

// callBounds are in seconds, as OpenTelemetry recommends them for HTTP.
var callBounds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// metrics answers with the table of package metric for each office, and what the Monitor itself
// knows.
func (m *Monitor) metrics(w http.ResponseWriter, r *http.Request) {
	all := m.look(m.offices)
	w, end := compressed(w, r)
	defer end()
	w.Header().Set("Content-Type", exposition.ContentType)
	text := exposition.New(w)
	text.Family("advoware_build_info", "gauge", "The version of the program and of Go; always 1.")
	text.Sample(1, exposition.Label{Name: "goversion", Value: runtime.Version()}, exposition.Label{Name: "version", Value: m.cfg.Version})
	text.Family("advoware_ready", "gauge", "1 if /readyz answers 200, else 0.")
	text.Sample(truth(m.ready(all)))
	text.Family("advoware_office_ready", "gauge", "1 if the office is ready, else 0.")
	for _, s := range all {
		text.Sample(truth(s.ready.Ready), s.label())
	}
	text.Family("advoware_call_duration_seconds", "histogram", "How long calls took that were reported to a History.")
	for _, s := range all {
		if counts, sum := s.History.record.Calls(callBounds); sum > 0 {
			text.Histogram(callBounds, counts, sum, s.label())
		}
	}
	snapshots := make([]metric.Snapshot, len(all))
	for i, s := range all {
		snapshots[i] = s.Client.Metrics()
	}
	for _, measure := range metric.Table() {
		text.Family(measure.PrometheusName(), measure.PrometheusType(), measure.Description)
		for i, s := range all {
			for _, p := range measure.Points(snapshots[i]) {
				labels := []exposition.Label{s.label()}
				for _, a := range p.Attributes {
					labels = append(labels, exposition.Label{Name: metric.PrometheusLabel(a.Key), Value: a.Value})
				}
				if measure.Kind == metric.Histogram {
					text.Histogram(measure.Bounds, p.Durations.Counts[:], p.Durations.Sum, labels...)
				} else {
					text.Sample(p.Value, labels...)
				}
			}
		}
	}
	_ = text.End()
}

func (o *office) label() exposition.Label {
	return exposition.Label{Name: metric.PrometheusLabel(metric.Office), Value: o.Name}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
