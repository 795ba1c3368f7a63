package measure_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/measure"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store/lease"
)

func TestErrorTypeOfAFetch(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for _, tt := range []struct {
		failed *lease.Failure
		err    error
		want   string
	}{
		{nil, nil, ""},
		{nil, token.ErrOvertaken, metric.ErrorOvertaken},
		{nil, token.ErrClosed, metric.ErrorClosed},
		{nil, token.ErrSuspended, metric.ErrorSuspended},
		{&lease.Failure{Refused: true}, failed, metric.ErrorRefused},
		{&lease.Failure{}, failed, metric.ErrorUnavailable},
		{&lease.Failure{}, timeout{}, metric.ErrorTimeout},
		{&lease.Failure{Refused: true, Reason: reason.WrongCredentials.Word()}, failed, "wrong-credentials"},
		{&lease.Failure{Refused: true, Reason: "Kennwort: geheim"}, failed, metric.ErrorRefused},
		{&lease.Failure{Reason: strings.Repeat("a", 33)}, failed, metric.ErrorUnavailable},
	} {
		var c measure.Token
		if got := c.Fetched(time.Second, tt.failed, tt.err); got != tt.want {
			t.Errorf("%+v, %v: %q, want %q", tt.failed, tt.err, got, tt.want)
		}
		n := c.Load().Fetches
		if len(n) != 1 || n[tt.want].Count() != 1 || c.Failures.Load() != uint64(len(slices.DeleteFunc([]*lease.Failure{tt.failed}, func(f *lease.Failure) bool { return f == nil }))) {
			t.Errorf("%+v, %v: %v, %d failures", tt.failed, tt.err, n, c.Failures.Load())
		}
	}
}

type timeout struct{}

func (timeout) Error() string   { return "it took too long" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// The words are those of a token.Errors that the program brings along.
func TestErrorTypesAreBounded(t *testing.T) {
	t.Parallel()
	var c measure.Token
	const asked = 1000
	for i := range asked {
		c.Fetched(0, &lease.Failure{Reason: fmt.Sprint("r-", i)}, errors.New("failed"))
	}
	n := c.Load().Fetches
	if len(n) > 25 || n[metric.ErrorOther].Count() < asked-24 {
		t.Errorf("%d error types, %d of them other", len(n), n[metric.ErrorOther].Count())
	}
}

func TestLoadedCountsStandStill(t *testing.T) {
	t.Parallel()
	var c measure.Token
	c.Rejected(metric.Late)
	c.Renewed(metric.Failed)
	c.LeaseWait(time.Now().Add(-time.Minute))
	n := c.Load()
	c.Rejected(metric.Late)
	c.Renewed(metric.Failed)
	if n.Rejections[metric.Late] != 1 || n.Renewals[metric.Failed] != 1 || n.LeaseWaits != 1 || n.LeaseWaited < time.Minute {
		t.Errorf("%+v", n)
	}
}

// What a call of a lazy Source brings counts as a renewal, what stands in its way as none.
func TestRenewedInPassing(t *testing.T) {
	t.Parallel()
	var m measure.Token
	m.RenewedInPassing(true, nil)
	m.RenewedInPassing(false, nil)
	m.RenewedInPassing(true, errors.New("down"))
	m.RenewedInPassing(false, tokenerr.ErrElsewhere)
	m.RenewedInPassing(true, tokenerr.ErrSuspended)
	want := map[metric.Renewal]uint64{metric.Renewed: 1, metric.RenewedByFar: 1, metric.Failed: 1}
	if got := m.Load().Renewals; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
