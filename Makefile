# `make` lists what there is. .ci/run runs all of it.
.DEFAULT_GOAL := help
.PHONY: help test test-plain test-one test-more chaos lint bench fuzz ports release needs

# The library; the latency studies, the examples and the adapters for x/oauth2 in modules of their own.
MODULES := . $(patsubst %/go.mod,%,$(wildcard benchmarks/go.mod examples/go.mod oauth2x/go.mod))

# tools/go.mod pins the version. The path is absolute because the other modules are
# checked too, from inside.
STATICCHECK := go tool -modfile='$(CURDIR)/tools/go.mod' staticcheck

# How long processes are killed and Redis fails; `make test` has the short form.
CHAOS_TIME ?= 10m

BENCH     ?= .
BENCHTIME ?= 100ms
COUNT     ?= 8

# A number of inputs, not a duration: with a duration, Go before 1.27 may fail a
# target that did nothing wrong (go.dev/issue/75804).
FUZZTIME ?= 100000x

# How many packages of the library are tested at a time. The studies are tested beside them:
# together one more than there are cores, as many wait for what happens in real time, a
# circuit breaker or a process that is killed.
PACKAGES ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# The packages whose tests take longest are begun first: a long one that begins last is
# waited for alone.
LONGEST = ./e2e/chaos ./client ./cmd/advoware ./store/redis ./e2e/outage ./client/token ./store/tiered

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
EACH   = -vet=off -timeout=9m

LIBRARY = -- '$(CURDIR)' $(EACH) -p=$(PACKAGES)
# One at a time, beside the library's.
STUDIES = $(if $(filter benchmarks,$(MODULES)),-- '$(CURDIR)/benchmarks' $(EACH) -p=1)
EXAMPLES = $(if $(filter examples,$(MODULES)),-- '$(CURDIR)/examples' $(EACH) -p=1)
OAUTH2X = $(if $(filter oauth2x,$(MODULES)),-- '$(CURDIR)/oauth2x' $(EACH) -p=1)
# All but the library, with the flags of $(1).
OTHERS = $(if $(STUDIES),$(STUDIES) $(1) ./...) $(if $(EXAMPLES),$(EXAMPLES) $(1) ./...) $(if $(OAUTH2X),$(OAUTH2X) $(1) ./...)

# The canary is run without the race detector, which must not see it: it prints values that
# are in use.
test: needs ## the whole suite with the race detector, real Redis included (installs one if there is none)
	@$(GOTEST) $(LIBRARY) -race $(LONGEST) ./... $(call OTHERS,-race) -- '$(CURDIR)' $(EACH) ./e2e/canary

test-plain: needs ## the whole suite as users run it, without the race detector, each package's tests in another order
	@$(GOTEST) $(LIBRARY) -shuffle=on $(LONGEST) ./... $(call OTHERS,-shuffle=on)

test-one: needs ## the library's tests again, with one core for each package
	@$(GOTEST) -- GOMAXPROCS=1 '$(CURDIR)' $(EACH) -shuffle=on -p=2 $(LONGEST) ./...

# They wait most of the time, and what is compiled is the same.
test-more: needs ## test-plain and test-one side by side
	@$(GOTEST) $(LIBRARY) -shuffle=on $(LONGEST) ./... $(call OTHERS,-shuffle=on) -- GOMAXPROCS=1 '$(CURDIR)' $(EACH) -shuffle=on -p=1 $(LONGEST) ./...

chaos: needs ## a fleet of processes, killed, stopped and started, on a Redis that fails in every way; CHAOS_TIME=10m
	ADVOWARE_REQUIRE_REDIS=1 CHAOS_TIME='$(CHAOS_TIME)' go -C e2e/chaos test -timeout=0

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
	go test ./internal/archtest

# What people have, tests included.
PORTS ?= windows/amd64 darwin/arm64 freebsd/amd64 linux/386 linux/arm
# Those that differ most: no signals, no numbers for errors, no sockets, another linker.
BUILDS ?= plan9/amd64 aix/ppc64 js/wasm

ports: ## build, and vet with all tests, for systems that nobody here has; PORTS="windows/arm64 netbsd/amd64", BUILDS="$$(go tool dist list)"
	@set -e; for p in $(PORTS); do \
		echo "go build, go vet ./...    for $$p"; \
		export CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/}; \
		go build ./...; \
		go vet ./...; \
	done
	@set -e; for p in $(BUILDS); do \
		echo "go build ./...            for $$p"; \
		CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} go build ./...; \
	done

# Where to, what for, and what is built a second time to see that it becomes the same: all,
# host or none.
DIST    ?= $(CURDIR)/dist/$(VERSION)
AGAIN   ?= all
TARGETS ?= linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64

release: ## archives of the command with completion and man page, bills of materials, checksums; VERSION=v1.2.3
	@go -C release run . -root '$(CURDIR)' -version '$(VERSION)' -out '$(abspath $(DIST))' -targets '$(TARGETS)' -again '$(AGAIN)'

bench: needs ## every benchmark, an hour, then tables and where the results are; BENCH=regexp BENCHTIME=100ms COUNT=8 OUT=file
	go test -run='^$$' -bench='$(BENCH)' -benchmem -benchtime=$(BENCHTIME) -count=$(COUNT) ./...
	@go -C benchmarks tool bench run --require-redis --bench='$(BENCH)' --benchtime=$(BENCHTIME) --rounds=$(COUNT) $(if $(OUT),'$(if $(filter /%,$(firstword $(OUT))),,$(CURDIR)/)$(OUT)')

fuzz: ## every fuzz target in turn; FUZZTIME=100000x inputs, or a duration
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed 's|/[^/]*:func | |' | sort | \
	while read -r dir target; do \
		go -C $$dir test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) . </dev/null || exit 1; \
	done
