#!/usr/bin/env bash
# usage: benchmarks/run.sh [FILE]
#
# Runs every benchmark once a round, round after round, so that whatever else the
# machine does meanwhile hits all of them alike. (go test -count=10 runs one
# benchmark ten times before the next.) Writes the results to FILE (default:
# results/<date>-<os>-<arch>.txt, relative to this folder) and shows each benchmark as it ends.
#
#   BENCH=regexp  BENCHTIME=100ms  ROUNDS=10
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

bench=${BENCH:-.} benchtime=${BENCHTIME:-100ms} rounds=${ROUNDS:-10}
file=${1:-results/$(date -u +%F)-$(go env GOOS)-$(go env GOARCH).txt}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -trimpath -c -o "$work/benchmarks.test" .

mkdir -p "$(dirname "$file")"
{
	echo "go: $(go env GOVERSION)"
	echo "gomaxprocs: ${GOMAXPROCS:-$(getconf _NPROCESSORS_ONLN)}"
	echo "# $rounds rounds of $benchtime each" # a key would keep benchstat from comparing runs
	for ((round = 1; round <= rounds; round++)); do
		"$work/benchmarks.test" -test.run='^$' -test.bench="$bench" -test.benchmem -test.benchtime="$benchtime"
	done
} | grep -v '^PASS$' | tee "$file"
