package advowareotel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	otelmetric "go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/token"
)

// The names of spans.
const (
	fetchSpan = "advoware.token.fetch"
	waitSpan  = "advoware.token.wait"
)

// tracer traces token requests and the calls that wait for them.
type tracer struct {
	tracer     trace.Tracer
	attributes []attribute.KeyValue
	took       otelmetric.Float64Histogram
}

// hooks returns hooks that trace, and call those of the program first.
func (t *tracer) hooks(own token.Hooks) token.Hooks {
	all := own
	all.FetchContext = func(ctx context.Context) context.Context {
		if own.FetchContext != nil {
			if made := own.FetchContext(ctx); made != nil {
				ctx = made
			}
		}
		return t.begin(ctx)
	}
	all.FetchDone = func(f token.Fetch) {
		t.done(f) // first: a hook that panics must not leave the span open
		if own.FetchDone != nil {
			own.FetchDone(f)
		}
	}
	all.Waited = func(ctx context.Context, w token.Wait) {
		t.waited(ctx, w)
		if own.Waited != nil {
			own.Waited(ctx, w)
		}
	}
	return all
}

type fetchKey struct{}

// begin begins the span of a token request: below that of the call that leads, if there is
// one, as it is that call that takes so long.
func (t *tracer) begin(ctx context.Context) context.Context {
	ctx, span := t.tracer.Start(ctx, fetchSpan, trace.WithAttributes(t.attributes...))
	return context.WithValue(ctx, fetchKey{}, span)
}

// fetched returns the span of a token request; nil if it has none of ours.
func fetched(ctx context.Context) trace.Span {
	if ctx == nil {
		return nil
	}
	span, _ := ctx.Value(fetchKey{}).(trace.Span)
	return span
}

func (t *tracer) done(f token.Fetch) {
	attributes := t.attributes
	if f.ErrorType != "" {
		attributes = append(attributes[:len(attributes):len(attributes)], semconv.ErrorTypeKey.String(f.ErrorType))
	}
	ctx := f.Context
	if ctx == nil {
		ctx = context.Background()
	}
	t.took.Record(ctx, f.Took.Seconds(), otelmetric.WithAttributes(attributes...))
	span := fetched(f.Context)
	if span == nil {
		return
	}
	span.SetAttributes(attributes...)
	if f.ErrorType != "" && f.ErrorType != metric.ErrorOvertaken { // that brought a token too
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// waited shows in the trace of a call how long it waited, and for what.
func (t *tracer) waited(ctx context.Context, w token.Wait) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	now := time.Now()
	opts := []trace.SpanStartOption{
		trace.WithTimestamp(now.Add(-w.Took)), trace.WithAttributes(t.attributes...),
	}
	if w.Err == nil {
		opts = append(opts, trace.WithAttributes(attribute.String(metric.LookupOrigin, w.Origin.String())))
	}
	if f := fetched(w.Fetch); f != nil && f.SpanContext().IsValid() {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: f.SpanContext()}))
	}
	_, span := t.tracer.Start(ctx, waitSpan, opts...)
	if w.Err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(now))
}
