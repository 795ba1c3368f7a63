package batch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/batch"
)

// server answers n commands after a round trip and its time for each.
type server struct{ trip, each time.Duration }

func (s server) answer(size *batch.Size) time.Duration {
	n := size.Now()
	took := s.trip + time.Duration(n)*s.each
	time.Sleep(took)
	size.Note(n, took)
	return took
}

// A batch grows until the server is busy with it, not until it is on its way for long.
func TestSizeFollowsTheServer(t *testing.T) {
	for name, c := range map[string]struct {
		server
		least, most int // in the end
	}{
		"near and fast": {server{0, 10 * time.Microsecond}, 1000, 1000},
		"far and fast":  {server{80 * time.Millisecond, 10 * time.Microsecond}, 1000, 1000},
		"far and slow":  {server{50 * time.Millisecond, 200 * time.Microsecond}, 250, 500},
		"near and slow": {server{0, 5 * time.Millisecond}, 20, 40},
		"hopeless":      {server{0, time.Second}, 8, 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				size := batch.New(8, 100, 1000)
				for range 100 {
					c.answer(size)
				}
				if got := size.Now(); got < c.least || got > c.most {
					t.Errorf("%d in the end, want %d to %d", got, c.least, c.most)
				}
			})
		})
	}
}

// What has grown is answered within a round trip and a tenth of a second, so that a client that
// waits for a quarter of one has its answer.
func TestGrownBatchIsAnsweredInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, each := range []time.Duration{time.Microsecond, 30 * time.Microsecond, 100 * time.Microsecond, 240 * time.Microsecond} {
			size := batch.New(8, 100, 1000)
			for i := range 100 {
				if took := (server{50 * time.Millisecond, each}).answer(size); took > 150*time.Millisecond {
					t.Fatalf("%v a command: exchange %d took %v", each, i, took)
				}
			}
		}
	})
}

// Few commands say nothing of more.
func TestSmallBatchDoesNotGrow(t *testing.T) {
	size := batch.New(8, 100, 1000)
	for range 100 {
		size.Note(20, time.Millisecond)
	}
	if got := size.Now(); got != 100 {
		t.Errorf("%d, want 100", got)
	}
}

// A server that is farther away than the one before is not taken for a slow one for ever.
func TestRoundTripIsMeasuredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		size := batch.New(8, 100, 1000)
		server{0, 10 * time.Microsecond}.answer(size)
		away := server{90 * time.Millisecond, 100 * time.Microsecond}
		for began := time.Now(); time.Since(began) < 2*time.Minute; {
			away.answer(size)
		}
		if got := size.Now(); got < 500 {
			t.Errorf("%d after two minutes, want 500 or more", got)
		}
	})
}

// A connection that is refused at once does not make a server that is far away look slow, and is no
// reason for more commands at a time.
func TestRefusedConnectionIsNoRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		size := batch.New(8, 100, 1000)
		for range 10 {
			size.Note(0, time.Microsecond)
		}
		if got := size.Now(); got != 100 {
			t.Errorf("%d after refusals, want 100", got)
		}
		for range 20 {
			server{80 * time.Millisecond, 10 * time.Microsecond}.answer(size)
		}
		if got := size.Now(); got != 1000 {
			t.Errorf("%d at a server that is far away and fast, want 1000", got)
		}
	})
}

// One that does not answer makes them fewer.
func TestSilenceMakesABatchSmaller(t *testing.T) {
	size := batch.New(8, 100, 1000)
	size.Note(0, time.Second)
	if got := size.Now(); got != 50 {
		t.Errorf("%d after a second without an answer, want 50", got)
	}
}
