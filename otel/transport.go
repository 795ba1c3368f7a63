package advowareotel

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/advoware-go/advoware/internal/replay"
)

// transport has each attempt traced and measured by otelhttp, which gets to see a request
// without header and query, and with nothing in its URL that names anybody; and errors without
// their texts. base gets the request as it is, and the caller what base returned.
type transport struct {
	base   http.RoundTripper
	traced *otelhttp.Transport
	shown  *shown
	header bool // the propagator may set headers

	attributes []attribute.KeyValue
}

func newTransport(base http.RoundTripper, opts *Options) *transport {
	t := &transport{base: base, shown: newShown(opts.ShowServers), header: len(opts.Propagator.Fields()) > 0}
	t.attributes = opts.attributes()
	t.traced = otelhttp.NewTransport(inner{t},
		otelhttp.WithTracerProvider(opts.TracerProvider), otelhttp.WithMeterProvider(opts.MeterProvider),
		otelhttp.WithPropagators(opts.Propagator), otelhttp.WithSpanOptions(trace.WithAttributes(t.attributes...)),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return method(r.Method) + " " + r.URL.Path }),
	)
	return t
}

// exchange is one attempt.
type exchange struct {
	req     *http.Request
	err     error // of base
	bodyErr error // of the body of the answer
}

type exchangeKey struct{}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	x := &exchange{req: req}
	path := t.shown.path(req)
	ctx := t.labelled(context.WithValue(req.Context(), exchangeKey{}, x), path)
	masked := req.WithContext(ctx)
	masked.URL = &url.URL{Scheme: req.URL.Scheme, Host: t.shown.server(req.URL), Path: path}
	masked.Header, masked.Host = make(http.Header), ""
	resp, err := t.traced.RoundTrip(masked)
	if x.err != nil {
		return resp, x.err
	}
	if err == nil && resp.Body != nil && resp.Body != http.NoBody {
		resp.Body = &outerBody{resp.Body, x}
	}
	return resp, err
}

// labelled returns a context with the attributes of an attempt's measurements, and with those
// that the caller has added to one of its own.
func (t *transport) labelled(ctx context.Context, path string) context.Context {
	labels := new(otelhttp.Labeler)
	if own, ok := otelhttp.ClientLabelerFromContext(ctx); ok {
		labels.Add(own.Get()...)
	}
	labels.Add(semconv.URLTemplate(path))
	labels.Add(t.attributes...)
	return otelhttp.ContextWithClientLabeler(ctx, labels)
}

// CloseIdleConnections closes those of base, if it can.
func (t *transport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// inner is what otelhttp sends requests by.
type inner struct{ *transport }

func (t inner) RoundTrip(masked *http.Request) (*http.Response, error) {
	ctx := masked.Context()
	x := ctx.Value(exchangeKey{}).(*exchange)
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(semconv.URLTemplate(masked.URL.Path))
	if n := resends(x.req); n > 0 {
		span.SetAttributes(semconv.HTTPRequestResendCount(n))
	}
	req := x.req.WithContext(ctx)
	req.Body, req.GetBody = masked.Body, masked.GetBody // otelhttp counts what is read of them
	if t.header {
		req.Header = req.Header.Clone()
		for name, values := range masked.Header {
			req.Header[name] = values
		}
	}
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		x.err = err
		return resp, shownError(err)
	}
	if resp != nil && resp.Body != nil && resp.Body != http.NoBody {
		resp.Body = &innerBody{resp.Body, x}
	}
	return resp, nil
}

// resends returns how often the request of an attempt was sent before: to another address,
// with another token, or to what led here by a redirect.
func resends(req *http.Request) int {
	n := replay.Resends(req.Context())
	for hops := 0; req.Response != nil && req.Response.Request != nil && hops < maxHops; hops++ {
		req = req.Response.Request
		n++
	}
	return n
}

const maxHops = 20

// innerBody keeps the text of an error from otelhttp, and outerBody puts it back.
type innerBody struct {
	io.ReadCloser
	x *exchange
}

func (b *innerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.x.bodyErr, err = err, shownError(err)
	}
	return n, err
}

type outerBody struct {
	io.ReadCloser
	x *exchange
}

func (b *outerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && b.x.bodyErr != nil {
		err = b.x.bodyErr
	}
	return n, err
}
