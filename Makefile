# `make` lists what there is. .ci/run runs all of it.
.DEFAULT_GOAL := help
.PHONY: help test test-rest test-plain test-one test-more chaos explore model model-short mutants suites lint bench fuzz ports release needs

# The library, and what has a module of its own, so that nobody who uses the library alone
# downloads what it needs. release is tested where it is run, and tools has no code.
MODULES := . $(filter-out tools release,$(patsubst %/go.mod,%,$(wildcard */go.mod */*/go.mod */*/*/go.mod)))

# tools/go.mod pins the version. The path is absolute because the other modules are
# checked too, from inside.
STATICCHECK := go tool -modfile='$(CURDIR)/tools/go.mod' staticcheck

# How long processes are killed and Redis fails; `make test` has the short form, and less than ten
# minutes leaves out what only waits for a minute to pass. The tests wait, most of the time.
CHAOS_TIME ?= 30m

BENCH     ?= .
BENCHTIME ?= 100ms
COUNT     ?= 8

# A number of inputs, not a duration: with a duration, Go before 1.27 may fail a
# target that did nothing wrong (go.dev/issue/75804).
FUZZTIME ?= 100000x

# How many packages of the library are tested at a time: one more than there are cores, as many
# wait for what happens in real time, a circuit breaker or a process that is killed.
PACKAGES ?= $$(($(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1))

# The packages whose tests take longest are begun first: a long one that begins last is
# waited for alone.
LONGEST = ./client ./cmd/advoware ./store/redis ./e2e/outage ./client/token ./store/tiered ./store/sealed ./internal/watch

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s%s\n", $$1, $$2 }'

# The race detector is linked by a C compiler. If the Redis package starts a
# server of its own, it is left alone: every test starts its own, on a free port.
needs:
	@command -v go >/dev/null || { echo "go is not on PATH: see https://go.dev/doc/install" >&2; exit 1; }
	@tools/need redis-server
	@tools/need "$$(go env CC | cut -d' ' -f1)"

# It tells what it does while it does it. `make lint` vets, and finds more than go test would.
GOTEST = ADVOWARE_REQUIRE_REDIS=1 go run ./internal/gotest
EACH   = -vet=off -timeout=$(TIMEOUT)

# How long the tests of one package may take: what takes longer hangs, on a machine that is not
# busy. The longest takes five minutes while others are compiled.
TIMEOUT ?= 9m

LIBRARY = '$(CURDIR)' $(EACH) -p=$(PACKAGES)
# All but the library, one after another. In deploy/check there is nothing to race.
OTHERS = $(foreach m,$(filter-out . e2e/sim,$(MODULES)),++ $(if $(filter deploy/check,$(m)),,$(RACED)) '$(CURDIR)/$(m)' $(EACH) -p=1 $(if $(filter deploy/check,$(m)),,-race) ./...)

# Much of what it costs is compiling. Each package that knows go-redis compiles 1,500 methods of
# an instance of weak.Pointer there again: without inlining and DWARF in a third of the time. They
# stand in the environment so that what a test builds finds it in the cache. And a process under
# the race detector waits for a second before it ends, more than most packages take.
QUICK = "GOFLAGS=$$(go env GOFLAGS) '-gcflags=all=-l -dwarf=false' '-gcflags=std=-dwarf=false'"
RACED = $(QUICK) "GORACE=atexit_sleep_ms=50 $$GORACE"

# How make test compiles the little that it has without the race detector. Who has compiled all of
# it as `go build` does, leaves it empty.
UNRACED ?= $(QUICK)

# make test has what a change of the library needs to be tried, within six minutes. test-rest has
# what builds programs, or breaks whole systems. Other targets have net/http's tests (suites), the
# models (model-short), what make lint runs, and e2e/chaos, of which test-rest has some seconds.
PLAIN = packages=$$(go list ./... | grep -vE '/advoware/($(APART))$$')
APART = e2e/docs|e2e/canary|e2e/chaos|e2e/nethttp|internal/archtest|internal/gotest|proof
REST  = cmd/.*|e2e/outage|e2e/proxy
test: needs ## the library's tests with the race detector, real Redis included (installs one if there is none), and 2,000 simulated schedules
	@packages=$$(go list ./... | grep -vE '/advoware/($(APART)|$(REST))$$') && $(GOTEST) -- $(RACED) $(LIBRARY) -race $(filter-out ./cmd/% ./e2e/%,$(LONGEST)) $$packages -- $(UNRACED) '$(CURDIR)/e2e/sim' $(EACH) ./...

# Two are run without the race detector: the documents, whose blocks are built, and the canary,
# which prints values that are in use. They are compiled as `go build` does, and so is what
# the others build without it: that is mostly there.
CHAOS = -run='^Test(Cold|Restarted|KilledHolder|StoppedHolder|Planted)'
test-rest: needs ## what is around the library: the command, outages, a fleet, adapters, examples, studies, each block of the documents, the canary
	@$(GOTEST) -- $(RACED) '$(CURDIR)' $(EACH) -race -p=2 ./cmd/... ./e2e/outage ./e2e/proxy ++ $(RACED) '$(CURDIR)' $(EACH) -race $(CHAOS) ./e2e/chaos ++ '$(CURDIR)' $(EACH) -p=1 ./e2e/docs ./e2e/canary ./internal/gotest -- $(wordlist 2,$(words $(OTHERS)),$(OTHERS))

test-plain: needs ## the library's tests as users run them, without the race detector, each package's in another order
	@$(PLAIN) && $(GOTEST) -- $(LIBRARY) -shuffle=on ./e2e/chaos $(LONGEST) $$packages

# Two tests of a package run beside each other there too: what does so waits most of the time.
test-one: needs ## the library's tests again, with one core for each package
	@$(PLAIN) && $(GOTEST) -- GOMAXPROCS=1 '$(CURDIR)' $(EACH) -shuffle=on -p=2 -parallel=2 ./e2e/chaos $(LONGEST) $$packages

# The packages whose own code has goroutines or locks.
MEETING = $$(go list -f '{{$$p := .}}{{range .GoFiles}}{{$$p.Dir}}/{{.}}{{"\n"}}{{end}}' ./... | grep -vE '/(cmd|e2e|internal/gotest)/' | xargs grep -lE '"(sync|sync/atomic|golang.org/x/sync/.*)"|^[[:space:]]*go (func|[a-z])' | xargs -n1 dirname | sort -u)

# They wait most of the time. The second one begins when the first one tests, and finds most of
# what it needs compiled. Both have found faults in packages that looked as if no order and no core
# could matter: test-one has all packages.
test-more: needs ## test-plain, and beside it those of test-one whose code has goroutines or locks
	@$(PLAIN) && meeting=$(MEETING) && $(GOTEST) -- $(LIBRARY) -shuffle=on ./e2e/chaos $(LONGEST) $$packages -- GOMAXPROCS=1 '$(CURDIR)' $(EACH) -shuffle=on -p=2 -parallel=2 $(filter-out ./cmd/% ./e2e/%,$(LONGEST)) $$meeting

chaos: needs ## a fleet of processes, killed, stopped and started, on a Redis that fails in every way; CHAOS_TIME=30m
	ADVOWARE_REQUIRE_REDIS=1 CHAOS_TIME='$(CHAOS_TIME)' go -C e2e/chaos test -vet=off -timeout=0 -parallel=6

EXPLORE_TIME ?= 2h
explore: ## schedules of e2e/sim that were never run before, until one fails; EXPLORE_TIME=2h
	go -C e2e/sim test -run='^TestSchedules$$' -timeout=0 -seed=0 -long='$(EXPLORE_TIME)'

model-short: ## search the models of proof within small bounds: a minute, 2 GB
	@tools/need spin
	@tools/need cc
	ADVOWARE_REQUIRE_PROGRAMS=1 go test -vet=off -count=1 -v -timeout=20m ./proof

model: ## search them within longer bounds too: an hour, and 32 GB at most
	@tools/need spin
	@tools/need cc
	ADVOWARE_REQUIRE_PROGRAMS=1 go test -vet=off -count=1 -v -timeout=0 -parallel=1 ./proof -args -long

# What is tried: a number of mutants, drawn from a seed, of each package that has a score in
# mutation/score.txt. DRAW=1 tries one of these packages, FOR=3m begins none after that time.
PKG  ?=
SEED ?= 1
N    ?= 20
DRAW ?= 0
FOR  ?= 0

mutants: needs ## small changes of the code that no test finds; PKG=./signer,./client SEED=text N=20
	@ADVOWARE_REQUIRE_REDIS=1 go -C mutation run . -root '$(CURDIR)' -pkg '$(PKG)' -seed '$(SEED)' -n '$(N)' -draw '$(DRAW)' -for '$(FOR)' $(if $(OUT),-out '$(abspath $(OUT))')

suites: ## all of net/http's own tests through client.Transport: with a token, with a 401 before each request
	ADVOWARE_REQUIRE_PROGRAMS=1 go test -vet=off -count=1 -v ./e2e/nethttp -args -long

lint: ## gofmt, vet, staticcheck, tidy go.mod files, and the rules of internal/archtest
	@files=$$(gofmt -l .) || exit 1; if [ -n "$$files" ]; then echo "gofmt -w is needed for:"; echo "$$files"; exit 1; fi
	@set -e; for m in $(MODULES); do \
		echo "vet, staticcheck, tidy    in $$m"; \
		go -C $$m vet ./...; \
		(cd $$m && $(STATICCHECK) ./...); \
		go -C $$m mod tidy -diff; \
	done
	@go -C tools mod tidy -diff
	@go -C release mod tidy -diff
	@go -C release vet ./...
	@go -C mutation mod tidy -diff
	@go -C mutation vet ./...
	go test -vet=off ./internal/archtest

# What people have, tests included.
PORTS ?= windows/amd64 darwin/arm64 freebsd/amd64 linux/386 linux/arm
# Those that differ most: no signals, no numbers for errors, no sockets, another linker.
BUILDS ?= plan9/amd64 aix/ppc64 js/wasm

# What make release builds too is compiled as it does, and then not again. Of the others nobody
# runs anything: without optimization that takes half as long.
PORTFLAG = case ',$(TARGETS),' in *,$$p,*) flag=-trimpath ;; *) flag='-gcflags=all=-N -l' ;; esac

ports: ## build, and vet with all tests, for systems that nobody here has; PORTS="windows/arm64 netbsd/amd64", BUILDS="$$(go tool dist list)"
	@set -e; for p in $(PORTS); do \
		echo "go build, go vet ./...    for $$p"; \
		export CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/}; $(PORTFLAG); \
		go build "$$flag" ./...; \
		go vet "$$flag" ./...; \
	done
	@set -e; for p in $(BUILDS); do \
		echo "go build ./...            for $$p"; $(PORTFLAG); \
		CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} go build "$$flag" ./...; \
	done

# Where to, what for, and what is built a second time, with an empty cache, to see that it becomes
# the same: all, host or none; host-cached is this system's again, with the usual cache.
DIST    ?= $(CURDIR)/dist/$(VERSION)
AGAIN   ?= all
TARGETS ?= linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64

release: ## archives of the command with completion and man page, bills of materials, checksums; VERSION=v1.2.3
	@go -C release run . -root '$(CURDIR)' -version '$(VERSION)' -out '$(abspath $(DIST))' -targets '$(TARGETS)' -again '$(AGAIN)'

# A package is linked to see which benchmarks it has: only those that have any.
BENCHES = $$(go list -f '{{$$p := .}}{{range .XTestGoFiles}}{{$$p.Dir}}/{{.}}{{"\n"}}{{end}}' ./... | xargs grep -l '^func Benchmark' | xargs -n1 dirname | sort -u)

bench: needs ## every benchmark, an hour, then tables and where the results are; BENCH=regexp BENCHTIME=100ms COUNT=8 OUT=file
	go test -vet=off -run='^$$' -bench='$(BENCH)' -benchmem -benchtime=$(BENCHTIME) -count=$(COUNT) $(BENCHES)
	@go -C benchmarks tool bench run --require-redis --bench='$(BENCH)' --benchtime=$(BENCHTIME) --rounds=$(COUNT) $(if $(OUT),'$(if $(filter /%,$(firstword $(OUT))),,$(CURDIR)/)$(OUT)')

# FUZZ=10 tries as many of the targets, drawn from SEED. What Go compiles for a fuzz target it
# compiles for nothing else, the standard library too: as quickly as it can.
FUZZ ?= 0
fuzz: ## every fuzz target in turn; FUZZTIME=100000x inputs, or a duration; FUZZ=10 SEED=text for some of them
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed 's|/[^/]*:func | |' | sort | \
	while read -r dir target; do echo "$$(printf '%s' '$(SEED)' "$$dir" "$$target" | git hash-object --stdin) $$dir $$target"; done | \
	$(if $(filter-out 0,$(FUZZ)),sort | head -n '$(FUZZ)',cat) | while read -r _ dir target; do \
		echo "$$dir $$target"; \
		go -C $$dir test -vet=off '-gcflags=all=-l -dwarf=false' -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) . </dev/null || exit 1; \
	done
