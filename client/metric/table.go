package metric

import (
	"maps"
	"slices"

	"github.com/advoware-go/advoware/client/status"
)

// Table returns all measurements of a client.
func Table() []Metric {
	return slices.Clone(table)
}

var table = []Metric{
	{Name: "advoware.call", Kind: Counter, Unit: "{call}",
		Description: "API calls made; redirects and second attempts are not counted again.",
		points:      func(s Snapshot) []Point { return one(s.Calls.Calls) }},
	{Name: "advoware.api.unauthorized", Kind: Counter, Unit: "{response}",
		Description: "Answers of the API with status 401.",
		points:      func(s Snapshot) []Point { return one(s.Calls.Unauthorized) }},
	{Name: "advoware.client.state", Kind: Gauge, Unit: "{client}", Attributes: []string{ClientState},
		Description: "1 for the state that the client is in, 0 for the others.",
		points:      states},
	{Name: "advoware.token.lookup", Kind: Counter, Unit: "{lookup}", Attributes: []string{LookupOrigin, LookupOutcome, ErrorType},
		Description: "Token lookups, by where the token was from and whether the call waited for a token request.",
		points:      lookups},
	{Name: "advoware.token.fetch.duration", Kind: Histogram, Unit: "s", Attributes: []string{ErrorType}, Bounds: fetchBounds[:],
		Description: "How long token requests took.",
		points:      fetches},
	{Name: "advoware.token.remaining_life", Kind: Gauge, Unit: "s",
		Description: "How long the token can still be used; 0 if there is none.",
		points:      remaining},
	{Name: "advoware.token.refused", Kind: Gauge, Unit: "{client}",
		Description: "1 while the credentials count as refused, else 0.",
		points:      refused},
	{Name: "advoware.token.rejection", Kind: Counter, Unit: "{rejection}", Attributes: []string{RejectionOutcome},
		Description: "Answers with status 401, by what was done about the token.",
		points:      rejections},
	{Name: "advoware.token.renewal", Kind: Counter, Unit: "{renewal}", Attributes: []string{RenewalOutcome},
		Description: "Renewals of a token ahead of its end, by how they ended.",
		points: func(s Snapshot) []Point {
			return byName(RenewalOutcome, []Renewal{Renewed, RenewedByFar, Failed, Lapsed}, s.Token.Renewals)
		}},
	{Name: "advoware.lease.wait", Kind: Counter, Unit: "{wait}",
		Description: "Waits for the token request of another process.",
		points:      func(s Snapshot) []Point { return one(s.Token.LeaseWaits) }},
	{Name: "advoware.lease.wait_time", Kind: Counter, Unit: "s",
		Description: "How long token requests of other processes were waited for.",
		points:      func(s Snapshot) []Point { return value(s.Token.LeaseWaited.Seconds()) }},
	{Name: "advoware.discovery.age", Kind: Gauge, Unit: "s",
		Description: "How long ago the addresses of the office were confirmed.",
		points: func(s Snapshot) []Point {
			if s.Status.Discovered.IsZero() {
				return nil
			}
			return value(max(0, s.At.Sub(s.Status.Discovered).Seconds()))
		}},
	{Name: "advoware.store.far.up", Kind: Gauge, Unit: "{store}", Shared: true,
		Description: "1 if the last operation of the far store (Redis) worked, else 0.",
		points: func(s Snapshot) []Point {
			if s.Status.Redis == nil {
				return nil
			}
			return value(truth(s.Status.Redis.Up || s.Status.Redis.Since.IsZero()))
		}},
	{Name: "advoware.store.far.error", Kind: Counter, Unit: "{error}", Shared: true,
		Description: "Failed operations of the far store, and tokens in it that cannot be used.",
		points:      where(hasFar, func(s Snapshot) []Point { return one(s.Stores.FarErrors) })},
	{Name: "advoware.store.far.pending_write", Kind: UpDownCounter, Unit: "{write}", Shared: true,
		Description: "Tokens that are still to be written to the far store.",
		points: func(s Snapshot) []Point {
			if s.Status.Redis == nil {
				return nil
			}
			return value(float64(s.Status.Redis.PendingWrites))
		}},
	{Name: "advoware.store.far.push", Kind: Counter, Unit: "{push}", Shared: true,
		Description: "Changes by other processes that the far store reported.",
		points:      where(hasFar, func(s Snapshot) []Point { return one(s.Stores.Pushes) })},
	{Name: "advoware.store.near.token", Kind: UpDownCounter, Unit: "{token}", Shared: true,
		Description: "Tokens in the near store.",
		points:      where(hasNear, func(s Snapshot) []Point { return value(float64(s.Stores.NearTokens)) })},
	{Name: "advoware.store.near.eviction", Kind: Counter, Unit: "{token}", Attributes: []string{EvictionKind}, Shared: true,
		Description: "Tokens that a full near store evicted for others, or did not admit.",
		points: where(hasNear, func(s Snapshot) []Point {
			return byName(EvictionKind, []string{"evicted", "rejected"}, map[string]uint64{"evicted": s.Stores.NearEvicted, "rejected": s.Stores.NearRejected})
		})},
}

func hasNear(s Snapshot) bool { return s.Stores.Near }
func hasFar(s Snapshot) bool  { return s.Stores.Far }

func where(has func(Snapshot) bool, points func(Snapshot) []Point) func(Snapshot) []Point {
	return func(s Snapshot) []Point {
		if !has(s) {
			return nil
		}
		return points(s)
	}
}

func value(v float64) []Point { return []Point{{Value: v}} }
func one(n uint64) []Point    { return value(float64(n)) }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// byName has a point for each name, also for those that have not occurred: a counter that
// begins with 1 is no increase.
func byName[N ~string](key string, names []N, counts map[N]uint64) []Point {
	points := make([]Point, len(names))
	for i, name := range names {
		points[i] = Point{Attributes: []Attribute{{key, string(name)}}, Value: float64(counts[name])}
	}
	return points
}

func states(s Snapshot) []Point {
	present := map[status.State]uint64{s.Status.State: 1}
	return byName(ClientState, []status.State{status.Empty, status.Fresh, status.Due, status.Failed, status.Closed}, present)
}

func lookups(s Snapshot) []Point {
	points := make([]Point, len(s.Calls.Lookups))
	for i, l := range s.Calls.Lookups {
		points[i] = Point{Attributes: []Attribute{{LookupOrigin, l.Origin}, {LookupOutcome, l.Outcome}}, Value: float64(l.Count)}
		if l.ErrorType != "" {
			points[i].Attributes = append(points[i].Attributes, Attribute{ErrorType, l.ErrorType})
		}
	}
	return points
}

func fetches(s Snapshot) []Point {
	points := []Point{{Durations: s.Token.Fetches[""]}} // also if there was none yet
	for _, kind := range slices.Sorted(maps.Keys(s.Token.Fetches)) {
		if kind != "" {
			points = append(points, Point{Attributes: []Attribute{{ErrorType, kind}}, Durations: s.Token.Fetches[kind]})
		}
	}
	return points
}

func remaining(s Snapshot) []Point {
	if s.Status.Expiry.IsZero() {
		return value(0)
	}
	return value(max(0, s.Status.Expiry.Sub(s.At).Seconds()))
}

func refused(s Snapshot) []Point {
	f := s.Status.Failure
	return value(truth(f != nil && f.Refused && s.At.Before(f.NextAttempt)))
}

func rejections(s Snapshot) []Point {
	counts := maps.Clone(s.Token.Rejections)
	if counts == nil {
		counts = make(map[Rejection]uint64)
	}
	for what, n := range s.Calls.Rejections {
		counts[what] += n
	}
	return byName(RejectionOutcome, []Rejection{Dropped, Repeated, Late, Adopted, BudgetExhausted, Kept, Spared, Contradicted, Second, StoreFailed}, counts)
}
