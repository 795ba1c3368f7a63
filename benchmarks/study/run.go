package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/machine"
	"github.com/advoware-go/advoware/benchmarks/study/oneline"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/benchmarks/study/stage"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// runCmd are the flags of a study. Nil means that a flag was not given: what --quick
// may change.
type runCmd struct {
	Scenario names `placeholder:"NAME" help:"Scenario to play: steady, cold, expiry, storm, outage, slow, large, tenants, discovery, fleet, or all; repeatable. Default: all, with --quick two of them."`
	Store    names `placeholder:"NAME" help:"Store to play it with, see study list, or all; repeatable. Default: all, with --quick two of them."`
	Quick    bool  `help:"A look that takes ten seconds: cold and storm with memory and tiered, for 2.5 s each, with a token request of 250 ms, unless other flags say otherwise."`

	Rate     *float64       `placeholder:"2000" help:"Calls a second, of all processes together."`
	Duration *time.Duration `placeholder:"15s" help:"How long each scenario is played."`
	Workers  *int           `aliases:"callers" placeholder:"64" help:"Calls at a time, in each process."`
	Load     string         `enum:"auto,token,call" default:"auto" placeholder:"KIND" help:"What a call is: token (a lookup of a token), call (a whole call of the API) or auto (default: what tells most about the scenario)."`

	Processes    *int           `placeholder:"4" help:"Processes of the fleet."`
	TokenLatency *time.Duration `placeholder:"1s" help:"How long the gateway takes for a token request."`
	APILatency   *time.Duration `name:"api-latency" placeholder:"0s" help:"How long the API takes for a call, besides what the machine does."`
	RedisLatency *time.Duration `placeholder:"20ms" help:"How long a round trip to Redis takes in the scenario slow."`

	DiscoveryLatency *time.Duration `placeholder:"200ms" help:"How long the vendor takes to say where the office is, in the scenario discovery."`
	Tenants          *int           `placeholder:"1000" help:"Tenants in the scenario tenants, at most 20000."`
	Spread           subject.Spread `enum:"zipf,even" default:"zipf" placeholder:"KIND" help:"Which of the tenants are called: zipf (default: some often, most rarely) or even (each as often as any other)."`

	outFlags
}

var errBrokenOff = errors.New("broken off; what was measured by then, if anything, is written and marked")

// Run plays what the flags ask for, and writes the report.
func (c *runCmd) Run(ctx context.Context, std *stdio, all stores) error {
	plan, err := c.plan(all)
	if err := errors.Join(c.outFlags.check(), err); err != nil {
		return usageError{err}
	}
	s := &report.Study{Format: report.Format, Started: time.Now().UTC().Truncate(time.Second), Machine: machine.Describe(), Skipped: plan.skipped}
	if c.Out == "" {
		c.Out = text("study-" + s.Started.Local().Format("20060102-150405"))
	}
	made, err := c.outFlags.open()
	if err != nil {
		return usageError{err}
	}
	err = c.play(ctx, std, plan, s)
	if len(s.Runs) == 0 {
		if made {
			_ = os.Remove(c.dir()) // nothing was put there
		}
		return err
	}
	return errors.Join(err, c.write(std, s))
}

// play plays everything and notes it in s. It stops when ctx ends, and at the first
// error.
func (c *runCmd) play(ctx context.Context, std *stdio, plan plan, s *report.Study) error {
	began := time.Now()
	fmt.Fprintln(std.err, plan.line(s.Machine))
	for i, p := range plan.plays {
		show := progress(std.err, fmt.Sprintf("%d/%d %s with %s", i+1, len(plan.plays), p.Scenario.Name, p.Store.Name), p.Duration)
		take, err := stage.Perform(ctx, p)
		show()
		s.Took = time.Since(began).Round(time.Millisecond)
		why := "the study was broken off"
		switch {
		case ctx.Err() != nil:
			err = errBrokenOff
		case err != nil:
			why = "it failed: " + oneline.Of(err)
			err = fmt.Errorf("%s with %s: %w", p.Scenario.Name, p.Store.Name, err)
			s.Error = oneline.Of(err)
		}
		if take != nil {
			s.Runs = append(s.Runs, report.NewRun(p, take))
		} else {
			s.Skipped = append(s.Skipped, skip(p, why))
		}
		if err != nil {
			s.Partial = true
			for _, missed := range plan.plays[i+1:] {
				s.Skipped = append(s.Skipped, skip(missed, "the study was broken off"))
			}
			return err
		}
	}
	return nil
}

func skip(p stage.Play, why string) report.Skip {
	return report.Skip{Scenario: p.Scenario.Name, Store: p.Store.Name, Why: why}
}

// member is the command that makes a process a member of a fleet: this program.
func member() ([]string, error) {
	self, err := os.Executable()
	return []string{self, "member"}, err
}
