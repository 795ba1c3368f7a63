package token_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

type traceKey string

// A tracer finds the context of its own making in the token request, in its end, and in each
// call that waited for it.
func TestTraceOfATokenRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		var told script
		traced := func(ctx context.Context) any { return ctx.Value(traceKey("fetch")) }
		s := start(t, g, token.Config{
			Fetch: func(ctx context.Context) (store.Token, error) {
				told.add("fetch of %v for %v", traced(ctx), ctx.Value(traceKey("call")))
				return g.fetch(ctx)
			},
			Hooks: token.Hooks{
				FetchContext: func(ctx context.Context) context.Context {
					return context.WithValue(ctx, traceKey("fetch"), "span")
				},
				FetchDone: func(f token.Fetch) { told.add("done %v %q", traced(f.Context), f.ErrorType) },
				Waited: func(ctx context.Context, w token.Wait) {
					of := any("no fetch")
					if w.Fetch != nil {
						of = traced(w.Fetch)
					}
					told.add("%v waited %v for %v: %v %v", ctx.Value(traceKey("call")), w.Took, of, w.Origin, w.Err != nil)
				},
			},
		})
		call := func(name string, atMost time.Duration) {
			ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), traceKey("call"), name), atMost)
			defer cancel()
			_, _ = s.Token(ctx, 0)
		}
		expect := func(step string, want ...string) {
			t.Helper()
			synctest.Wait()
			got := told.take()
			slices.Sort(got) // who waits is not told in a fixed order
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: %s", step, diff)
			}
		}
		go call("first", time.Minute)
		time.Sleep(400 * time.Millisecond)
		call("hasty", 100*time.Millisecond)
		call("second", time.Minute)
		call("late", time.Minute) // a hit
		expect("a cold start", "fetch of span for first", "hasty waited 100ms for no fetch: near true", `done span ""`,
			"second waited 500ms for span: fetched false", "first waited 1s for span: fetched false")

		g.fail(errors.New("down"))
		time.Sleep(3 * time.Hour) // the renewals that fail meanwhile are of no call
		told.take()
		call("third", time.Minute)
		call("fourth", time.Minute) // the failure is remembered
		expect("an outage", "fetch of span for third", `done span "unavailable"`, "third waited 1s for span: near true", "fourth waited 0s for no fetch: near true")
	})
}
