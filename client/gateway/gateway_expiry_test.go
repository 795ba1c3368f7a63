package gateway_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// A token's life is counted from the send, so that it never ends later than the
// gateway ends it, however long the answer takes.
func TestExpiry(t *testing.T) {
	const latency = 12 * time.Second
	for name, test := range map[string]struct {
		shape           clienttest.Shape
		gateway, config time.Duration // lifetimes
		guard           time.Duration
		want            time.Duration // from the send
	}{
		"as the gateway says":     {clienttest.ShapeExpiresIn, 30 * time.Minute, 0, 0, 30*time.Minute - 10*time.Second},
		"fraction":                {clienttest.ShapeFraction, 1234567 * time.Millisecond, 0, 0, 1224567 * time.Millisecond},
		"text":                    {clienttest.ShapeText, 30 * time.Minute, 0, 0, 30*time.Minute - 10*time.Second},
		"longer than believed":    {clienttest.ShapeExpiresIn, 8 * time.Hour, 0, 0, 55*time.Minute - 10*time.Second},
		"longer than configured":  {clienttest.ShapeExpiresIn, time.Hour, 5 * time.Minute, 0, 5*time.Minute - 10*time.Second},
		"longer is configured":    {clienttest.ShapeExpiresIn, time.Hour, 2 * time.Hour, 0, time.Hour - 10*time.Second},
		"not told":                {clienttest.ShapeNone, time.Hour, 0, 0, 55*time.Minute - 10*time.Second},
		"guard":                   {clienttest.ShapeExpiresIn, 30 * time.Minute, 0, 2 * time.Minute, 28 * time.Minute},
		"life of two guards":      {clienttest.ShapeExpiresIn, 40 * time.Second, 0, 20 * time.Second, 20 * time.Second},
		"shorter: half is used":   {clienttest.ShapeExpiresIn, 30 * time.Second, 0, 20 * time.Second, 15 * time.Second},
		"configured short: half":  {clienttest.ShapeNone, time.Hour, 30 * time.Second, time.Hour, 15 * time.Second},
		"instant, dated by Date":  {clienttest.ShapeUTC, 30 * time.Minute, 0, 0, 30*time.Minute - latency - 10*time.Second},
		"instant without a zone":  {clienttest.ShapeNoZone, 30 * time.Minute, 0, 0, 30*time.Minute - latency - 10*time.Second},
		"instant beyond believed": {clienttest.ShapeUTC, 2 * time.Hour, 0, 0, 55*time.Minute - 10*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, skew := range []time.Duration{0, 4 * time.Minute, -4 * time.Minute} { // in the gateway's window
					fake := clienttest.Start(t, clienttest.Options{InMemory: true, Shape: test.shape, Lifetime: test.gateway, TokenLatency: latency, Skew: skew})
					cfg := account(t, fake)
					cfg.Lifetime, cfg.Guard = test.config, test.guard
					g, before := open(t, cfg), time.Now()
					tok := fetch(t, g)
					if took := time.Since(before); took != latency {
						t.Fatalf("the answer took %v", took)
					}
					if !tok.IssuedAt().Equal(before) {
						t.Errorf("issued %v after the send", tok.IssuedAt().Sub(before))
					}
					if got := tok.Expiry().Sub(before); got != test.want {
						t.Errorf("skew %v: used for %v from the send, want %v", skew, got, test.want)
					}
					fake.Close()
				}
			})
		})
	}
}

// The expiry of a token made after a corrected clock is counted on ours.
func TestExpiryIsOnOurClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := clienttest.Start(t, clienttest.Options{InMemory: true, Skew: 3 * time.Hour, Shape: clienttest.ShapeUTC, Lifetime: 20 * time.Minute})
		tok := fetch(t, open(t, account(t, fake)))
		if got := time.Until(tok.Expiry()); got != 20*time.Minute-10*time.Second {
			t.Errorf("used for %v", got)
		}
	})
}
