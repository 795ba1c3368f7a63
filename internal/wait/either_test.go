package wait_test

import (
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/internal/wait"
)

func TestEither(t *testing.T) {
	for name, end := range map[string]func(first, second chan struct{}){
		"the first":  func(first, _ chan struct{}) { close(first) },
		"the second": func(_, second chan struct{}) { close(second) },
		"both":       func(first, second chan struct{}) { close(first); close(second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var e wait.Either
				first, second := make(chan struct{}), make(chan struct{})
				woken := make(chan struct{}, 100)
				for range cap(woken) {
					go func() { <-e.Done(first, second); woken <- struct{}{} }()
				}
				synctest.Wait()
				if len(woken) != 0 {
					t.Fatalf("%d have not waited", len(woken))
				}
				if one, other := e.Done(first, second), e.Done(first, second); one != other {
					t.Error("each waits for a channel of its own")
				}
				end(first, second)
				synctest.Wait()
				if len(woken) != cap(woken) {
					t.Errorf("%d of %d were woken", len(woken), cap(woken))
				}
				<-e.Done(first, second) // who comes late does not wait
			})
		})
	}
}

// Those who wait for a run must not be woken by the end of the one before.
func TestEitherOfTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e wait.Either
		first, next, never := make(chan struct{}), make(chan struct{}), make(chan struct{})
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
