STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

help: ## show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' Makefile

test: ## run all tests
	go test ./...

lint: ## run the linter
	go run $(STATICCHECK) ./...

bench: ## run the benchmarks: ratios against a peer in the same run
	go test -run '^$$' -bench . -benchtime 1x ./...

golden: ## write the golden files anew, to be looked at before they are committed
	go test ./reports -update

.PHONY: help test lint bench golden
