package bench

import "fmt"

// Names of benchmarks that several goals are about.
const (
	hit           = "Token/store=tiered/state=hit/parallel="
	direct        = "TokenNoAlloc/store=tiered/state=hit"
	peers         = "Token/store=*/state=hit/parallel="
	oauth2Hit     = "Token/store=oauth2-reuse/state=hit/parallel="
	pointer       = "Token/store=pointer-load/state=hit/parallel="
	counted       = "TokenCounted/count=on/parallel="
	uncounted     = "TokenCounted/count=off/parallel="
	traced        = "TokenCounted/count=otel/parallel="
	memory        = "Identities/store=memory/identities="
	tiered        = "Identities/store=tiered/identities="
	otter         = "Identities/store=otter/identities="
	memoryHits    = "HitRatio/store=memory/identities=100000/capacity=10000"
	atHand        = "IdentitiesAtHand/store="
	busyMemory    = "HitRatioBusy/store=memory/identities=100000/capacity=10000/cores=1/busy="
	busyOtter     = "HitRatioBusy/store=otter/identities=100000/capacity=10000/cores=1/busy="
	otterHits     = "HitRatio/store=otter/identities=100000/capacity=10000"
	request       = "RoundTrip/transport=advoware"
	bare          = "RoundTrip/transport=bare"
	copied        = "RoundTrip/transport=copy"
	oauth2        = "RoundTrip/transport=oauth2"
	signed        = "Sign/impl=advoware/message=fresh"
	ourGet        = "RedisGet/impl=advoware"
	sameGet       = "RedisGet/impl=go-redis/commands=same"
	cold          = "Stampede/store=tiered"
	expiry        = "Expiry/store=tiered"
	otterEnd      = "Expiry/store=otter"
	call          = "Call/impl=advoware"
	byHand        = "Call/impl=by-hand"
	refused       = "ErrorAnswer/impl=advoware/answer="
	refusedByHand = "ErrorAnswer/impl=by-hand/answer="
	failing       = "Failing/store=tiered"
	massExpiry    = "MassExpiry/store=memory/identities=100000"
	lapsed        = "IdentityMemory/layer=source/state=lapsed"
	sidecar       = "Proxy/via=advoware"
	nginx         = "Proxy/via=nginx"
	flushed       = "Tenants/event=flush/tenants=20000/rtt="
	started       = "Tenants/event=start/tenants=20000/rtt="
	slowOffice    = "/office=5ms/connections=16"
	quickOffice   = "/office=0s/connections=16"
)

// goals is the table of goals, in the order in which they are shown.
var goals = append([]goal{
	{"S1", "a hit called directly, ns", median(direct, "ns/op"), bound{atMost, 15}, ""},
	{"S1", "its allocations", median(direct, "allocs/op"), bound{atMost, 0}, ""},
	{"S1", "a hit / a pointer load", ratio(hit+"1", pointer+"1", "ns/op"), bound{atMost, 2.2}, ""},
	{"S1", "a hit on two cores / on one", ratio(hit+"2", hit+"1", "ns/op"), bound{atMost, 0.55}, ""},
	{"S1", "the fastest peer / a hit, one core", ratio(peers+"1", hit+"1", "ns/op"), bound{atLeast, 5}, ""},
	{"S1", "the fastest peer / a hit, two cores", ratio(peers+"2", hit+"2", "ns/op"), bound{atLeast, 5}, ""},
	{"S1", "x/oauth2 / a hit, two cores", ratio(oauth2Hit+"2", hit+"2", "ns/op"), bound{atLeast, 10}, ""},

	{"S1b", "a hit with counters and all hooks / without, one core", ratio(counted+"1", uncounted+"1", "ns/op"), bound{atMost, 4}, ""},
	{"S1b", "the same, two cores", ratio(counted+"2", uncounted+"2", "ns/op"), bound{atMost, 4}, ""},
	{"S1b", "with counters on two cores / on one", ratio(counted+"2", counted+"1", "ns/op"), bound{below, 1}, ""},
	{"S1b", "with OpenTelemetry / with counters and all hooks, one core", ratio(traced+"1", counted+"1", "ns/op"), bound{atMost, 1.2}, ""},
	{"S1b", "the same, two cores", ratio(traced+"2", counted+"2", "ns/op"), bound{atMost, 1.2}, ""},

	{"S2", "one of 100,000 identities / otter, one core", ratio(memory+"100000/parallel=1", otter+"100000/parallel=1", "ns/op"), bound{atMost, 0.6}, ""},
	{"S2", "the same, two cores", ratio(memory+"100000/parallel=2", otter+"100000/parallel=2", "ns/op"), bound{atMost, 0.6}, ""},
	{"S2", "one of 1,000 identities / otter, one core", ratio(memory+"1000/parallel=1", otter+"1000/parallel=1", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "the same, two cores", ratio(memory+"1000/parallel=2", otter+"1000/parallel=2", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "a Source for each of 100,000 / otter, one core", ratio(tiered+"100000/parallel=1", otter+"100000/parallel=1", "ns/op"), bound{atMost, 0.6}, ""},
	{"S2", "the same, two cores", ratio(tiered+"100000/parallel=2", otter+"100000/parallel=2", "ns/op"), bound{atMost, 0.6}, ""},
	{"S2", "a Source for each of 1,000 / otter, one core", ratio(tiered+"1000/parallel=1", otter+"1000/parallel=1", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "the same, two cores", ratio(tiered+"1000/parallel=2", otter+"1000/parallel=2", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "a Source at hand, of 10 / otter, one core", ratio(atHand+"tiered/identities=10/parallel=1", atHand+"otter/identities=10/parallel=1", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "a Source at hand, of 1,000 / otter, one core", ratio(atHand+"tiered/identities=1000/parallel=1", atHand+"otter/identities=1000/parallel=1", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "a Source at hand, of 100,000 / otter, one core", ratio(atHand+"tiered/identities=100000/parallel=1", atHand+"otter/identities=100000/parallel=1", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "the same, two cores", ratio(atHand+"tiered/identities=100000/parallel=2", atHand+"otter/identities=100000/parallel=2", "ns/op"), bound{atMost, 0.5}, ""},
	{"S2", "a pointer load of 100,000 / otter, one core", ratio(atHand+"pointer-load/identities=100000/parallel=1", atHand+"otter/identities=100000/parallel=1", "ns/op"), bound{}, ""},
	{"S2", "a new identity in a full store / otter, what its caller waits", ratio("NewIdentity/store=memory/capacity=10000", "NewIdentity/store=otter/capacity=10000", "ns/op"), bound{}, ""},
	{"S2", "hit ratio at 10 % capacity, below otter's", more(otterHits, memoryHits, "hit-ratio"), bound{atMost, 0}, "%.3f"},
	{"S2", "the same, with one core", more(busyOtter+"0", busyMemory+"0", "hit-ratio"), bound{atMost, 0}, "%.3f"},
	{"S2", "the same, with one core under load", more(busyOtter+"4", busyMemory+"4", "hit-ratio"), bound{atMost, 0}, "%.3f"},
	{"S2", "hit ratio", median(memoryHits, "hit-ratio"), bound{}, ""},
	{"S2", "hit ratio of otter", median(otterHits, "hit-ratio"), bound{}, ""},

	{"S3", "a request / the copy alone", ratio(request, copied, "ns/op"), bound{atMost, 1.15}, ""},
	{"S3", "a request / x/oauth2", ratio(request, oauth2, "ns/op"), bound{atMost, 0.45}, ""},
	{"S3", "the copy alone / x/oauth2", ratio(copied, oauth2, "ns/op"), bound{}, ""},
	{"S3", "a request / x/oauth2, with a token of 1,100 bytes", ratio(request+"/token=1100", oauth2+"/token=1100", "ns/op"), bound{atMost, 0.45}, ""},
	{"S3", "the copy alone / x/oauth2, with a token of 1,100 bytes", ratio(copied+"/token=1100", oauth2+"/token=1100", "ns/op"), bound{}, ""},
	{"S3", "allocations added to a request", more(request, bare, "allocs/op"), bound{atMost, 3}, "%g"},
	{"S3", "bytes added to a request", more(request, bare, "B/op"), bound{atMost, 720}, "%g"},
	{"S3", "allocations added to a request of the library's own", worst("RoundTripOwn", "added-allocs/op"), bound{atMost, 0}, "%g"},

	{"S4", "a signature with nonce and timestamp / two SHA-512 compressions", ratio(signed, "Sign/impl=floor", "ns/op"), bound{atMost, 1.6}, ""},
	{"S4", "the same", ratio(signed, "Sign/impl=floor", "ns/op"), bound{wished, 1.25}, ""},
	{"S4", "a signature / the compressions with random bytes and the clock", ratio(signed, "Sign/impl=floor/message=fresh", "ns/op"), bound{}, ""},
	{"S4", "the obvious calls / a signature", ratio("Sign/impl=obvious/message=fresh", signed, "ns/op"), bound{atLeast, 2.7}, ""},
	{"S4", "its allocations", median(signed, "allocs/op"), bound{atMost, 0}, ""},

	{"S5", "a Get / the same commands by go-redis, call by call", inTurn("RedisGetTurns", "get-us", "same-us"), bound{atMost, 1.05}, ""},
	{"S5", "a Get / a ping", inTurn("RedisGetTurns", "get-us", "ping-us"), bound{}, ""},
	{"S5", "a Get / the same commands, time on a CPU", ratio(ourGet, sameGet, "cpu-ns/op"), bound{atMost, 1.05}, ""},
	{"S5", "allocations more than the same commands", more(ourGet, sameGet, "allocs/op"), bound{atMost, 2}, "%+g"},
	{"S5", "round trips of a Get", median(ourGet, "trips/op"), bound{atMost, 1}, ""},
	{"S5", "a CompareAndSwap / the least script, call by call", inTurn("RedisSwap", "swap-us", "least-us"), bound{atMost, 1.5}, ""},
	{"S5", "one that also checks the identity / the least script", inTurn("RedisSwap", "with-identity-us", "least-us"), bound{}, ""},
	{"S5", "a CompareAndSwap / a script that writes the same keys", inTurn("RedisSwap", "swap-us", "same-us"), bound{}, ""},
	{"S5", "a CompareAndSwap / a ping", inTurn("RedisSwap", "swap-us", "ping-us"), bound{}, ""},

	{"S6", "10,000 cold callers: requests in each of 1,000 rounds", worstOf(1000, 1, cold, "requests/round"), bound{atMost, 1}, "%g"},
	{"S6", "over the request / closing a channel", ratio(cold, "Stampede/store=channel", "over-ms"), bound{atMost, 1.3}, ""},
	{"S6", "over the request / x/oauth2", ratio(cold, "Stampede/store=oauth2-reuse", "over-ms"), bound{atMost, 0.65}, ""},
	{"S6", "closing a channel / x/oauth2", ratio("Stampede/store=channel", "Stampede/store=oauth2-reuse", "over-ms"), bound{}, ""},
}, append(fleetGoals(), []goal{
	{"S8", "the end of a token: calls held up", worst(expiry, "held-up"), bound{atMost, 0}, ""},
	{"S8", "p99.9 / x/oauth2", ratio(expiry, "Expiry/store=oauth2-reuse", "p99.9-us"), bound{atMost, 0.001}, ""},
	{"S8", "p99.9 / otter", ratio(expiry, otterEnd, "p99.9-us"), bound{atMost, 0.2}, ""},
	{"S8", "p99.9 of a pointer load / otter", ratio("Expiry/store=pointer-load", otterEnd, "p99.9-us"), bound{}, ""},
	{"S8", "the slowest of all, µs", worst(expiry, "max-us"), bound{atMost, 1000}, "%.0f"},
	{"S8", "the same", worst(expiry, "max-us"), bound{wished, 100}, "%.0f"},
	{"S8", "the slowest / that of a pointer load", ratio(expiry, "Expiry/store=pointer-load", "max-us"), bound{atMost, 2}, ""},

	{"S9", "a whole call: p50 / by hand", ratio(call, byHand, "p50-us"), bound{atMost, 1.03}, ""},
	{"S9", "its median / the third quartile of the rounds by hand: within their scatter", scatter(call, byHand, "p50-us"), bound{atMost, 1}, ""},
	{"S9", "x/oauth2 / by hand", ratio("Call/impl=oauth2", byHand, "p50-us"), bound{}, ""},
	{"S9", "allocations more than by hand", more(call, byHand, "allocs/op"), bound{atMost, 0}, "%+g"},
	{"S9", "bytes allocated by Call for 5 MB without a length / io.ReadAll", ratio("AnswerSize/impl=Call/length=unknown", "AnswerSize/impl=ReadAll/length=unknown", "B/op"), bound{atMost, 1.05}, ""},
	{"S9", "by Get with one", ratio("AnswerSize/impl=Get/length=known", "AnswerSize/impl=ReadAll/length=known", "B/op"), bound{atMost, 1.05}, ""},
	{"S9", "an error page of 20 KB / by hand", ratio(refused+"502-page", refusedByHand+"502-page", "cpu-ns/op"), bound{atMost, 1.5}, ""},
	{"S9", "a short 404 / by hand", ratio(refused+"404", refusedByHand+"404", "cpu-ns/op"), bound{atMost, 1.5}, ""},
	{"S9", "20 KB that resemble the token / by hand", ratio(refused+"502-resembling", refusedByHand+"502-resembling", "cpu-ns/op"), bound{atMost, 1.5}, ""},

	{"S10", "failing gateway: requests for all calls", worst(failing, "requests/op"), bound{atMost, 1}, "%g"},
	{"S10", "calls", median(failing, "calls/op"), bound{}, "%g"},
	{"S10", "requests for 50 clients of one identity", worst("Failing/clients=50", "requests/op"), bound{atMost, 1}, "%g"},

	{"S11", "memory of an identity in the near store, bytes", median("IdentityMemory/layer=store/store=memory", "B/identity"), bound{atMost, 160}, "%.0f"},
	{"S11", "the same", median("IdentityMemory/layer=store/store=memory", "B/identity"), bound{wished, 130}, "%.0f"},
	{"S11", "memory of a Source with a token, bytes", median("IdentityMemory/layer=source/state=used", "B/identity"), bound{atMost, 1843}, "%.0f"}, // 1.8 KiB
	{"S11", "memory of a Client on shared stores, bytes", median("ClientMemory/layer=client/state=new", "B/identity"), bound{atMost, 3072}, "%.0f"},
	{"S11", "goroutines of an idle identity", median(lapsed, "goroutines/identity"), bound{atMost, 0}, "%.2g"},
	{"S11", "timers of an idle identity", median(lapsed, "timers/identity"), bound{atMost, 0}, "%.2g"},

	{"S12", "20,000 tenants, Redis flushed: outages that are none", worst(flushed+"0s", "outages"), bound{atMost, 0}, "%g"},
	{"S12", "the same: all tokens are back, s", median(flushed+"0s", "back-s"), bound{atMost, 2}, ""},
	{"S12", "the same, 50 ms away: outages that are none", worst(flushed+"50ms", "outages"), bound{atMost, 0}, "%g"},
	{"S12", "the same: all tokens are back, s", median(flushed+"50ms", "back-s"), bound{atMost, 2}, ""},
	{"S12", "the same commands in plain pipelines, s", median(flushed+"50ms", "floor-s"), bound{}, ""},
	{"S12", "the first calls of 20,000 tenants: outages that are none", worst(started+"0s", "outages"), bound{atMost, 0}, "%g"},
	{"S12", "the same, 50 ms away", worst(started+"50ms", "outages"), bound{atMost, 0}, "%g"},
	{"S12", "a write during a mass expiry of 100,000: p99.9, ns", median(massExpiry, "p99.9-ns"), bound{below, 1e6}, "%.0f"},
	{"S12", "the slowest, µs", median(massExpiry, "max-us"), bound{below, 1000}, "%.0f"},
	{"S12", "p99.9 of the same write to a store where nothing ends, ns", median(massExpiry, "floor-p99.9-ns"), bound{}, "%.0f"},
	{"S12", "the slowest of these, µs", median(massExpiry, "floor-max-us"), bound{}, "%.0f"},
	{"S12", "the lock is held for a batch, µs", median(massExpiry, "batch-us"), bound{}, "%.0f"},

	{"S13", "16 connections, an office that takes 5 ms: p50 by the sidecar / by nginx", ratio(sidecar+slowOffice, nginx+slowOffice, "p50-us"), bound{atMost, 1.1}, ""},
	{"S13", "p99.9 by the sidecar more than by nginx, µs", more(sidecar+slowOffice, nginx+slowOffice, "p99.9-us"), bound{atMost, 1000}, "%.0f"},
	{"S13", "an office that answers at once: p50 by the sidecar / by nginx", ratio(sidecar+quickOffice, nginx+quickOffice, "p50-us"), bound{atMost, 1.1}, ""},
	{"S13", "p99.9 by the sidecar more than by nginx, µs", more(sidecar+quickOffice, nginx+quickOffice, "p99.9-us"), bound{atMost, 1000}, "%.0f"},
	{"S13", "time on a CPU by the sidecar / by nginx", ratio(sidecar+quickOffice, nginx+quickOffice, "cpu-us"), bound{}, ""},
}...)...)

// fleetGoals are the goals of processes that start cold together.
func fleetGoals() []goal {
	const load = "/processes=8/goroutines=1000/latency=50ms"
	const ours, killed = "Fleet/lock=advoware" + load, "FleetKilled/lock=advoware"
	all := []goal{
		{"S7", "8 processes of 1,000 cold callers: requests", worst(ours, "requests-max"), bound{atMost, 1}, ""},
		{"S7", "p99 over the request / no Redis at all", ratio(ours, "Fleet/lock=none"+load, "p99-ms"), bound{atMost, 1.4}, ""},
		{"S7", "p99 / redislock", ratio(ours, "Fleet/lock=redislock"+load, "p99-ms"), bound{atMost, 0.2}, ""},
		{"S7", "p99 / redsync", ratio(ours, "Fleet/lock=redsync"+load, "p99-ms"), bound{atMost, 0.2}, ""},
		{"S7", "p99 / polling", ratio(ours, "Fleet/lock=poll"+load, "p99-ms"), bound{}, ""},
		{"S7", "trips to Redis of a process", median(ours, "trips/process"), bound{atMost, 4}, ""},
		{"S7", "the first one killed: slowest caller, ms", median(killed, "slowest-ms"), bound{atMost, 4000}, "%.0f"},
		{"S7", "the first one killed: requests", worst(killed, "requests-max"), bound{atMost, 2}, ""},
	}
	for _, n := range []int{2, 8, 32} {
		of := func(lock string) string {
			return fmt.Sprintf("Fleet/lock=%s/processes=%d/goroutines=64/latency=500ms", lock, n)
		}
		name := fmt.Sprintf("%d processes of 64: ", n)
		all = append(all,
			goal{"S7", name + "requests", worst(of("advoware"), "requests-max"), bound{atMost, 1}, ""},
			goal{"S7", name + "slowest caller over the request, ms", median(of("advoware"), "slowest-ms"), bound{atMost, 50}, "%.0f"},
			goal{"S7", name + "polling, ms", median(of("poll"), "slowest-ms"), bound{}, "%.0f"},
			goal{"S7", name + "redislock, ms", median(of("redislock"), "slowest-ms"), bound{}, "%.0f"},
			goal{"S7", name + "redsync, ms", median(of("redsync"), "slowest-ms"), bound{}, "%.0f"},
		)
	}
	return all
}
