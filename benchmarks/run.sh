#!/usr/bin/env bash
# usage: benchmarks/run.sh [FILE]
#
# Runs every benchmark once a round, round after round, so that whatever else the
# machine does meanwhile hits all of them alike. (go test -count=10 runs one
# benchmark ten times before the next.) Writes the results to FILE (default:
# results/<date>-<os>-<arch>.txt, relative to this folder), shows each benchmark as
# it ends, and at the end the tables.
#
#   SET=short  what takes nanoseconds to milliseconds: 10 rounds of 60 ms, 4 minutes
#   SET=long   cold starts, ends of tokens, fleets, memory: 3 rounds, 20 minutes
#   SET=all    both (the default)
#   BENCH=regexp  BENCHTIME=60ms  ROUNDS=10  instead of a set
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

file=${1:-results/$(date -u +%F)-$(go env GOOS)-$(go env GOARCH).txt}
long='^Benchmark(Stampede|Expiry|Failing|Fleet.*|HitRatio|IdentityMemory)$'
short='^Benchmark(Token.*|Identities|RoundTrip.*|Sign.*|Fetch|RedisGet|Call|Large)$'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -trimpath -c -o "$work/benchmarks.test" .

# rounds REGEXP ROUNDS BENCHTIME
rounds() {
	echo "# $2 rounds of $3 each" # a key would keep benchstat from comparing runs
	for ((round = 1; round <= $2; round++)); do
		"$work/benchmarks.test" -test.run='^$' -test.bench="$1" -test.benchmem -test.benchtime="$3" -test.timeout=1h
	done
}

everything() {
	echo "go: $(go env GOVERSION)"
	echo "gomaxprocs: ${GOMAXPROCS:-$(getconf _NPROCESSORS_ONLN)}"
	set -- "${SET:-all}"
	if [[ -n ${BENCH:-} ]]; then set -- bench; fi
	case $1 in
	bench) rounds "$BENCH" "${ROUNDS:-10}" "${BENCHTIME:-60ms}" ;;
	short) rounds "$short" "${ROUNDS:-10}" "${BENCHTIME:-60ms}" ;;
	long) rounds "$long" "${ROUNDS:-3}" "${BENCHTIME:-1s}" ;;
	all)
		rounds "$short" "${ROUNDS:-10}" "${BENCHTIME:-60ms}"
		rounds "$long" "${ROUNDS:-3}" "${BENCHTIME:-1s}"
		;;
	*)
		echo "SET is $1, not short, long or all" >&2
		return 2
		;;
	esac
}

mkdir -p "$(dirname "$file")"
everything | grep -v '^PASS$' | tee "$file"
# Once is enough to see that it runs, and too little to look at.
[[ ${BENCHTIME:-} == 1x ]] || ./tables.sh "$file"
