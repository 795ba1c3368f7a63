package sent_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/advoware-go/advoware/internal/sent"
)

type late struct{}

func (late) Error() string { return "late" }
func (late) Timeout() bool { return true }

// Each error is one of the two, also one that has come from a request of the other kind,
// and stays what else it was.
func TestNotAndMaybeExcludeEachOther(t *testing.T) {
	plain := fmt.Errorf("a request: %w: %w", context.DeadlineExceeded, late{})
	for _, err := range []error{plain, sent.Not(plain), sent.Maybe(plain), sent.Not(sent.Maybe(plain)), sent.Maybe(fmt.Errorf("x: %w", sent.Not(plain)))} {
		not, maybe := sent.Not(err), sent.Maybe(err)
		if !errors.Is(not, sent.ErrNot) || errors.Is(not, sent.ErrMaybe) || errors.Is(maybe, sent.ErrNot) || !errors.Is(maybe, sent.ErrMaybe) {
			t.Errorf("%v: not %v %v, maybe %v %v", err, errors.Is(not, sent.ErrNot), errors.Is(not, sent.ErrMaybe), errors.Is(maybe, sent.ErrNot), errors.Is(maybe, sent.ErrMaybe))
		}
		for _, e := range []error{not, maybe} {
			var is late
			var times interface{ Timeout() bool }
			if !errors.Is(e, context.DeadlineExceeded) || !errors.As(e, &is) || !errors.As(e, &times) || !times.Timeout() || !sent.TimedOut(e) || e.Error() != err.Error() {
				t.Errorf("%v lost something of %v", e, err)
			}
		}
	}
	if err := sent.Not(plain); sent.Not(err) != err {
		t.Error("what is one already was wrapped again")
	}
	if sent.TimedOut(errors.New("x")) {
		t.Error("timed out")
	}
}
