package tokenerr_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/tokenerr"
)

// A failure that took much longer than its bound is none: whichever clock says so.
func TestOrSuspended(t *testing.T) {
	failed := errors.New("failed")
	now := time.Now()
	for name, tt := range map[string]struct {
		began time.Time
		err   error
		want  error
	}{
		"in time":                  {now.Add(-time.Minute), failed, failed},
		"a little late":            {now.Add(-time.Minute - time.Second), failed, failed},
		"stopped":                  {now.Add(-2 * time.Minute), failed, tokenerr.ErrSuspended},
		"stopped by wall clock":    {now.Add(-2 * time.Minute).Round(0), failed, tokenerr.ErrSuspended},
		"the wall clock went back": {now.Add(2 * time.Minute).Round(0), failed, failed},
		"stopped, and successful":  {now.Add(-2 * time.Minute), nil, nil},
		"a context's error":        {now.Add(-2 * time.Minute), context.DeadlineExceeded, tokenerr.ErrSuspended},
	} {
		if got := tokenerr.OrSuspended(tt.err, tt.began, time.Minute); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
