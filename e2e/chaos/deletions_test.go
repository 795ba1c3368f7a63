package chaos_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// A program that deletes the token in a loop, or writes tokens there that do not work, must
// not keep the gateway busy: it costs each process three tokens a minute at most, and no
// call fails because of a deletion.
func TestProgramThatDeletesInALoopCostsAFewTokenRequests(t *testing.T) {
	const n = 4
	length := 8 * time.Second
	for name, c := range map[string]struct {
		every  time.Duration
		strike func(w *world, i int) (hit bool)
		fails  bool // a call may meet two tokens that do not work
	}{
		"DEL": {every: 50 * time.Millisecond, strike: func(w *world, _ int) bool { return w.redis.Do("DEL", tokenKey) == int64(1) }},
		"DEL of all keys": {every: 50 * time.Millisecond, strike: func(w *world, _ int) bool {
			return w.redis.Do("DEL", tokenKey, "{"+tokenKey+"}:meta", "advoware_token_timestamp") != int64(0)
		}},
		"SET of what does not work": {every: 100 * time.Millisecond, fails: true, strike: func(w *world, i int) bool {
			return w.redis.Do("SET", tokenKey, fmt.Sprint("foreign", i), "EX", "3180") == "OK"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, clienttest.Options{})
			f := w.fleet(n, w.env(), "-goroutines", "2", "-pause", "50ms")
			f.start()
			f.calls(10)
			f.ask()
			before, hits := w.requests(), 0
			tick := time.NewTicker(c.every)
			defer tick.Stop()
			i := 0
			for began := time.Now(); time.Since(began) < length; i++ {
				if c.strike(w, i) {
					hits++
				}
				<-tick.C
			}
			if hits == 0 {
				t.Fatal("nothing was hit: this shows nothing")
			}
			got := w.requests() - before
			if got > 3*n {
				t.Errorf("%d token requests, want %d at most", got, 3*n)
			}
			reports := f.calls(10)
			for range 2 { // the storm is over: calls go on
				reports = f.calls(10)
			}
			wantGood(t, reports)
			all := sum(f.end())
			t.Logf("%d strikes, %d of them hit something, %d token requests, %d of %d calls failed", i, hits, got, all.Failed, all.Calls)
			if all.Failed > 0 && !c.fails {
				t.Errorf("%d of %d calls failed: %v", all.Failed, all.Calls, all.Errors)
			}
		})
	}
}
