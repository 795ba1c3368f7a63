package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/advoware-go/advoware/benchmarks/study/load"
)

// HgrmFile is a percentile distribution, and the name of its file.
type HgrmFile struct {
	Name      string
	histogram *load.Histogram
}

// HgrmFiles returns one for each run that calls succeeded in: their latency.
func (s *Study) HgrmFiles() (all []HgrmFile) {
	taken := make(map[string]bool)
	for i, r := range s.Runs {
		if r.Latency.Count == 0 || r.Latency.Histogram == nil {
			continue
		}
		name := fileName(r.Scenario + "-" + r.Store)
		if taken[strings.ToLower(name)] { // a file system may not tell capitals apart
			name = fmt.Sprint(name, "-", i+1)
		}
		taken[strings.ToLower(name)] = true
		all = append(all, HgrmFile{Name: name + ".hgrm", histogram: r.Latency.Histogram})
	}
	return all
}

// Write writes it in the form that HdrHistogram's plotters read, in microseconds.
func (f HgrmFile) Write(w io.Writer) error { return f.histogram.WriteHgrm(w) }

// fileName is a name that a file may have on each system.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-+_", r) {
			return r
		}
		return '_'
	}, name)
}
