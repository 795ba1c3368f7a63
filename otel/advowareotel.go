// Package advowareotel measures and traces a client by OpenTelemetry.
//
//	c, err := advowareotel.New(cfg, advowareotel.Options{})
//
// is advoware.New(cfg), and beside that:
//
//   - The measurements of package client/metric are read from the client when they are
//     collected, so that a call with a token at hand costs nothing more.
//   - Each attempt of a call is a client span and a measurement of otelhttp. A second one
//     after a 401 has http.request.resend_count.
//   - Each token request is a span, advoware.token.fetch. A call that waited for it has a span
//     advoware.token.wait with a link to that.
//
// No attribute, status or event has a token, a password, a user, a Kanzlei, a query or a text
// that a server wrote: paths are shown as templates ("/Akten/{id}"), servers other than the
// vendor's as "office", and errors by their type. Nothing of a trace is sent to the API unless
// Options.Propagator is set.
//
// Everything here is safe for concurrent use. See docs/telemetry.md for all that is emitted.
package advowareotel

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/metric"
)

// scope is the name of what measures.
const scope = "github.com/advoware-go/advoware/otel"

// Options say where measurements and spans go. The zero value means to the providers that
// package otel has.
type Options struct {
	// MeterProvider and TracerProvider make what measures and traces; nil means those that
	// otel.SetMeterProvider and otel.SetTracerProvider were given.
	MeterProvider  otelmetric.MeterProvider
	TracerProvider trace.TracerProvider

	// Office is the attribute advoware.office of all measurements and spans of the client;
	// empty means that there is none. A program with several clients must give each one a
	// name of its own, as their figures would be taken for those of one. It is not kept
	// secret: a number serves better than the name of a Kanzlei.
	Office string

	// ShowServers shows the hosts of offices that have a server of their own as they are.
	// False means that only those of the vendor, and this machine, are.
	ShowServers bool

	// Propagator adds the context of a trace to API requests; nil means that nothing is
	// added, because the API belongs to somebody else.
	Propagator propagation.TextMapPropagator
}

func (o *Options) setDefaults() {
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	if o.Propagator == nil {
		o.Propagator = propagation.NewCompositeTextMapPropagator()
	}
}

// attributes are those of everything.
func (o *Options) attributes() []attribute.KeyValue {
	if o.Office == "" {
		return nil
	}
	return []attribute.KeyValue{attribute.String(metric.Office, o.Office)}
}

// New returns a client for cfg, as advoware.New does, that is measured and traced. Hooks and
// WrapTransport of cfg are called as well. Its measurements end with Client.Close.
func New(cfg advoware.Config, opts Options) (*client.Client, error) {
	opts.setDefaults()
	if len(opts.Office) > maxOffice {
		return nil, fmt.Errorf("advowareotel: Options.Office has %d bytes: choose a name of at most %d", len(opts.Office), maxOffice)
	}
	if !utf8.ValidString(opts.Office) || strings.ContainsFunc(opts.Office, unicode.IsControl) {
		return nil, errors.New("advowareotel: Options.Office must be UTF-8 without control characters: exporters refuse all measurements for one that is not")
	}
	in, err := newInstruments(&opts)
	if err != nil {
		return nil, fmt.Errorf("advowareotel: %w", err)
	}
	tr := &tracer{tracer: opts.TracerProvider.Tracer(scope), attributes: opts.attributes(), took: in.took}
	cfg.Hooks = tr.hooks(cfg.Hooks)
	inner := cfg.WrapTransport
	cfg.WrapTransport = func(base http.RoundTripper) http.RoundTripper {
		if inner != nil {
			if w := inner(base); w != nil {
				base = w
			}
		}
		return newTransport(base, &opts)
	}
	c, err := advoware.New(cfg)
	if err != nil {
		return nil, err
	}
	if err := in.observe(c, &opts); err != nil {
		return nil, errors.Join(fmt.Errorf("advowareotel: %w", err), c.Close())
	}
	return c, nil
}

const maxOffice = 128
