package advowareotel

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/status"
)

// instruments are those of the table of package metric.
type instruments struct {
	meter    otelmetric.Meter
	observed []instrument
	took     otelmetric.Float64Histogram // of token requests: there are no observable histograms
}

// instrument is one that is read when measurements are collected.
type instrument struct {
	metric.Metric
	whole otelmetric.Int64Observable // one of the two
	real  otelmetric.Float64Observable
}

func newInstruments(opts *Options) (*instruments, error) {
	in := &instruments{meter: opts.MeterProvider.Meter(scope)}
	for _, m := range metric.Table() {
		one, err := in.add(m)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		if one.whole != nil || one.real != nil {
			in.observed = append(in.observed, one)
		}
	}
	return in, nil
}

func (in *instruments) add(m metric.Metric) (one instrument, err error) {
	about, unit := otelmetric.WithDescription(m.Description), otelmetric.WithUnit(m.Unit)
	one.Metric = m
	switch real := m.Unit == "s"; {
	case m.Kind == metric.Histogram:
		in.took, err = in.meter.Float64Histogram(m.Name, about, unit, otelmetric.WithExplicitBucketBoundaries(m.Bounds...))
	case m.Kind == metric.Counter && real:
		one.real, err = in.meter.Float64ObservableCounter(m.Name, about, unit)
	case m.Kind == metric.Counter:
		one.whole, err = in.meter.Int64ObservableCounter(m.Name, about, unit)
	case m.Kind == metric.UpDownCounter:
		one.whole, err = in.meter.Int64ObservableUpDownCounter(m.Name, about, unit)
	case real:
		one.real, err = in.meter.Float64ObservableGauge(m.Name, about, unit)
	default:
		one.whole, err = in.meter.Int64ObservableGauge(m.Name, about, unit)
	}
	return one, err
}

// observe has a client measured until it is closed.
func (in *instruments) observe(c *client.Client, opts *Options) error {
	reading := &reading{client: c, in: in, attributes: opts.attributes()}
	if err := measured.add(opts, c); err != nil {
		return err
	}
	all := make([]otelmetric.Observable, 0, len(in.observed))
	for _, one := range in.observed {
		if one.whole != nil {
			all = append(all, one.whole)
		} else {
			all = append(all, one.real)
		}
	}
	reading.ready.Lock() // until the registration is there
	defer reading.ready.Unlock()
	var err error
	reading.registration, err = in.meter.RegisterCallback(reading.read, all...)
	return err
}

// reading reads one client.
type reading struct {
	client       *client.Client
	in           *instruments
	attributes   []attribute.KeyValue
	ready        sync.Mutex
	registration otelmetric.Registration
	ended        sync.Once
}

func (r *reading) read(_ context.Context, o otelmetric.Observer) error {
	s := r.client.Metrics()
	if s.Status.State == status.Closed {
		// On a goroutine of its own: a provider may hold a lock while it collects.
		r.ended.Do(func() { go r.end() })
		return nil
	}
	for _, one := range r.in.observed {
		for _, p := range one.Points(s) {
			with := otelmetric.WithAttributes(r.of(p)...)
			if one.whole != nil {
				o.ObserveInt64(one.whole, int64(p.Value), with)
			} else {
				o.ObserveFloat64(one.real, p.Value, with)
			}
		}
	}
	return nil
}

func (r *reading) of(p metric.Point) []attribute.KeyValue {
	all := append([]attribute.KeyValue(nil), r.attributes...)
	for _, a := range p.Attributes {
		all = append(all, attribute.String(a.Key, a.Value))
	}
	return all
}

func (r *reading) end() {
	r.ready.Lock()
	defer r.ready.Unlock()
	_ = r.registration.Unregister()
	measured.remove(r.client)
}

// measured are the clients of this process that are measured.
var measured clients

type clients struct {
	mu  sync.Mutex
	all []measuredClient
}

type measuredClient struct {
	by     any // the MeterProvider
	office string
	client *client.Client
}

// add notes a client, and returns an error if another one would be taken for the same.
func (m *clients) add(opts *Options, c *client.Client) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, other := range m.all {
		if other.office != opts.Office || !same(other.by, opts.MeterProvider) {
			continue
		}
		if other.client.Status().State != status.Closed {
			return fmt.Errorf("another client is measured as Office %q: give each client of a program an Options.Office of its own, or close the other one first", opts.Office)
		}
		m.all = slices.Delete(m.all, i, i+1)
		break
	}
	m.all = append(m.all, measuredClient{opts.MeterProvider, opts.Office, c})
	return nil
}

// remove forgets a client that is closed.
func (m *clients) remove(c *client.Client) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = slices.DeleteFunc(m.all, func(other measuredClient) bool { return other.client == c })
}

func same(a, b any) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}
