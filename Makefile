# The tasks of a developer. Plain `make` lists them.

GO ?= go

# All Go modules except wasm/build, which only pins TinyGo.
MODULES := . $(patsubst %/go.mod,%,$(wildcard hostshims/*/go.mod bench/go.mod))
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help demo test simulate mutants lint build bench bench-instructions bench-serving bench-worker bench-reload core core-check bench-collector bench-publishing

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## publish, decide, expose, collect and read results, all on this machine
	$(GO) run ./examples/demo

test: ## run every test (needs Go and, for DuckDB, a C compiler)
	$(GO) test $(TESTFLAGS) ./...

simulate: ## simulate 200,000 steps of publishers, hosts and an attacker (SEED=n for another run)
	$(GO) test ./bundle/attack -count=1 -run '^TestSimulation$$' -steps 200000 -seed $(or $(SEED),1)

mutants: ## remove each security check in turn, and require that its test fails
	$(GO) run ./bundle/attack/mutants

lint: ## run gofmt, go vet and staticcheck in all modules (the first run needs the network)
	@files=$$(gofmt -l .); [ -z "$$files" ] || { echo "gofmt these files:"; echo "$$files"; exit 1; }
	@for module in $(MODULES); do \
	echo "go vet in $$module"; (cd $$module && $(GO) vet ./...) || exit 1; done
	@cd hostshims/httpwasm && GOOS=wasip1 GOARCH=wasm $(GO) vet ./guest
	@bin=$$(mktemp -d) && trap 'rm -rf "$$bin"' EXIT && \
	{ GOBIN=$$bin $(GO) install $(STATICCHECK) || { echo "lint: $(STATICCHECK) is neither in the module cache nor can it be fetched; gofmt and go vet found nothing"; exit 1; }; } && \
	for module in $(MODULES); do \
	echo "staticcheck in $$module"; (cd $$module && "$$bin/staticcheck" ./...) || exit 1; done && \
	cd hostshims/httpwasm && GOOS=wasip1 GOARCH=wasm "$$bin/staticcheck" -checks inherit,-U1000 ./guest

build: ## build bin/publisher and bin/edge
	$(GO) build -trimpath -o bin/publisher ./publisher
	$(GO) build -trimpath -o bin/edge ./edge

bench: ## compare speed and size with other systems, results in bench/results (needs Node)
	cd bench/node && npm ci --ignore-scripts --no-audit --no-fund --silent
	cd bench && $(GO) run . -results results

bench-instructions: ## count instructions, which do not depend on the load (needs valgrind)
	cd bench && $(GO) run ./instructions -results results

bench-serving: ## compare servers of flags over HTTP (FLAGD=path and GOFF=path name the others)
	cd bench && $(GO) run ./serving -results results $(if $(FLAGD),-flagd $(abspath $(FLAGD))) $(if $(GOFF),-goff $(abspath $(GOFF)))

bench-worker: ## compare SDKs in workerd and Node (needs Node)
	npm install --prefix bench/worker --no-save --ignore-scripts --no-audit --no-fund --silent
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	(cd bench && $(GO) run . stage W1 "$$dir/W1" && $(GO) run . stage W2-1000 "$$dir/W2") && \
	node bench/worker/bench.mjs "$$dir/W1" "$$dir/W2" >"$$dir/table" && \
	tee "bench/results/$$(date +%F)-worker.txt" <"$$dir/table"

bench-collector: ## what an event costs edge collect, beside NATS JetStream (SORTITION_NATS=path)
	cd bench && $(GO) run ./collector

bench-publishing: ## what check and publish cost at 10 to 10,000 experiments
	cd bench && $(GO) run ./publishing

bench-reload: ## compare start and reload of 10,000 experiments in Node (needs Node)
	cd bench/node && npm ci --ignore-scripts --no-audit --no-fund --silent
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	(cd bench && $(GO) run . stage Site "$$dir/Site" && $(GO) run . stage Site-next "$$dir/Site-next") && \
	node bench/node/reload.mjs "$$dir/Site" "$$dir/Site-next" >"$$dir/table" && \
	tee "bench/results/$$(date +%F)-reload.txt" <"$$dir/table"

core: ## compile wasm/core.wasm (the first run builds the TinyGo toolchain)
	wasm/build/build.sh wasm/core.wasm
	$(GO) test ./bundle/attack -count=1 -run '^TestFileIsCurrent$$' -update
	hostshims/js/core-sha256.sh

core-check: ## compile the core and compare it with the committed one, byte for byte
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	wasm/build/build.sh "$$dir/core.wasm" || exit; \
	if cmp "$$dir/core.wasm" wasm/core.wasm; then echo "core-check: wasm/core.wasm is what the source compiles to"; \
	else echo "core-check: wasm/core.wasm is not what the source compiles to; run 'make core' and commit it"; exit 1; fi
