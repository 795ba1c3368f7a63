#!/usr/bin/env bash
# usage: benchmarks/tables.sh FILE
#
# Shows what run.sh or go test wrote to FILE: this library beside its peers and the
# floor, by benchstat, and then the goals. What was not measured is left out.
set -euo pipefail
[[ $# == 1 && -f $1 ]] || { sed -n 2p "$0" >&2; exit 2; }
file=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"

# table TITLE ROW COLUMN UNIT NAME
table() {
	grep -q "^Benchmark$5[/-]" "$file" || return 0
	printf '\n%s\n' "$1"
	go tool benchstat -row "$2" -col "$3" -filter ".name:$5 .unit:$4" "$file" | sed -e '/^[a-z]*: /d' -e '/^$/d'
}

table 'A valid token, one identity' /parallel '/store@(tiered pointer-load memory map redis)' sec/op Token
table 'The same, of libraries for credentials' /parallel '/store@(tiered oauth2-reuse aws-credentials smithy-bearer cloud-auth azcore-bearer)' sec/op Token
table 'The same, of caches' /parallel '/store@(tiered otter theine sturdyc ristretto go-redis-cache rueidis python-way)' sec/op Token
table 'One of many identities' '/identities /parallel' '/store@(memory sync.Map otter theine sturdyc ristretto go-redis-cache hashicorp-lru)' sec/op Identities
table 'A request' '/wire /token' '/transport@(advoware bare copy oauth2 cloud-auth azcore)' sec/op RoundTrip
table 'A signature' /message '/impl@(advoware floor obvious)' sec/op Sign
table 'A token and its TTL from Redis' '/impl /commands' .name sec/op RedisGet
table 'A whole call: median in us' '/impl /redis' .name p50-us Call
table 'A cold start of one process: ms over the token request' .name '/store@(tiered channel oauth2-reuse aws-credentials otter python-way)' over-ms Stampede
table 'The end of a token: 99.9th percentile in us' .name '/store@(tiered oauth2-reuse aws-credentials cloud-auth smithy-bearer otter sturdyc)' p99.9-us Expiry
table 'The end of a token: calls held up' .name '/store@(tiered oauth2-reuse aws-credentials cloud-auth smithy-bearer otter sturdyc)' held-up Expiry
table 'A fleet that starts cold: slowest caller, ms over the token request' '/processes /latency' '/lock@(advoware none poll redislock redsync)' slowest-ms Fleet
table 'Token requests while the gateway is down' .name '/store@(tiered oauth2-reuse aws-credentials cloud-auth otter python-way)' requests/op Failing
table 'Memory of an identity' .name '/store@(memory otter theine sturdyc ristretto go-redis-cache hashicorp-lru)' B/identity IdentityMemory
printf '\nThe goals\n'
./goals.sh "$file"
