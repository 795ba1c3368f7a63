// Package exposition writes metrics in the text format of Prometheus, version 0.0.4.
//
// It is for one goroutine at a time. See ARCHITECTURE.md for why it is not the client library of
// Prometheus.
package exposition

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// ContentType is that of the text.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Text is a text that is written family by family.
type Text struct {
	b    *bufio.Writer
	name string // of the family
}

// New begins a text. It is written in parts, so that one of thousands of offices is never held
// as a whole; after the first error of w nothing more is written.
func New(w io.Writer) *Text { return &Text{b: bufio.NewWriterSize(w, 64<<10)} }

// End writes what is left, and returns the first error of the writer.
func (t *Text) End() error { return t.b.Flush() }

// Label is a label of a sample.
type Label struct{ Name, Value string }

// Family begins a family of samples, which follow it. Each name is begun once.
func (t *Text) Family(name, kind, help string) {
	t.name = name
	_, _ = t.b.WriteString("# HELP " + name + " " + helpEscapes.Replace(help) + "\n# TYPE " + name + " " + kind + "\n")
}

// Sample adds a sample to the family.
func (t *Text) Sample(value float64, labels ...Label) { t.sample("", value, labels) }

// Histogram adds a histogram to the family: counts by bucket, not cumulative, the last of them
// above all bounds.
func (t *Text) Histogram(bounds []float64, counts []uint64, sum float64, labels ...Label) {
	n := uint64(0)
	for i, c := range counts {
		n += c
		bound := "+Inf"
		if i < len(bounds) {
			bound = number(bounds[i])
		}
		t.sample("_bucket", float64(n), append(labels[:len(labels):len(labels)], Label{"le", bound}))
	}
	t.sample("_sum", sum, labels)
	t.sample("_count", float64(n), labels)
}

func (t *Text) sample(suffix string, value float64, labels []Label) {
	_, _ = t.b.WriteString(t.name + suffix)
	for i, l := range labels {
		_, _ = t.b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		_, _ = t.b.WriteString(l.Name + `="` + labelEscapes.Replace(l.Value) + `"`)
	}
	if len(labels) > 0 {
		_ = t.b.WriteByte('}')
	}
	_, _ = t.b.WriteString(" " + number(value) + "\n")
}

var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
