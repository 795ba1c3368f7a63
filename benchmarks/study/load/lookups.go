package load

import "time"

// Lookups counts lookups of a token: those that did not wait for a token request, and
// those that did, or failed.
type Lookups struct {
	Hits  int64 `json:"hits"`
	Waits int64 `json:"waits"`
}

func (l Lookups) plus(o Lookups) Lookups  { return Lookups{l.Hits + o.Hits, l.Waits + o.Waits} }
func (l Lookups) minus(o Lookups) Lookups { return Lookups{l.Hits - o.Hits, l.Waits - o.Waits} }

// watchLookups notes what is looked up in each of n slots. The function that it returns
// ends that, and returns what was noted; what comes after the schedule is the last slot's.
func (r *run) watchLookups(n int, slot time.Duration) (end func() []Lookups) {
	seen := make([]Lookups, n)
	count := r.cfg.Lookups
	if count == nil {
		return func() []Lookups { return seen }
	}
	over, done, before := make(chan struct{}), make(chan struct{}), count()
	go func() {
		defer close(done)
		for i := range seen {
			var next <-chan time.Time
			if i < n-1 {
				next = time.After(time.Until(r.cfg.Start.Add(time.Duration(i+1) * slot)))
			}
			ended := false
			select {
			case <-next:
			case <-over:
				ended = true
			}
			now := count()
			if seen[i], before = now.minus(before), now; ended {
				return
			}
		}
	}()
	return func() []Lookups {
		close(over)
		<-done
		return seen
	}
}
