#!/usr/bin/env bash
# usage: benchmarks/goals.sh [FILE…]
#
# Sets what run.sh wrote against the goals, as a table in Markdown, with the command
# (from the root) that makes what a row needs. Figures are medians of the rounds; a ratio
# is the median of the ratios of the rounds, so that what slows down a whole round does
# not count. Files of different commits are not put together. Without FILE it reads
# standard input. Beside each figure that has a goal of its own stands whether it was
# reached; what is in brackets has none. "-" is what was not measured.
set -euo pipefail
awk '
/^# commit: / {
	if (commit != "" && commit != $3) {
		print "goals.sh: the results are of different commits, " commit " and " $3 ": measure both again" > "/dev/stderr"
		mixed = 1
		exit 2
	}
	commit = $3
}
/^Benchmark/ {
	name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
	rounds[name] += $2
	for (i = 4; i <= NF; i += 2) { k = name " " $i; seen[k, ++count[k]] = $(i - 1) + 0 }
}
function middle(v, n,    i, j, x) { # median of v[1] to v[n], "" if there is none
	for (i = 2; i <= n; i++) {
		x = v[i]
		for (j = i - 1; j > 0 && v[j] > x; j--) v[j + 1] = v[j]
		v[j + 1] = x
	}
	if (!n) return ""
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
function med(name, unit,    k, i, v) {
	k = name " " unit
	for (i = 1; i <= count[k]; i++) v[i] = seen[k, i]
	return middle(v, count[k])
}
function most(name, unit,    k, i, x) { # the largest of all rounds
	k = name " " unit
	for (i = 1; i <= count[k]; i++) if (x == "" || seen[k, i] > x) x = seen[k, i]
	return x
}
function of(a, b, unit,    i, n, v) { # how often b is in a
	a = a " " unit; b = b " " unit
	for (i = 1; i <= count[a] && i <= count[b]; i++) if (seen[b, i] != 0) v[++n] = seen[a, i] / seen[b, i]
	return middle(v, n)
}
function less(a, b, unit) { # what b is taken off a
	a = med(a, unit); b = med(b, unit)
	return a == "" || b == "" ? "" : a - b
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
function shown(format, x) { return x == "" ? "-" : sprintf(format, x) }
function verdict(format, x, good) {
	tally[x == "" ? "-" : good]++
	return shown(format, x) (x == "" ? "" : good ? " reached" : " **missed**")
}
# Judged is the figure as it was measured, not as it is shown.
function atMost(limit, x, format) { return verdict(format == "" ? "%.3g" : format, x, x <= limit) }
function atLeast(limit, x, format) { return verdict(format == "" ? "%.3g" : format, x, x >= limit) }
# stretch is what is asked for beyond a goal, and not counted.
function stretch(limit, x, format) {
	return x == "" ? "" : " (stretch " limit ": " sprintf(format == "" ? "%.3g" : format, x) (x <= limit + 0 ? ", reached)" : ", not)")
}
function inEach(enough, n, x) { # 1 in each of n rounds, which tell nothing while there are too few
	if (x > 1 || n >= enough) return verdict("%g in " n " rounds", x, x <= 1)
	return verdict("", "") (x == "" ? "" : sprintf(" (%g in %d rounds)", x, n))
}
function row(goal, want, got, set) { printf "| %s | %s | %s | `SET=%s benchmarks/run.sh` |\n", goal, want, got, set }
END {
	if (mixed) exit 2
	print "| | goal | measured | command |"
	print "|---|---|---|---|"

	t = "Token/store="; h = "/state=hit/parallel="; a = t "tiered" h; d = "TokenNoAlloc/store=tiered/state=hit"
	row("S1", "a hit called directly: 15 ns, 0 allocations; on two cores 0.55 of one; every peer 5 times as long, on one core and on two; x/oauth2 10 times on two", \
		atMost(15, med(d, "ns/op"), "%.3g ns") ", " atMost(0, med(d, "allocs/op")) stretch("2.2 pointer loads", of(a "1", t "pointer-load" h "1", "ns/op")) "; " atMost(0.55, of(a "2", a "1", "ns/op")) "; " \
		atLeast(5, of(peers(t, h "1", "ns/op"), a "1", "ns/op")) ", " atLeast(5, of(peers(t, h "2", "ns/op"), a "2", "ns/op")) "; " \
		atLeast(10, of(t "oauth2-reuse" h "2", a "2", "ns/op")), "S1")

	a = "TokenCounted/count=on/parallel="; b = "TokenCounted/count=off/parallel="
	row("S1b", "counted and with all hooks: 4 times as long, on one core and on two; two cores less than one", \
		atMost(4, of(a "1", b "1", "ns/op")) ", " atMost(4, of(a "2", b "2", "ns/op")) "; " \
		verdict("%.3g", of(a "2", a "1", "ns/op"), of(a "2", a "1", "ns/op") < 1), "S1b")

	a = "Identities/store=memory/identities="; b = "Identities/store=otter/identities="
	c = "Identities/store=tiered/identities="
	s = "/identities=100000/capacity=10000"; x = less("HitRatio/store=otter" s, "HitRatio/store=memory" s, "hit-ratio")
	row("S2", "0.9 of otter among 100,000 identities that fit, on one core and on two; 0.5 among 1,000; hit ratio at 10 % capacity within 0.01 of otter", \
		atMost(0.9, of(a "100000/parallel=1", b "100000/parallel=1", "ns/op")) ", " atMost(0.9, of(a "100000/parallel=2", b "100000/parallel=2", "ns/op")) "; " \
		atMost(0.5, of(a "1000/parallel=1", b "1000/parallel=1", "ns/op")) ", " atMost(0.5, of(a "1000/parallel=2", b "1000/parallel=2", "ns/op")) \
		" (a Source for each " shown("%.3g", of(c "100000/parallel=1", b "100000/parallel=1", "ns/op")) ", " shown("%.3g", of(c "1000/parallel=1", b "1000/parallel=1", "ns/op")) "); " \
		atMost(0.01, x, "%.3f below") " (" shown("%.3f", med("HitRatio/store=memory" s, "hit-ratio")) " and " \
		shown("%.3f", med("HitRatio/store=otter" s, "hit-ratio")) ")", "S2")

	r = "RoundTrip/transport="; a = r "advoware"
	row("S3", "a request: 0.45 of x/oauth2; 3 allocations and 720 B added, none to one of the library'"'"'s own", atMost(0.45, of(a, r "oauth2", "ns/op")) \
		" (the copy alone " shown("%.3g", of(r "copy", r "oauth2", "ns/op")) "), with a token of 1,100 bytes " \
		atMost(0.45, of(a "/token=1100", r "oauth2/token=1100", "ns/op")) " (the copy " shown("%.3g", of(r "copy/token=1100", r "oauth2/token=1100", "ns/op")) "); " \
		atMost(3, less(a, r "bare", "allocs/op"), "%+d") ", " atMost(720, less(a, r "bare", "B/op"), "%+d B") ", " \
		atMost(0, most("RoundTripOwn", "added-allocs/op"), "%+d"), "S3")

	a = "Sign/impl=advoware/message=fresh"
	row("S4", "a signature with nonce and timestamp: 1.6 times two SHA-512 compressions; the obvious calls 2.7 times as long; 0 allocations", \
		atMost(1.6, of(a, "Sign/impl=floor", "ns/op")) stretch("1.25", of(a, "Sign/impl=floor", "ns/op")) " (with random bytes and the clock " shown("%.3g", of(a, "Sign/impl=floor/message=fresh", "ns/op")) "); " atLeast(2.7, of("Sign/impl=obvious/message=fresh", a, "ns/op")) "; " \
		atMost(0, med(a, "allocs/op")), "S4")

	a = "RedisGet/impl=advoware"; b = "RedisGet/impl=go-redis/commands=same"
	row("S5", "1.1 times go-redis for the same commands, by the clock and on a CPU; 2 allocations more; one round trip", \
		atMost(1.1, of(a, b, "ns/op")) ", " atMost(1.1, of(a, b, "cpu-ns/op")) "; " atMost(2, less(a, b, "allocs/op"), "%+d") "; " atMost(1, med(a, "trips/op")), "S5")

	a = "Stampede/store=tiered"; x = most(a, "requests/round")
	row("S6", "1 request in each of 1,000 rounds; over the request 1.3 times the closing of a channel, 0.65 of x/oauth2", \
		inEach(1000, rounds[a], x) "; " \
		atMost(1.3, of(a, "Stampede/store=channel", "over-ms")) ", " atMost(0.65, of(a, "Stampede/store=oauth2-reuse", "over-ms")) \
		" (the channel " shown("%.3g", of("Stampede/store=channel", "Stampede/store=oauth2-reuse", "over-ms")) ")", "S6")

	f = "Fleet/lock="; s = "/processes=8/goroutines=1000/latency=50ms"; a = f "advoware" s; d = "FleetKilled/lock=advoware"
	row("S7", "8 processes: 1 request; p99 over the request 1.4 times the floor, 0.2 of redislock and of redsync; 4 trips a process; the first one killed: 4 s, 2 requests", \
		atMost(1, most(a, "requests-max")) "; " atMost(1.4, of(a, f "none" s, "p99-ms")) ", " \
		atMost(0.2, of(a, f "redislock" s, "p99-ms")) ", " atMost(0.2, of(a, f "redsync" s, "p99-ms")) " (poll " shown("%.3g", of(a, f "poll" s, "p99-ms")) "); " \
		atMost(4, med(a, "trips/process")) "; " atMost(4000, med(d, "slowest-ms"), "%.0f ms") ", " atMost(2, most(d, "requests-max")), "S7")
	s = "/goroutines=64/latency=500ms"; split("2 8 32", n, " "); got = ""
	for (i = 1; i <= 3; i++) {
		a = "/processes=" n[i] s
		got = got n[i] ": " atMost(1, most(f "advoware" a, "requests-max")) ", " atMost(50, med(f "advoware" a, "slowest-ms"), "%.0f ms") " (poll " \
			shown("%.0f", med(f "poll" a, "slowest-ms")) ", redislock " shown("%.0f", med(f "redislock" a, "slowest-ms")) \
			", redsync " shown("%.0f", med(f "redsync" a, "slowest-ms")) ")" (i < 3 ? "; " : "")
	}
	row("", "2, 8, 32 processes: 1 request, the slowest at most 50 ms over it", got, "S7")

	a = "Expiry/store=tiered"
	row("S8", "0 calls held up; p99.9 0.001 of x/oauth2, 0.2 of otter; max 1 ms", atMost(0, most(a, "held-up")) "; " \
		atMost(0.001, of(a, "Expiry/store=oauth2-reuse", "p99.9-us")) ", " atMost(0.2, of(a, "Expiry/store=otter", "p99.9-us")) \
		" (a pointer load " shown("%.3g", of("Expiry/store=pointer-load", "Expiry/store=otter", "p99.9-us")) "); " \
		atMost(1000, most(a, "max-us"), "%.0f us") stretch("100", most(a, "max-us"), "%.0f"), "S8")

	a = "Call/impl=advoware"; b = "Call/impl=by-hand"
	row("S9", "a whole call: p50 1.03 times by hand, 5 allocations more", atMost(1.03, of(a, b, "p50-us")) \
		" (x/oauth2 " shown("%.3g", of("Call/impl=oauth2", b, "p50-us")) "); " atMost(5, less(a, b, "allocs/op"), "%+d"), "S9")

	a = "Failing/store=tiered"
	row("S10", "1 request for all calls while the gateway is down", atMost(1, most(a, "requests/op")) " (" shown("%g calls", med(a, "calls/op")) ")", "S10")

	a = "IdentityMemory/layer=store/store=memory"; b = "IdentityMemory/layer=source/state=lapsed"
	row("S11", "304 B an identity; no goroutine and no timer for an idle one", atMost(304, med(a, "B/identity"), "%.0f B") stretch("130", med(a, "B/identity"), "%.0f") "; " \
		atMost(0, med(b, "goroutines/identity"), "%.2g") ", " atMost(0, med(b, "timers/identity"), "%.2g"), "S11")

	printf "\n%d reached, %d missed, %d not measured.\n", tally[1], tally[0], tally["-"]
}
' "$@"
