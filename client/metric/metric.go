// Package metric is the table of what can be measured of a client: the names, units and
// attributes of OpenTelemetry, and how each value is read.
//
// Whatever shows the measurements of a client (a page for Prometheus, expvar, OpenTelemetry)
// reads this [Table], so that one dashboard and one set of alert rules serve all of them:
//
//	s := c.Metrics() // of a *client.Client
//	for _, m := range metric.Table() {
//		for _, p := range m.Points(s) {
//			fmt.Println(m.PrometheusName(), p.Attributes, p.Value)
//		}
//	}
//
// Attributes have few values, all of them named in this package or by package reason, and
// none is secret: no token, password, user or Kanzlei. A program with several clients may
// add an attribute [Office] of its own choice.
//
// The package has constants, data and pure functions only. See docs/telemetry.md for what
// each measurement says.
package metric

// Kind says how the values of a Metric follow each other, and so how they are added up.
type Kind uint8

// The kinds of a Metric.
const (
	Counter       Kind = iota // only grows; its rate counts
	UpDownCounter             // a number of things, which may be summed over clients
	Gauge                     // a state or an age, which may not
	Histogram                 // how often values fell between two bounds
)

// Metric is one measurement.
type Metric struct {
	// Name is OpenTelemetry's, "advoware.token.lookup"; see PrometheusName.
	Name        string
	Kind        Kind
	Unit        string // UCUM: "s", or what is counted, in braces: "{lookup}"
	Description string
	// Attributes are the keys that its points have. A point without an error has no
	// error.type.
	Attributes []string
	// Bounds are the upper bounds of the buckets of a Histogram, but for the last one, which
	// has none; nil for any other Kind. They are shared: do not change them.
	Bounds []float64
	// Shared says that the value belongs to the stores of a client. Clients that share
	// stores all report the same: take the maximum over them, not the sum.
	Shared bool

	points func(Snapshot) []Point
}

// Points returns the present values, in a fixed order. There is none for what a client does
// not have: without Redis, nothing is said of one.
func (m Metric) Points(s Snapshot) []Point { return m.points(s) }

// Point is the value of a Metric for one set of attributes.
type Point struct {
	Attributes []Attribute
	Value      float64      // of any Kind but Histogram
	Durations  Distribution // of a Histogram
}

// Attribute is one property of a Point.
type Attribute struct{ Key, Value string }

// The keys of attributes.
const (
	Office           = "advoware.office"            // a name for a client that the program chooses; in no Point
	ErrorType        = "error.type"                 // see the constants of that name in this package
	LookupOrigin     = "advoware.lookup.origin"     // near, far, fetched; none if there was no token
	LookupOutcome    = "advoware.lookup.outcome"    // hit, waited, failed
	RejectionOutcome = "advoware.rejection.outcome" // a Rejection
	RenewalOutcome   = "advoware.renewal.outcome"   // a Renewal
	ClientState      = "advoware.client.state"      // a status.State
	EvictionKind     = "advoware.eviction.kind"     // evicted, rejected
)

// Distribution is how durations are distributed over the buckets of FetchBounds.
type Distribution struct {
	Counts [len(fetchBounds) + 1]uint64 // by bucket, not cumulative
	Sum    float64                      // in seconds
}

// fetchBounds are in seconds. A token request takes one to two, and 30 at most.
var fetchBounds = [...]float64{0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30}

// Add adds a duration, in seconds.
func (d *Distribution) Add(seconds float64) {
	d.Sum += seconds
	for i, bound := range fetchBounds {
		if seconds <= bound {
			d.Counts[i]++
			return
		}
	}
	d.Counts[len(fetchBounds)]++
}

// Count returns how many durations there were.
func (d Distribution) Count() (n uint64) {
	for _, c := range d.Counts {
		n += c
	}
	return n
}
