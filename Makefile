# make prints what there is. Everything here also works by hand; go test ./...
# alone passes on any machine; with -v it says by name what it left out.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Files from outside the repository that some tests read in addition, if they
# are there. The one name for it.
SHARED_DATA ?= $(abspath ../shared/data)
ifneq ($(wildcard $(SHARED_DATA)),)
export AMIABLE_SHARED_DATA := $(SHARED_DATA)
endif

# One set of flags for tests and binary, so that packages are compiled once.
# make race is the exception: the race detector needs cgo.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath $(GOFLAGS)

VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo unknown)
CONFORMANCE := payments/stripe/sandbox/conformance
# Simulated years: every one is drawn from its number, and prints it where it
# breaks something. The tests live some, near twenty seconds of work each; make
# simulate lives as many as one likes.
TEST_SEEDS ?= 16
SEEDS ?= 100
SEED ?=
CHAOS_SEED ?=
LINT := go tool -modfile=.ci/tools.mod golangci-lint

.PHONY: help
help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## the binary, static, into bin/amiable
	go build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/amiable ./cmd/amiable

.PHONY: demo
demo: ## the whole product with an invented world
	go run ./cmd/amiable demo

.PHONY: test
test: install vet lint ## everything, nothing skipped: lint, both databases, browser, the judges of the sandbox
	AMIABLE_REQUIRE_ALL=1 AMIABLE_SIMULATE_SEEDS=$(TEST_SEEDS) go test -timeout 40m ./...
	cd $(CONFORMANCE) && AMIABLE_REQUIRE_ALL=1 go test -timeout 15m ./...

.PHONY: install
install: ## what the tests need and a Debian machine lacks
	.ci/install

.PHONY: vet
vet: ## gofmt and go vet
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags bench ./cmd/amiable
	go vet -tags chaos ./cmd/amiable
	cd $(CONFORMANCE) && go vet ./...

.PHONY: lint
lint: ## golangci-lint, built from .ci/tools.mod
	$(LINT) run

.PHONY: race
race: install ## negotiation and payments under the race detector
	CGO_ENABLED=1 GOFLAGS= AMIABLE_REQUIRE_ALL=1 go test -race -timeout 15m ./negotiation/... ./payments/... ./portal/access/...

.PHONY: bench
bench: install ## ratios to physical limits, measured in one run (docs/performance.md)
	AMIABLE_REQUIRE_ALL=1 go test -tags bench -count=1 -v -run '^TestBench$$' -timeout 60m ./cmd/amiable

.PHONY: gallery
gallery: ## every page in every state and language as files, into bin/gallery
	rm -rf bin/gallery && mkdir -p bin/gallery
	AMIABLE_GALLERY=$(abspath bin/gallery) go test -count=1 -run Gallery ./portal/page
	@echo "open bin/gallery/index.html"

.PHONY: states
states: ## draw docs/states.md and docs/worklist.md anew from their tables
	UPDATE_STATES=1 go test -count=1 -run 'StatesAreDrawn|WorklistIsDrawn' ./cmd/amiable

.PHONY: simulate
simulate: ## SEEDS=n simulated years full of faults, or SEED=n that one again
	AMIABLE_REQUIRE_ALL=1 AMIABLE_SIMULATE_SEEDS=$(SEEDS) AMIABLE_SIMULATE_SEED=$(SEED) go test -count=1 -v -run SimulatedYears -timeout 10h ./cmd/amiable

.PHONY: chaos
chaos: install ## ten minutes of real processes, killed and cut off while they collect; CHAOS_SEED=n draws the same faults again
	AMIABLE_REQUIRE_ALL=1 CHAOS_SEED=$(CHAOS_SEED) go test -tags chaos -count=1 -v -run '^TestChaos$$' -timeout 10m ./cmd/amiable

.PHONY: stripe-live
stripe-live: ## our contract against Stripe's test mode; needs STRIPE_LIVE_KEY=sk_test_…
	@[ -n "$${STRIPE_LIVE_KEY:-}" ] || { echo "STRIPE_LIVE_KEY=sk_test_… make stripe-live"; exit 1; }
	cd $(CONFORMANCE) && go test -count=1 -v -run ContractAgainstStripe ./...
