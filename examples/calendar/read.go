package main

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client"
)

// atOnce is how many calendars are read at a time. The API runs in the office, on a machine
// that has other things to do.
const atOnce = 4

// answer is the calendar of one employee, or why it could not be read.
type answer struct {
	kuerzel string
	list    []Appointment
	err     error
}

// readAll yields the calendars of all employees as they arrive, those that failed too.
func readAll(ctx context.Context, c *client.Client, employees []string, w window) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		work, answers := make(chan string), make(chan answer)
		var readers sync.WaitGroup
		for range atOnce {
			readers.Go(func() {
				for kuerzel := range work {
					list, err := client.Get[[]Appointment](ctx, c, "/api/v1/advonet/TermineActiveSync", query(kuerzel, w),
						client.WithTimeout(20*time.Second)) // one that hangs does not hold up the round
					answers <- answer{kuerzel, list, err}
				}
			})
		}
		go func() {
			defer close(answers)
			defer readers.Wait()
			defer close(work)
			for _, kuerzel := range employees {
				work <- kuerzel
			}
		}()
		more := true
		for a := range answers { // to the end, so that no reader is left behind
			more = more && yield(a)
		}
	}
}
