package doctor_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
)

// A clock that is off is told with the figure, in both directions.
func TestClock(t *testing.T) {
	for _, test := range []struct {
		skew   time.Duration // of the gateway
		status doctor.Status
		saw    string
	}{
		{0, doctor.OK, "from the gateway's"},
		{10 * time.Second, doctor.OK, "s behind the gateway's"},
		{45 * time.Second, doctor.Warning, "45 s behind the gateway's"},
		{-45 * time.Second, doctor.Warning, "45 s ahead of the gateway's"},
		{time.Hour, doctor.Failure, "3600 s behind the gateway's"},
		{-24 * time.Hour, doctor.Failure, "86400 s ahead of the gateway's"},
	} {
		o := startOffice(t, clienttest.Options{Skew: test.skew})
		hint := []string{"NTP", "signed with its time"}
		if test.status == doctor.OK {
			hint = nil
		}
		want{"clock", "clock", test.status, []string{test.saw}, hint}.in(t, o.look(t, doctor.Options{}))
	}
}

// The client corrects the time of its token requests, and the clock is wrong all the same.
func TestClockBesideATokenRequest(t *testing.T) {
	o := startOffice(t, clienttest.Options{Skew: time.Hour})
	r := o.look(t, doctor.Options{Fetch: true})
	want{"gateway", "token request", doctor.OK, nil, nil}.in(t, r)
	want{"clock", "clock", doctor.Failure, []string{"3600 s"}, nil}.in(t, r)
}
