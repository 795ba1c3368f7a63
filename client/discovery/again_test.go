package discovery_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
)

// slow answers after a while.
func slow(after time.Duration, body string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		time.Sleep(after)
		return answered(200, body), nil
	}
}

func TestMovedOfficeIsFoundOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := saying(office("a.example"))
		f := open(t, config(v))
		from := mustFind(t, f)
		v.does(slow(time.Second, office("b.example")))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { wantAPI(t, f.Moved(t.Context(), from), "https://b.example/") })
		}
		wg.Wait()
		wantAsked(t, v, 2)
		wantAPI(t, f.Present(), "https://b.example/")
		wantAPI(t, f.Moved(t.Context(), from), "https://b.example/") // a call that comes late
		wantAsked(t, v, 2)
	})
}

func TestOfficeThatIsDownIsAskedForOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := saying(office("a.example"))
		f := open(t, config(v))
		from := mustFind(t, f)
		for range 300 { // five minutes
			if a := f.Moved(t.Context(), from); a != nil {
				t.Error(a)
			}
			f.Suspect(from)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		wantAsked(t, v, 1+5)
		v.fails()
		time.Sleep(time.Minute)
		if a := f.Moved(t.Context(), from); a != nil || f.Present() != from {
			t.Error(a)
		}
		v.says(office("b.example"))
		time.Sleep(time.Minute)
		f.Suspect(from)
		synctest.Wait()
		wantAPI(t, f.Present(), "https://b.example/")
	})
}

func TestMovedCallerLeavesAtItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := saying(office("a.example"))
		f := open(t, config(v))
		from := mustFind(t, f)
		v.does(slow(2*time.Second, office("b.example")))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if a := f.Moved(ctx, from); a != nil {
			t.Error(a)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		wantAPI(t, f.Present(), "https://b.example/")
	})
}

func TestFleetThatMovesAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, v := new(memory), saying(office("a.example"))
		var fleet []*discovery.Finder
		for range 32 {
			f := open(t, process(v, m))
			mustFind(t, f)
			fleet = append(fleet, f)
		}
		time.Sleep(time.Minute)
		v.does(slow(500*time.Millisecond, office("b.example")))
		var wg sync.WaitGroup
		for _, f := range fleet {
			wg.Go(func() { wantAPI(t, f.Moved(t.Context(), f.Present()), "https://b.example/") })
		}
		wg.Wait()
		wantAsked(t, v, 2)
		time.Sleep(time.Minute)
	})
}

func TestProcessThatNoticesLaterTakesWhatOthersFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, v := new(memory), saying(office("a.example"))
		early, late := open(t, process(v, m)), open(t, process(v, m))
		mustFind(t, early)
		from := mustFind(t, late)
		if a := early.Moved(t.Context(), early.Present()); a != nil { // the vendor does not know yet
			t.Error(a)
		}
		if a := late.Moved(t.Context(), from); a != nil {
			t.Error(a)
		}
		time.Sleep(time.Minute)
		v.says(office("b.example"))
		early.Moved(t.Context(), early.Present())
		wantAPI(t, late.Moved(t.Context(), from), "https://b.example/")
		wantAsked(t, v, 3)
	})
}
