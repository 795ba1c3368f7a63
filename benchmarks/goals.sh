#!/usr/bin/env bash
# usage: benchmarks/goals.sh [FILE…]
#
# Sets the medians of what run.sh wrote against the goals, as a table in Markdown.
# Without FILE it reads standard input. "-" is what was not measured.
set -euo pipefail
awk '
/^Benchmark/ {
	name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
	for (i = 4; i <= NF; i += 2) { k = name " " $i; seen[k, ++count[k]] = $(i - 1) + 0 }
}
function med(name, unit,    k, n, i, j, x, v) { # median, "" if there is none
	k = name " " unit; n = count[k]
	for (i = 1; i <= n; i++) {
		x = seen[k, i]
		for (j = i - 1; j > 0 && v[j] > x; j--) v[j + 1] = v[j]
		v[j + 1] = x
	}
	if (!n) return ""
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
function num(format, x) { return x == "" ? "-" : sprintf(format, x) }
function of(a, b, unit) { # how often b is in a
	a = med(a, unit); b = med(b, unit)
	return a == "" || b == "" || b == 0 ? "-" : sprintf("%.3g", a / b)
}
function more(a, b, unit) { # by how much a is more than b
	a = med(a, unit); b = med(b, unit)
	return a == "" || b == "" ? "-" : sprintf("%+d", a - b)
}
function peers(prefix, suffix, unit,    k, f, s, best) { # the smallest median of a store that is not ours
	for (k in count) {
		split(k, f, " ")
		s = f[1]
		if (f[2] != unit || index(s, prefix) != 1 || substr(s, length(s) - length(suffix) + 1) != suffix) continue
		s = substr(s, length(prefix) + 1, length(s) - length(prefix) - length(suffix))
		if (s ~ /^(tiered|memory|map|redis|pointer-load.*|channel)$/) continue
		if (best == "" || med(f[1], unit) < med(best, unit)) best = f[1]
	}
	return best
}
function row(goal, want, got) { printf "| %s | %s | %s |\n", goal, want, got }
END {
	t = "Token/store="; h = "/state=hit/parallel="; ours = t "tiered" h
	print "| | goal | measured |"
	print "|---|---|---|"
	row("S1", "hit called directly: 15 ns; P2 0.55 of P1; 5x every peer, 10x x/oauth2 in parallel", \
		num("%.2g ns", med("TokenNoAlloc/store=tiered/state=hit", "ns/op")) "; " of(ours "2", ours "1", "ns/op") "; " \
		of(peers(t, h "1", "ns/op"), ours "1", "ns/op") " and " of(peers(t, h "2", "ns/op"), ours "2", "ns/op") "; " of(t "oauth2-reuse" h "2", ours "2", "ns/op"))
	c = "TokenCounted/count="
	row("S1b", "counted and hooked: 4x, and still scaling", of(c "on/parallel=1", c "off/parallel=1", "ns/op") \
		"; P2 " of(c "on/parallel=2", c "on/parallel=1", "ns/op") " of P1")
	m = "Identities/store=memory/identities="; o = "Identities/store=otter/identities="; tenth = "/identities=100000/capacity=10000"
	row("S2", "0.9 of otter among 100,000 that fit, 0.5 among 1,000; hit ratio at 10 % within 0.01 of otter", \
		of(m "100000/parallel=1", o "100000/parallel=1", "ns/op") " and " of(m "100000/parallel=2", o "100000/parallel=2", "ns/op") "; " \
		of(m "1000/parallel=1", o "1000/parallel=1", "ns/op") " and " of(m "1000/parallel=2", o "1000/parallel=2", "ns/op") "; " \
		num("%.3f", med("HitRatio/store=memory" tenth, "hit-ratio")) " and " num("%.3f", med("HitRatio/store=otter" tenth, "hit-ratio")))
	a = "RoundTrip/transport=advoware"; b = "RoundTrip/transport="
	row("S3", "0.45 of x/oauth2; 3 allocations and 720 B added", of(a, b "oauth2", "ns/op") "; " more(a, b "bare", "allocs/op") " and " more(a, b "bare", "B/op") " B")
	a = "Sign/impl=advoware"
	row("S4", "1.6 times the floor, the obvious calls 2.7x; 0 allocations; the same with nonce and timestamp", \
		of(a, "Sign/impl=floor", "ns/op") "; " of("Sign/impl=obvious", a, "ns/op") "; " num("%d", med(a, "allocs/op")) "; fresh " \
		of(a "/message=fresh", "Sign/impl=floor", "ns/op") ", " of("Sign/impl=obvious/message=fresh", a "/message=fresh", "ns/op") ", " num("%d", med(a "/message=fresh", "allocs/op")))
	a = "RedisGet/impl=advoware"; b = "RedisGet/impl=go-redis/commands=same"
	row("S5", "1.1 times go-redis for the same pipeline, at most 2 more allocations", of(a, b, "ns/op") "; " more(a, b, "allocs/op"))
	a = "Stampede/store=tiered"
	row("S6", "1 request; 1.3 times the floor over the fetch, 0.65 of x/oauth2", num("%g", med(a, "requests/round")) "; " \
		of(a, "Stampede/store=channel", "over-ms") "; " of(a, "Stampede/store=oauth2-reuse", "over-ms"))
	f = "Fleet/lock="; s = "/processes=8/goroutines=1000/latency=50ms"; a = f "advoware" s
	row("S7", "1 request; p99 over the fetch 1.4 times the floor, 0.2 of redislock and of redsync; 4 trips a process; killed: 4 s, 2 requests", \
		num("%g", med(a, "requests")) "; " of(a, f "none" s, "p99-ms") "; " of(a, f "redislock" s, "p99-ms") " and " of(a, f "redsync" s, "p99-ms") "; " \
		num("%.1f", med(a, "trips/process")) "; " num("%.0f ms", med("FleetKilled/lock=advoware", "slowest-ms")) ", " num("%g", med("FleetKilled/lock=advoware", "requests")))
	s = "/goroutines=64/latency=500ms"
	row("", "2, 8, 32 processes: 1 request, slowest at most 50 ms over the fetch", \
		num("%.0f", med(f "advoware/processes=2" s, "slowest-ms")) ", " num("%.0f", med(f "advoware/processes=8" s, "slowest-ms")) ", " \
		num("%.0f ms", med(f "advoware/processes=32" s, "slowest-ms")) "; redislock " num("%.0f", med(f "redislock/processes=2" s, "slowest-ms")) ", " \
		num("%.0f", med(f "redislock/processes=8" s, "slowest-ms")) ", " num("%.0f", med(f "redislock/processes=32" s, "slowest-ms")) "; redsync " \
		num("%.0f", med(f "redsync/processes=2" s, "slowest-ms")) ", " num("%.0f", med(f "redsync/processes=8" s, "slowest-ms")) ", " num("%.0f", med(f "redsync/processes=32" s, "slowest-ms")))
	a = "Expiry/store=tiered"
	row("S8", "0 held up; p99.9 0.001 of x/oauth2, 0.2 of otter; max 1 ms", num("%g", med(a, "held-up")) "; " \
		of(a, "Expiry/store=oauth2-reuse", "p99.9-us") ", " of(a, "Expiry/store=otter", "p99.9-us") "; " num("%.0f us", med(a, "max-us")))
	a = "Call/impl=advoware"; b = "Call/impl=by-hand"
	row("S9", "p50 1.03 times by hand, at most 5 more allocations", of(a, b, "p50-us") " (x/oauth2 " of("Call/impl=oauth2", b, "p50-us") "); " more(a, b, "allocs/op"))
	row("S10", "1 request for all calls", num("%g", med("Failing/store=tiered", "requests/op")) " for " num("%g calls", med("Failing/store=tiered", "calls/op")))
	a = "IdentityMemory/layer=store/store=memory"; b = "IdentityMemory/layer=source/state=lapsed"
	row("S11", "304 B an identity; no goroutine and no timer for an idle one", num("%.0f B", med(a, "B/identity")) "; " \
		num("%.2g", med(b, "goroutines/identity")) " and " num("%.2g", med(b, "timers/identity")))
}
' "$@"
