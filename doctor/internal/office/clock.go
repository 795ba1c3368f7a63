package office

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/probe"
)

// The gateway takes a request that is some minutes off; how many is not known. The client
// corrects from 30 seconds on, at the cost of a refused request.
const (
	clockOff   = 30 * time.Second
	clockWrong = 2 * time.Minute
)

// clock compares the clock here with that of the gateway, or, without an answer of that, with
// that of the API.
func (o *Office) clock(ctx context.Context, report func(check.Check)) {
	c := check.Check{Name: "clock"}
	r, ok := o.atGateway.get(ctx)
	whose := "the gateway's"
	if !r.Dated {
		r, ok = o.atAPI.get(ctx)
		whose = "the API's (the gateway told none)"
	}
	switch {
	case !ok:
		return
	case !r.Dated:
		c.Status, c.Saw = check.Skipped, "neither the gateway nor the API told its time"
	default:
		compare(&c, r.Behind, whose)
	}
	report(c)
}

func compare(c *check.Check, behind time.Duration, whose string) {
	c.Status, c.Saw = check.OK, difference(behind)+" "+whose
	if behind.Abs() < clockOff {
		return
	}
	c.Status, c.Want = check.Warning, fmt.Sprintf("less than %v from it", clockOff)
	if behind.Abs() >= clockWrong {
		c.Status = check.Failure
	}
	c.Hint = "set the clock of this machine, and have it kept right by NTP (timedatectl set-ntp true, w32tm /resync): a token request is signed with its time, and refused if that is off"
}

// difference says how far the clock here is from another one, with the figure in seconds.
func difference(behind time.Duration) string {
	seconds := int64(math.Round(behind.Abs().Seconds()))
	switch {
	case seconds <= 1: // a Date has no fraction
		return fmt.Sprintf("%d s from", seconds)
	case behind > 0:
		return fmt.Sprintf("%d s behind", seconds)
	}
	return fmt.Sprintf("%d s ahead of", seconds)
}

// clockHint says that the clock is why a certificate is not valid, "" if it is not.
func clockHint(r probe.Result) string {
	if !r.Dated || r.Behind.Abs() < clockWrong {
		return ""
	}
	return "the clock here is " + difference(r.Behind) + " that of the server: set it first"
}
