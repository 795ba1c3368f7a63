package wait_test

import (
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/internal/wait"
)

func TestEither(t *testing.T) {
	for name, end := range map[string]func(first chan struct{}, end *wait.End){
		"the channel": func(first chan struct{}, _ *wait.End) { close(first) },
		"the end":     func(_ chan struct{}, end *wait.End) { end.Come() },
		"both":        func(first chan struct{}, end *wait.End) { close(first); end.Come() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var e wait.Either
				first, last := make(chan struct{}), new(wait.End)
				woken := make(chan struct{}, 100)
				for range cap(woken) {
					go func() { <-e.Done(first, last); woken <- struct{}{} }()
				}
				synctest.Wait()
				if len(woken) != 0 {
					t.Fatalf("%d have not waited", len(woken))
				}
				if one, other := e.Done(first, last), e.Done(first, last); one != other {
					t.Error("each waits for a channel of its own")
				}
				end(first, last)
				synctest.Wait()
				if len(woken) != cap(woken) {
					t.Errorf("%d of %d were woken", len(woken), cap(woken))
				}
				<-e.Done(first, last) // who comes late does not wait
			})
		})
	}
}

// Those who wait for a run must not be woken by the end of the one before.
func TestEitherOfTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e wait.Either
		first, next, never := make(chan struct{}), make(chan struct{}), new(wait.End)
		earlier, later := e.Done(first, never), e.Done(next, never)
		close(first)
		synctest.Wait()
		<-earlier
		select {
		case <-later:
			t.Error("the end of the one before ended this one")
		default:
		}
		if e.Done(next, never) != later {
			t.Error("the end of the one before made another channel")
		}
		close(next)
		<-later
	})
}
