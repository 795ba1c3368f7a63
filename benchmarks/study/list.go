package study

import (
	"fmt"
	"text/tabwriter"

	"github.com/advoware-go/advoware/benchmarks/study/scenario"
)

type listCmd struct{}

// Run lists what there is.
func (listCmd) Run(std *stdio, all stores) error {
	t := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "scenarios:")
	for _, s := range scenario.All() {
		fmt.Fprintf(t, "  %s\t%s\n", s.Name, s.Help)
	}
	fmt.Fprintln(t, "stores:")
	for _, s := range all {
		help := s.Help
		if s.Redis {
			help += " (needs redis-server)"
		}
		fmt.Fprintf(t, "  %s\t%s\n", s.Name, help)
	}
	return t.Flush()
}
