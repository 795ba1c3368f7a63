package pacing_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/pacing"
	"github.com/advoware-go/advoware/store"
)

const rounds = 2000 // of what is drawn

// A pause after outages grows from a second to a minute, is drawn, and leaves room for an
// attempt while a token still serves.
func TestAfterOutage(t *testing.T) {
	for name, tt := range map[string]struct {
		row              int
		left, retryAfter time.Duration
		low, high        time.Duration
		drawn            bool
	}{
		"first":                     {row: 1, low: time.Second, high: 2 * time.Second, drawn: true},
		"fourth":                    {row: 4, low: time.Second, high: 16 * time.Second, drawn: true},
		"hundredth":                 {row: 100, low: time.Second, high: time.Minute, drawn: true},
		"a token serves":            {row: 100, left: 20 * time.Second, low: time.Second, high: 10 * time.Second, drawn: true},
		"a token ends":              {row: 100, left: time.Millisecond, low: time.Second, high: time.Second},
		"the gateway asks":          {row: 1, retryAfter: 90 * time.Second, low: 90 * time.Second, high: 90 * time.Second},
		"it asks though one does":   {row: 1, left: time.Minute, retryAfter: 90 * time.Second, low: 90 * time.Second, high: 90 * time.Second},
		"the gateway asks too much": {row: 1, retryAfter: time.Hour, low: 5 * time.Minute, high: 5 * time.Minute},
	} {
		least, most := time.Hour, time.Duration(0)
		for range rounds {
			pause := pacing.AfterOutage(tt.row, tt.left, tt.retryAfter)
			least, most = min(least, pause), max(most, pause)
		}
		if least < tt.low || most > tt.high || (least < most) != tt.drawn {
			t.Errorf("%s: %v to %v, want %v to %v", name, least, most, tt.low, tt.high)
		}
	}
}

func TestAfterRefusal(t *testing.T) {
	for retryAfter, want := range map[time.Duration]time.Duration{
		0: time.Minute, time.Second: time.Minute, 2 * time.Minute: 2 * time.Minute, time.Hour: 5 * time.Minute, -1: time.Minute,
	} {
		if got := pacing.AfterRefusal(retryAfter); got != want {
			t.Errorf("%v: %v, want %v", retryAfter, got, want)
		}
	}
}

func TestRenewIn(t *testing.T) {
	margins := store.Margins{Guard: 10 * time.Second, Margin: 110 * time.Second}
	for name, tt := range map[string]struct {
		life, left time.Duration
		shared     time.Duration // of that life
	}{
		"new":                    {time.Hour, time.Hour, time.Hour - 110*time.Second},
		"half over":              {time.Hour, 30 * time.Minute, time.Hour - 110*time.Second},
		"too short to be shared": {119 * time.Second, 119 * time.Second, 119 * time.Second},
		"shared for Guard":       {120 * time.Second, 120 * time.Second, 10 * time.Second},
		"overdue":                {time.Hour, time.Minute, time.Hour - 110*time.Second},
		"over":                   {time.Hour, -time.Minute, time.Hour - 110*time.Second},
	} {
		low := max(0, tt.left-tt.life+tt.shared*88/100-time.Microsecond)
		high := max(0, tt.left-tt.life+tt.shared*95/100+time.Microsecond)
		now := time.Now()
		tok, err := store.NewToken("x", now.Add(tt.left-tt.life), now.Add(tt.left))
		if err != nil {
			t.Fatal(err)
		}
		unknown, err := store.NewToken("x", time.Time{}, now.Add(tt.left)) // when it was issued
		if err != nil {
			t.Fatal(err)
		}
		for i := range rounds {
			tok, lifetime := tok, 10*time.Hour
			if i%2 == 0 {
				tok, lifetime = unknown, tt.life+margins.Guard
			}
			if got := pacing.RenewIn(tok, now, lifetime, margins); got < low || got > high {
				t.Fatalf("%s: in %v, want %v to %v", name, got, low, high)
			}
		}
	}
}

// A process is waited for twice as long as token requests take, and at least as long as a
// lease lasts.
func TestPatience(t *testing.T) {
	var p pacing.Pace
	check := func(want time.Duration) {
		t.Helper()
		if got := p.Patience(); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	check(4 * time.Second)
	p.Note(10 * time.Second)
	check(20 * time.Second)
	p.Note(2 * time.Second)
	check(16 * time.Second)
	for range 100 {
		p.Note(time.Millisecond)
	}
	check(3 * time.Second)
}
