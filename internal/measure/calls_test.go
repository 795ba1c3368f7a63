package measure_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/measure"
)

// The origins are numbered as package token does it, which imports this package.
func TestLookups(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		origin      token.Origin
		waited, far bool
		err         error
		want        string
	}{
		{token.Near, false, false, nil, "near hit "},
		{token.Near, true, false, nil, "near waited "},
		{token.Near, false, true, nil, "far hit "}, // without a near store
		{token.Far, false, true, nil, "far hit "},
		{token.Far, true, true, nil, "far waited "},
		{token.Fetched, true, false, nil, "fetched waited "},
		{err: &token.FetchError{Err: errors.New("x"), Refused: true}, want: "none failed refused"},
		{err: fmt.Errorf("wrapped: %w", &token.FetchError{Err: errors.New("x")}), want: "none failed unavailable"},
		{err: &token.FetchError{Err: context.DeadlineExceeded}, want: "none failed timeout"},
		{err: ended.Err(), want: "none failed canceled"},
		{err: token.ErrStore, want: "none failed store"},
		{err: token.ErrClosed, want: "none failed _OTHER"},
	} {
		var c measure.Calls
		c.Lookup(int(tt.origin), tt.waited, tt.far, tt.err)
		n, hits, waits := c.Load()
		got := ""
		for _, l := range n.Lookups {
			if l.Count > 0 {
				got += fmt.Sprint(l.Origin, " ", l.Outcome, " ", l.ErrorType)
			}
		}
		if got != tt.want || n.Calls != 1 || hits+waits != 1 || (hits == 1) != (tt.err == nil && !tt.waited) {
			t.Errorf("%v %v %v %v: %q, %d calls, %d hits, %d waits; want %q", tt.origin, tt.waited, tt.far, tt.err, got, n.Calls, hits, waits, tt.want)
		}
	}
}

// A lookup is counted by its origin and outcome, and there are no others.
func TestEachOriginHasItsName(t *testing.T) {
	t.Parallel()
	n, _, _ := new(measure.Calls).Load()
	var got []string
	for _, l := range n.Lookups {
		if l.Outcome == "hit" {
			got = append(got, l.Origin)
		}
	}
	if diff := cmp.Diff([]string{token.Near.String(), token.Far.String(), token.Fetched.String()}, got); diff != "" {
		t.Error(diff)
	}
}
