package bench

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/advoware-go/advoware/benchmarks/growth"
)

// growthCmd says what tenants and processes cost together.
type growthCmd struct {
	Picture  string   `help:"Write an SVG to this file too." placeholder:"FILE"`
	Redis    float64  `help:"CPUs that a Redis has for this; more with a Cluster." default:"0.7"`
	Process  float64  `help:"CPUs that a process has for tokens." default:"0.1"`
	Memory   float64  `help:"Memory that a process has for tokens, in MiB." default:"1024"`
	Requests float64  `help:"Token requests that the gateway bears at once." default:"10"`
	Request  float64  `help:"Seconds that a token request takes." default:"1.5"`
	Files    []string `arg:"" name:"file" help:"Results of BenchmarkGrowth, of one commit."`
}

// Run is the command growth.
func (c *growthCmd) Run(std *stdio) error {
	limits := growth.Defaults
	limits.Redis, limits.Process, limits.Memory, limits.Requests, limits.Request = c.Redis, c.Process, c.Memory*(1<<20), c.Requests, c.Request
	for _, l := range []struct {
		flag  string
		value float64
	}{{"redis", c.Redis}, {"process", c.Process}, {"memory", c.Memory}, {"requests", c.Requests}, {"request", c.Request}} {
		if !(l.value > 0) {
			return usageError{fmt.Errorf("--%s is %v, not a number above 0", l.flag, l.value)}
		}
	}
	r, err := readFiles(std, c.Files)
	if err != nil {
		return err
	}
	medians := make(map[string]map[string]float64)
	for series, values := range r.series {
		name, unit, _ := strings.Cut(series, " ")
		if medians[name] == nil {
			medians[name] = make(map[string]float64)
		}
		medians[name][unit], _ = middle(values)
	}
	costs, err := growth.Read(medians)
	if err != nil {
		return usageError{err}
	}
	fmt.Fprintf(std.out, "%s\n\n", r.machine())
	growth.WriteTables(std.out, costs, limits)
	if c.Picture == "" {
		return nil
	}
	var picture bytes.Buffer
	if err := growth.WritePicture(&picture, costs, limits, r.machine()); err != nil {
		return err
	}
	return os.WriteFile(c.Picture, picture.Bytes(), 0o644)
}
