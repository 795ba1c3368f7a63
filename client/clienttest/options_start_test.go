package clienttest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// With a Seed and a Start the fake says the same in each run, whatever the time is, and a
// client with the real time is served.
func TestStart(t *testing.T) {
	start := time.Date(2031, 3, 4, 5, 6, 7, 0, time.UTC)
	run := func(later time.Duration) (text string) {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(later)
			s := clienttest.Start(t, clienttest.Options{Seed: 7, Start: start, InMemory: true})
			token := fetch(t, s)
			time.Sleep(30 * time.Minute)
			for _, path := range []string{termine, "/api/v1/Akten", "/api/v1/NewActivities", "/appointments"} {
				r := call(t, s, token, "GET", path, "")
				r.wants(t, http.StatusOK)
				text += r.text
				if got, want := r.Header.Get("Date"), start.Add(30*time.Minute).Format(http.TimeFormat); got != want && later == 0 {
					t.Errorf("Date: %s, want %s", got, want)
				}
			}
			if s.Options().Skew != time.Until(start)+30*time.Minute || !s.Options().Start.IsZero() {
				t.Error(s.Options().Skew, s.Options().Start)
			}
		})
		return text
	}
	now, later := run(0), run(400*24*time.Hour+time.Second/3)
	if now != later || !strings.Contains(now, "2031-03-0") {
		t.Errorf("%.300s\n%.300s", now, later)
	}
}

func TestStartsThatAreRefused(t *testing.T) {
	for _, opts := range []clienttest.Options{
		{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Skew: time.Second},
		{Start: time.Date(1989, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Start: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		s, err := clienttest.New(opts)
		if err == nil {
			s.Close()
			err = errors.New("none")
		}
		if !strings.Contains(err.Error(), "Start must be from 1990 to 2199") {
			t.Errorf("%v, %v: %v", opts.Start, opts.Skew, err)
		}
	}
}
