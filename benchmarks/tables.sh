#!/usr/bin/env bash
# usage: benchmarks/tables.sh FILE
#
# Shows what run.sh or go test wrote to FILE: this library beside its peers and the
# floor, by benchstat, and then the goals. What was not measured is left out.
set -euo pipefail
[[ $# == 1 && -f $1 ]] || { sed -n 2p "$0" >&2; exit 2; }
file=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"

# has UNIT NAME tells whether that was measured.
has() { grep -Eq "^Benchmark$2[/-].*[[:space:]]($1|${1/sec\/op/ns\/op})([[:space:]]|\$)" "$file"; }

# table TITLE ROW COLUMN UNIT NAME sets the columns beside each other.
table() {
	has "$4" "$5" || return 0
	printf '\n%s\n' "$1"
	go tool benchstat -row "$2" -col "$3" -filter ".name:$5 .unit:$4" "$file" | sed -e '/^[a-z]*: /d' -e '/^$/d'
}

# list TITLE ROW UNIT NAME sets the rows below each other.
list() { table "$1" "$2" .name "$3" "$4" | sed -e '/^geomean/d' -e '/summaries must be/d'; }

# Beside the others: this library comes first, and the rest is a percentage of it.
table 'A valid token, one identity' /parallel '/store@(tiered pointer-load memory map redis)' sec/op Token
table 'The same, of libraries for credentials' /parallel '/store@(tiered oauth2-reuse aws-credentials smithy-bearer cloud-auth azcore-bearer)' sec/op Token
table 'The same, of caches' /parallel '/store@(tiered otter theine sturdyc ristretto)' sec/op Token
table 'The same, of other caches, and of Redis' /parallel '/store@(tiered hashicorp-lru go-redis-cache rueidis python-way)' sec/op Token
table 'Counted, with all hooks' /parallel '/count@(off on)' sec/op TokenCounted
table 'A request' '/wire /token' '/transport@(advoware bare copy oauth2 cloud-auth azcore smithy)' sec/op RoundTrip
table 'A signature' /message '/impl@(advoware floor obvious)' sec/op Sign
table 'A token request, answered in memory' .name '/impl@(advoware by-hand)' sec/op Fetch
table 'A large answer' /read '/impl@(advoware oauth2)' sec/op Large
table 'A fleet that starts cold: slowest caller, ms over the token request' '/processes /latency' '/lock@(advoware none poll redislock redsync)' slowest-ms Fleet

# One below the other, where there are many.
list 'One of many identities' '/identities /parallel /store' sec/op Identities
list 'A valid token: allocations' /store allocs/op Token
list 'A request: allocations' '/transport /wire /token' allocs/op RoundTrip
list 'The hit ratio at 10 % capacity' /store hit-ratio HitRatio
list 'A token and its TTL from Redis' '/impl /commands' sec/op RedisGet
list 'The same: trips' '/impl /commands' trips/op RedisGet
list 'The same: allocations' '/impl /commands' allocs/op RedisGet
list 'A whole call: median in us' '/impl /redis /request' p50-us Call
list 'A cold start of one process: ms over the token request' /store over-ms Stampede
list 'The same: token requests in a round' /store requests/round Stampede
list 'The end of a token: 99.9th percentile in us' '/store /interval' p99.9-us Expiry
list 'The end of a token: calls held up' '/store /interval' held-up Expiry
list 'A fleet that starts cold: 99th percentile, ms over the token request' '/lock /processes /latency' p99-ms Fleet
list 'The same: token requests in the worst round' '/lock /processes /latency' requests-max Fleet
list 'The same: trips to Redis by each process' '/lock /processes /latency' trips/process Fleet
list 'Who fetches is killed: slowest caller, ms over the token request' /lock slowest-ms FleetKilled
list '1,000 calls while the gateway is down: token requests' /store requests/op Failing
list 'Memory of an identity' '/layer /store /state' B/identity IdentityMemory
printf '\nThe goals\n'
./goals.sh "$file"
