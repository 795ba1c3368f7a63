package tiered_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

var errReason = errors.New("the certificate is not known")

// explaining returns a store whose far hangs for so long, and what its hooks tell.
func explaining(t *testing.T, hangs time.Duration, explain func(context.Context, error) error) (s *tiered.Store, log *logged, told func() []string) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	tell := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, text)
	}
	f := new(far)
	f.set(nil, hangs)
	log = new(logged)
	s, err := tiered.New(tiered.Config{
		Near: new(store.Map), Far: f, Explain: explain, Logger: slog.New(slog.NewTextHandler(log, nil)),
		Hooks: tiered.Hooks{FarDown: func(err error) { tell("down: " + err.Error()) }, FarUp: func() { tell("up") }},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, log, func() []string { mu.Lock(); defer mu.Unlock(); return all }
}

// A call does not wait for the reason of an outage; its one warning does, for a while.
func TestWarningWaitsForTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log, told := explaining(t, time.Hour, func(ctx context.Context, err error) error {
			if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 2*time.Second {
				t.Error("the search has no end")
			}
			time.Sleep(300 * time.Millisecond)
			return errors.Join(err, errReason)
		})
		if d := took(func() { _, _ = s.Get(t.Context(), key) }); d > tiered.DefaultFarWait {
			t.Errorf("a call waits %v", d)
		}
		time.Sleep(3 * time.Second)
		if log.count("level=WARN") != 1 || !strings.Contains(log.String(), errReason.Error()) {
			t.Errorf("%s", log)
		}
		if got := told(); len(got) != 1 || !strings.Contains(got[0], "did not answer in time") || !strings.Contains(got[0], errReason.Error()) {
			t.Errorf("%q", got)
		}
		_ = s.Close()
		time.Sleep(2 * time.Hour) // far comes back from what it hung in
	})
}

// What searches for the reason may hang, panic or find nothing: there is a warning, soon,
// and before Close returns.
func TestReasonThatIsNotFound(t *testing.T) {
	for name, explain := range map[string]func(context.Context, error) error{
		"hangs":   func(context.Context, error) error { time.Sleep(time.Minute); return nil },
		"waits":   func(ctx context.Context, err error) error { <-ctx.Done(); return err },
		"panics":  func(context.Context, error) error { panic("no") },
		"nothing": func(context.Context, error) error { return nil },
	} {
		for _, closing := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, log, _ := explaining(t, time.Hour, explain)
					_, _ = s.Get(t.Context(), key)
					if closing {
						_ = s.Close()
					} else {
						time.Sleep(5 * time.Second)
					}
					if log.count("level=WARN") != 1 || !strings.Contains(log.String(), "did not answer in time") {
						t.Errorf("%s", log)
					}
					_ = s.Close()
					time.Sleep(2 * time.Hour)
				})
			})
		}
	}
}

// The end of an outage is told after its beginning, also if it comes while the reason is
// searched for.
func TestEndIsToldAfterTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, told := explaining(t, 300*time.Millisecond, func(ctx context.Context, err error) error { <-ctx.Done(); return err })
		for range 5 {
			_, _ = s.Get(t.Context(), key)
			time.Sleep(tiered.DefaultBreakerTimeout + time.Second)
		}
		_ = s.Close()
		for i, text := range told() {
			if up := text == "up"; up != (i%2 == 1) {
				t.Errorf("%q", told())
			}
		}
	})
}
