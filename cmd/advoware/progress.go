package main

import (
	"fmt"
	"os"
	"time"

	"github.com/advoware-go/advoware/cmd/advoware/internal/progress"
	"github.com/advoware-go/advoware/cmd/advoware/internal/terminal"
)

// progress returns the line on which a terminal sees how far many calls are, nil if there is
// none. The log is then written above it.
func (c *callCmd) progress(std *stdio) *progress.Line {
	many := c.Repeat > 1 || c.Batch && (c.Output != nil || !terminal.Is(std.out))
	if !many || !terminal.Is(std.err) || terminal.Dumb(os.Getenv) {
		return nil
	}
	line := progress.New(std.err, func() int { return terminal.Width(std.err) })
	c.log = line
	return line
}

// show begins to show how far a run is.
func (c *calling) show(line *progress.Line, count func() (made, of, failed int)) {
	line.Start(func() string {
		made, of, failed := count()
		return progress.Calls{Made: made, Of: of, Failed: failed, HitRate: c.api.Stats().HitRate, Took: time.Since(c.began)}.String()
	})
}

// end shows in place of the line how long the calls took.
func (c *calling) end(line *progress.Line, made int) {
	p := c.took.Percentiles()
	line.End(fmt.Sprintf("%d calls in %v; p50 %v ms, p90 %v, p99 %v, p99.9 %v, max %v",
		made, time.Since(c.began).Round(time.Millisecond), p.P50, p.P90, p.P99, p.P999, p.Max))
}
