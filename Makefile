SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# Every port of the demo is its usual one plus OFFSET.
OFFSET   ?= 0
# REDIS=1 runs the demo with a Redis, and two replicas of each gateway.
REDIS    ?=
FUZZTIME ?= 30s

# The workspace's modules, as directories and as patterns of all their packages.
MODULES  = $(shell go list -f '{{.Dir}}' -m)
PACKAGES = $(addsuffix /...,$(MODULES))

# The race detector needs a C compiler. Without one the tests still run, and say so.
HAS_CC = $(shell command -v "$$(go env CC)")
RACE   = $(if $(HAS_CC),-race)

# Tests that put processes under load, and have the machine for themselves.
PROCESSES = /test/(e2e|chaos)$$

LOAD  = go build -o bin/ ./test/load ./test/load/naive ./test/load/facet ./test/load/bare && bin/load
BENCH = $(LOAD) -bin bin -out bin/bench.json

# $(call each,command) runs a command in every module.
each = for dir in $(MODULES); do (cd "$$dir" && $(1)); done

.PHONY: help run test format vet unit alone race lint tidy tidied check bench bench-check bench-growth bench-deps chaos micro fuzz cachetests build

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the demo: the shop, its identity provider, three gateways (OFFSET=20000 moves all ports; REDIS=1: replicas)
	go build -o bin/ ./bff-mobile ./bff-web ./bff-admin ./test/shop ./test/demo
	exec bin/demo -bin bin -offset $(OFFSET) $(if $(REDIS),-redis)

test: format vet unit alone ## Everything that must pass: gofmt, vet, all tests with the race detector, each module alone

format:
	@unformatted=$$(gofmt -l $(MODULES)); \
	if [ -n "$$unformatted" ]; then printf 'Not formatted (run gofmt -w):\n%s\n' "$$unformatted" >&2; exit 1; fi

vet:
	go vet $(PACKAGES)

# -count=1, because the laws and the end-to-end tests read other modules' files, and
# go test's cache only knows the files of a test's own module.
unit:
	@$(if $(RACE),,echo 'No C compiler: the tests run without the race detector.' >&2)
	go test -count=1 $(RACE) $$(go list $(PACKAGES) | grep -vE '$(PROCESSES)')
	go test -count=1 $(RACE) -p 1 $$(go list $(PACKAGES) | grep -E '$(PROCESSES)')

# A team builds its gateway without the workspace.
alone:
	@$(call each,GOWORK=off go build ./...)

race: ## All tests with the race detector, and only that
	@$(if $(HAS_CC),,echo 'The race detector needs a C compiler, for example gcc.' >&2; exit 1)
	go test -race -count=1 $(PACKAGES)

lint: ## Run golangci-lint in each module (the first run downloads and builds it)
	@$(call each,$(GOLANGCI) run ./...)

tidy: ## Bring each go.mod and go.sum in order
	@$(call each,GOWORK=off go mod tidy)

tidied:
	@$(call each,GOWORK=off go mod tidy -diff)

check: test lint tidied ## What continuous integration runs: test, lint, and go.mod in order

bench: ## Measure what a request costs beside a hand-written gateway, nginx and haproxy (Linux; takes minutes)
	$(BENCH)

bench-check: ## The same, and fail when a target is missed
	$(BENCH) -check

bench-growth: ## Measure how the cost grows with backends, bytes, connections and endpoints (Linux; takes minutes)
	$(LOAD) growth -bin bin

bench-deps: ## Install nginx and haproxy from Debian's packages, for bench
	apt-get install -y --no-install-recommends nginx-light haproxy

# What the tests build is built before, so that the time is that of the tests.
chaos: ## Break all that can break between gateways, services and Redis, and print what came of it (3 minutes at most)
	go build ./bff-mobile ./bff-web ./test/shop
	cd test/chaos && go test -count=1 -timeout 3m -args -full -table

micro: ## Run every Go benchmark
	go test -run '^$$' -bench . -benchmem $(PACKAGES)

fuzz: ## Run each fuzz target for FUZZTIME (30s)
	@grep -rHoE --include='*_test.go' '^func Fuzz[[:alnum:]_]+' . | sed -E 's|/[^/]+:func | |' | sort | \
	while read -r package target; do \
		echo "$$package $$target"; \
		go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$package" </dev/null; \
	done

cachetests: ## Hold the cache against RFC 9111 by the suite of cache-tests.fyi (needs node and npm; takes half a minute)
	go build -o bin/ ./test/cachetests
	bin/cachetests -dir bin/cachetests.d

build: ## Build every package and the binaries into bin/
	go build $(PACKAGES)
	go build -o bin/ ./bff-mobile ./bff-web ./bff-admin ./test/shop ./test/demo
