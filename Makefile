# What one does with heyq from a checkout. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help test check vulns build man run demo chaos kill9 bench clean

# A checkout that belongs to somebody else has no readable version.
test check: export GOFLAGS += -buildvcs=false

# go run leaves out what Go knows of the version, unless it is told not to; it
# cannot be told so where git does not answer.
run = go run $(shell git status >/dev/null 2>&1 && echo -buildvcs=true) ./cmd/heyq

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# go vet is part of check; go test would do a part of it again, with the race detector.
# The storm and the benchmarks wait more than they work, and go on beside the other tests;
# of these eight of a package run at once, since most of them wait as well.
test: ## install what is missing, lint, and run every test with the race detector
	@.ci/setup
	@$(MAKE) --no-print-directory check
	@race=$$(.ci/race) || exit 1; \
		(for mod in $(modules); do echo "cd $$mod && go test ./..."; (cd $$mod && go test -vet=off -timeout=15m ./...) || exit 1; done) & beside=$$!; \
		echo "go test $$race ./..."; go test $$race -vet=off -timeout=30m -parallel=8 -shuffle=on ./...; code=$$?; \
		wait $$beside && exit $$code

modules = $(patsubst %/go.mod,%,$(wildcard */go.mod))

check: ## lint only: gofumpt, go vet, staticcheck, and go vet of the storms and benchmarks
	@echo "gofumpt"; files=$$(go tool gofumpt -l .); if [ -n "$$files" ]; then \
		echo "not formatted; run go tool gofumpt -w . on:" >&2; echo "$$files" >&2; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	@for mod in $(modules); do echo "cd $$mod && go vet ./..."; (cd $$mod && go vet ./...) || exit 1; done

# Without the list, which is at vuln.go.dev, nothing is known, and nothing fails.
vulns: ## look for known holes in what heyq calls, where the list of them can be had
	@if command -v curl >/dev/null && ! curl -sfo /dev/null --max-time 10 https://vuln.go.dev/index/db.json; then \
		echo "NOT LOOKED AT: vuln.go.dev cannot be reached from here" >&2; exit 0; fi; \
		said=$$(go tool govulncheck ./... 2>&1); code=$$?; echo "$$said"; \
		if [ $$code -eq 0 ] || [ $$code -eq 3 ]; then exit $$code; fi; \
		echo "NOT LOOKED AT: the list of known holes cannot be had here" >&2

build: ## build bin/heyq
	go build -o bin/heyq ./cmd/heyq

man: build ## write the manual pages to bin/man
	bin/heyq man bin/man
	@echo "read one with: man -l bin/man/heyq.1"

run: ## start heyq with everything embedded, on http://127.0.0.1:8080
	$(run) up

demo: ## make 20 videos with the simulator and show them
	@echo "building heyq (the first time this takes minutes), then making 20 videos"
	$(run) demo

chaos: ## put 1,000 videos through five minutes of faults (seed=7), or play scenario=NAME, and audit them
	$(if $(rolling),@$(old-heyq))
	cd chaos && go run ./cmd/chaos -seed $(or $(seed),1) $(if $(scenario),-scenario $(scenario)) $(if $(rolling),-old ../bin/heyq-old)

rolling = $(filter rolling-update,$(scenario))

# The heyq from before the newest migration.
old-heyq = commit=$$(git log -1 --format=%h^ -- store/postgres/migrations) && dir=$$(mktemp -d) && \
	echo "building bin/heyq-old from $$commit" && git archive $$commit | tar -x -C $$dir && \
	(cd $$dir && go build -buildvcs=false -o $(CURDIR)/bin/heyq-old ./cmd/heyq) && rm -rf $$dir

kill9: ## kill `heyq up` with 100 videos in flight, again and again (rounds=20)
	HEYQ_TEST_ROUNDS=$(or $(rounds),20) go test -count=1 -timeout=60m -v -run='^TestE2E_kill9$$' ./cmd/heyq

bench: ## measure the whole pipeline on real Redis and Postgres
	cd bench/pipeline && go run .

clean: ## remove what was built; videos in heyq-data stay
	rm -rf bin .cache
	find . \( -name '*.test' -o -name '*.prof' \) -type f -delete
