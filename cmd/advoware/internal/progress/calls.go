package progress

import (
	"fmt"
	"strings"
	"time"
)

// Calls is how far many calls are.
type Calls struct {
	Made, Of int     // 0 calls in all is not known how many
	Failed   int     //
	HitRate  float64 // of the token, from 0 to 1
	Took     time.Duration
}

// String returns it on one line.
func (c Calls) String() string {
	parts := []string{fmt.Sprintf("%d calls", c.Made)}
	if c.Of > 0 {
		parts = []string{fmt.Sprintf("%d of %d calls", c.Made, c.Of), fmt.Sprintf("%d %%", 100*c.Made/c.Of)}
	}
	if c.Took > 0 {
		parts = append(parts, rate(float64(c.Made)/c.Took.Seconds()))
	}
	if c.Made > 0 {
		parts = append(parts, fmt.Sprintf("%.4g %% token hits", 100*c.HitRate))
	}
	parts = append(parts, errors(c.Failed))
	if c.Made > 0 && c.Of > c.Made {
		left := float64(c.Took) / float64(c.Made) * float64(c.Of-c.Made)
		parts = append(parts, remaining(left)+" left")
	}
	return strings.Join(parts, ", ")
}

func rate(perSecond float64) string {
	if perSecond < 10 {
		return fmt.Sprintf("%.2g/s", perSecond)
	}
	return fmt.Sprintf("%.0f/s", perSecond)
}

func errors(n int) string {
	if n == 1 {
		return "1 error"
	}
	return fmt.Sprintf("%d errors", n)
}

// remaining returns nanoseconds for a person.
func remaining(ns float64) string {
	switch {
	case ns > float64(1000*time.Hour):
		return "more than 1000h"
	case ns >= float64(10*time.Second):
		return time.Duration(ns).Round(time.Second).String()
	}
	return time.Duration(ns).Round(100 * time.Millisecond).String()
}
