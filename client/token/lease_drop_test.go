package token_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store/lease"
)

// An Outcome to wait for is waited for, or dropped, which ends the wait too: what it has
// subscribed to would be kept for ever otherwise. The last one is not waited for, as the others
// have been for long enough.
func TestNoWaitForAnotherProcessIsLeftOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, ended := 0, 0
		s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: answers(func(context.Context, lease.Ask) (lease.Outcome, error) {
			asked++
			return lease.Outcome{Holder: strconv.Itoa(asked), Wait: func(ctx context.Context) error {
				ended++
				<-ctx.Done()
				return ctx.Err()
			}}, nil
		})}})
		mustToken(t, s)
		if asked < 2 || ended != asked {
			t.Errorf("%d of %d ended", ended, asked)
		}
	})
}
