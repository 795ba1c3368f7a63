package metric

import "strings"

// PrometheusName returns the name that the metric has in Prometheus, by OpenTelemetry's
// rules: dots become underscores, a unit and, for a counter, "_total" are appended.
func (m Metric) PrometheusName() string {
	name := PrometheusLabel(m.Name)
	if m.Unit == "s" {
		name += "_seconds"
	}
	if m.Kind == Counter {
		name += "_total"
	}
	return name
}

// PrometheusType returns the type of the metric there: counter, gauge or histogram.
func (m Metric) PrometheusType() string {
	switch m.Kind {
	case Counter:
		return "counter"
	case Histogram:
		return "histogram"
	}
	return "gauge"
}

// PrometheusLabel returns the name of the label that an attribute becomes.
func PrometheusLabel(key string) string { return strings.ReplaceAll(key, ".", "_") }
