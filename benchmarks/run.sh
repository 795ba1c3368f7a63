#!/usr/bin/env bash
# usage: benchmarks/run.sh [FILE]
#
# Runs every benchmark once a round, round after round, so that whatever else the
# machine does meanwhile hits all of them alike. (go test -count=10 runs one
# benchmark ten times before the next.) Shows each benchmark as it ends, and at the
# end the tables and where the results are: in FILE, which is written at the end and
# must not be there yet. Without FILE it is results/<date>-<os>-<arch>.txt in this
# folder for all benchmarks as they stand here, and a temporary file for anything else.
#
#   SET=short  what takes nanoseconds to milliseconds: 10 rounds of 60 or 200 ms, 6 minutes
#   SET=long   cold starts, ends of tokens, fleets, memory: 8 rounds, 30 minutes
#   SET=all    both (the default)
#   SET=S1     what one row of the goals needs: S1, S1b, S2 to S11
#   BENCH=regexp  instead of a set
#   BENCHTIME=60ms  ROUNDS=10  instead of those of the set
set -euo pipefail
[[ $# -le 1 ]] || { sed -n 2p "$0" >&2; exit 2; }
file=${1:-}
if [[ -n $file && $file != /* ]]; then file=$PWD/$file; fi
cd "$(dirname "${BASH_SOURCE[0]}")"

long='^Benchmark(Stampede|Expiry|Failing|Fleet.*|HitRatio|IdentityMemory)$'
stampedes='^BenchmarkStampede$/^store=(tiered|oauth2-reuse|channel)$' # by the thousand
short='^Benchmark(Token|TokenNoAlloc|Identities.*|Sign.*|Fetch|Large)$'
noisy='^Benchmark(TokenCounted.*|RoundTrip.*|RedisGet.*|Call)$'

# part REGEXP ROUNDS BENCHTIME [SKIP] adds to what is run, but for what SKIP matches.
parts=()
part() { parts+=("$1" "${ROUNDS:-$2}" "${BENCHTIME:-$3}" "${4:-}"); }
thousand() { parts+=("$stampedes" 8 125x ''); }
shorts() {
	part "$short" 10 60ms
	part "$noisy" 10 200ms
}
longs() {
	part "$long" 8 200ms "$stampedes"
	thousand
}

chosen=${SET:-all}
if [[ -n ${BENCH:-} ]]; then chosen=bench; fi
case $chosen in
bench)
	part "$BENCH" 10 60ms
	if [[ $BENCH == . && ${BENCHTIME:-} != 1x ]]; then thousand; fi
	;;
short) shorts ;;
long) longs ;;
all)
	shorts
	longs
	;;
S1) part '^BenchmarkToken(NoAlloc)?$' 10 60ms ;;
S1b) part '^BenchmarkTokenCounted(NoAlloc)?$' 10 200ms ;;
S2) part '^Benchmark(Identities|HitRatio)$' 10 60ms ;;
S3)
	part '^BenchmarkRoundTrip$/^transport=(bare|copy|advoware|oauth2)$' 10 200ms
	part '^BenchmarkRoundTripOwn$' 10 200ms
	;;
S4) part '^BenchmarkSign$' 10 60ms ;;
S5) part '^BenchmarkRedisGet$' 10 200ms ;;
S6) thousand ;;
S7) part '^BenchmarkFleet(Killed)?$' 8 200ms ;;
S8) part '^BenchmarkExpiry$/^store=(tiered|oauth2-reuse|otter|pointer-load)$' 8 200ms ;;
S9) part '^BenchmarkCall$' 10 200ms ;;
S10) part '^BenchmarkFailing$/^store=tiered$' 8 200ms ;;
S11) part '^BenchmarkIdentityMemory$' 8 200ms ;;
*)
	echo "SET is $chosen, not short, long, all or S1 to S11" >&2
	exit 2
	;;
esac

temporary() { mktemp "${TMPDIR:-/tmp}/advoware-benchmarks.XXXXXX"; }

work=$(mktemp -d)
# leave keeps what was measured by then if the run does not get to its end.
leave() {
	if grep -qs '^Benchmark' "$work/out"; then
		file=$(temporary)
		mv "$work/out" "$file"
		printf '\nNot finished. What was measured by then is in %s\n' "$file" >&2
	fi
	rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM

if [[ -z $file && $chosen == all && -z ${ROUNDS:-}${BENCHTIME:-} ]]; then
	file=$PWD/results/$(date -u +%F)-$(go env GOOS)-$(go env GOARCH).txt
fi
if [[ -n $file ]]; then
	if [[ -s $file ]]; then
		echo "$file is there already, and is not overwritten: give another FILE" >&2
		exit 2
	fi
	mkdir -p "$(dirname "$file")"
	[[ -w $(dirname "$file") ]] || { echo "nothing can be written to $(dirname "$file")" >&2; exit 2; }
fi

go test -trimpath -c -o "$work/benchmarks.test" .

# rounds REGEXP ROUNDS BENCHTIME SKIP
rounds() {
	echo "# $2 rounds of $3 each" # a key would keep benchstat from comparing runs
	for ((round = 1; round <= $2; round++)); do
		"$work/benchmarks.test" -test.run='^$' -test.bench="$1" -test.skip="$4" -test.benchmem -test.benchtime="$3" -test.timeout=1h
	done
}

everything() {
	echo "go: $(go env GOVERSION)"
	echo "gomaxprocs: ${GOMAXPROCS:-$(getconf _NPROCESSORS_ONLN)}"
	echo "# commit: $(git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)"
	echo "# redis: $("${ADVOWARE_REDIS_SERVER:-redis-server}" --version 2>/dev/null || echo none)"
	echo "# kernel: $(uname -sr)"
	set -- "${parts[@]}"
	while (($#)); do
		rounds "$1" "$2" "$3" "$4"
		shift 4
	done
}

everything | grep --line-buffered -v '^PASS$' | tee "$work/out"
if ! grep -q '^Benchmark' "$work/out"; then
	echo "no benchmark here has such a name"
	exit
fi
file=${file:-$(temporary)}
mv "$work/out" "$file"
# Once is enough to see that it runs, and too little to look at.
[[ ${BENCHTIME:-} == 1x ]] || ./tables.sh "$file" || echo "no tables" >&2
printf '\nThe results are in %s\n' "$file"
