package advowareotel_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
)

// ended returns the spans of a name that have ended.
func (w *world) ended(name string) (spans []sdktrace.ReadOnlySpan) {
	for _, s := range w.spans.Ended() {
		if s.Name() == name {
			spans = append(spans, s)
		}
	}
	return spans
}

func attributes(s sdktrace.ReadOnlySpan) map[attribute.Key]string {
	all := make(map[attribute.Key]string)
	for _, a := range s.Attributes() {
		all[a.Key] = a.Value.String()
	}
	return all
}

// Each call that waited leads to the one token request, whoever made that.
func TestCallsThatWaitedAreLinkedToTheFetch(t *testing.T) {
	t.Parallel()
	w := start(t, setup{fake: clienttest.Options{TokenLatency: 300 * time.Millisecond}})
	const calls = 5
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			ctx, span := w.tracer.Tracer("test").Start(t.Context(), "call")
			defer span.End()
			if _, err := w.Call(ctx, client.Request{Method: http.MethodGet, Endpoint: "/employees"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	fetches, waits, outer := w.ended("advoware.token.fetch"), w.ended("advoware.token.wait"), w.ended("call")
	if len(fetches) != 1 || len(waits) != calls || len(outer) != calls {
		t.Fatalf("%d fetches, %d waits, %d calls; want 1, %d, %d", len(fetches), len(waits), len(outer), calls, calls)
	}
	parents, led := make(map[string]bool), 0
	for _, s := range outer {
		parents[s.SpanContext().SpanID().String()] = true
		if s.SpanContext().SpanID() == fetches[0].Parent().SpanID() {
			led++
		}
	}
	for _, s := range waits {
		links := s.Links()
		if len(links) != 1 || !links[0].SpanContext.Equal(fetches[0].SpanContext()) {
			t.Errorf("links %v, want one to %v", links, fetches[0].SpanContext())
		}
		if !parents[s.Parent().SpanID().String()] || attributes(s)["advoware.lookup.origin"] != "fetched" {
			t.Errorf("a wait below %v: %v", s.Parent(), attributes(s))
		}
		if took := s.EndTime().Sub(s.StartTime()); took <= 0 || took > 10*time.Second {
			t.Errorf("waited %v", took)
		}
	}
	if led != 1 {
		t.Errorf("the fetch is below %d calls, want the one that led", led)
	}
	before := len(w.spans.Ended())
	ctx, span := w.tracer.Tracer("test").Start(t.Context(), "hit")
	_, err := w.Source().Token(ctx, 0)
	span.End()
	if n := len(w.spans.Ended()) - before; err != nil || n != 1 {
		t.Errorf("%d spans of a hit, %v; want that of the caller alone", n, err)
	}
}

func TestFailedFetchInATrace(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
	ctx, span := w.tracer.Tracer("test").Start(t.Context(), "call")
	_, err := w.Call(ctx, client.Request{Method: http.MethodGet, Endpoint: "/employees"})
	span.End()
	fetches, waits := w.ended("advoware.token.fetch"), w.ended("advoware.token.wait")
	if err == nil || len(fetches) != 1 || len(waits) != 1 {
		t.Fatalf("%v, %d fetches, %d waits", err, len(fetches), len(waits))
	}
	if s := fetches[0]; s.Status().Code != codes.Error || attributes(s)["error.type"] != "unavailable" {
		t.Errorf("%v, %v", s.Status(), attributes(s))
	}
	if s := waits[0]; s.Status().Code != codes.Error || len(s.Links()) != 1 {
		t.Errorf("%v, %v", s.Status(), s.Links())
	}
}

func TestHooksOfTheProgramAreCalledToo(t *testing.T) {
	t.Parallel()
	type key struct{}
	var mu sync.Mutex
	var told []any
	tell := func(what any) { mu.Lock(); defer mu.Unlock(); told = append(told, what) }
	var wrapped int
	w := start(t, setup{config: func(c *advoware.Config) {
		c.WrapTransport = func(base http.RoundTripper) http.RoundTripper { wrapped++; return base }
		c.Hooks = token.Hooks{
			FetchContext: func(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, "mine") },
			FetchDone:    func(f token.Fetch) { tell(f.Context.Value(key{})) },
			Waited:       func(_ context.Context, w token.Wait) { tell(w.Origin) },
		}
	}})
	w.warm()
	if len(told) != 2 || told[0] != "mine" || told[1] != token.Fetched || wrapped != 1 {
		t.Errorf("told %v, wrapped %d times", told, wrapped)
	}
	if n := len(w.ended("advoware.token.fetch")); n != 1 {
		t.Errorf("%d fetches", n)
	}
}
