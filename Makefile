STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

help: ## show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' Makefile

test: ## run all tests
	go test ./...

lint: ## run the linter
	go run $(STATICCHECK) ./...

bench: ## measure the loop beside Node and net/http (wrk for HTTP)
	go run ./target/speed
	go test -run '^$$' -bench SendLag -benchtime 1x ./attack

RATE ?= 5000/s
LASTS ?= 60s

memory: ## peak memory of the generator, without and with records (RATE=5000/s LASTS=60s)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && go build -o "$$folder/looptest" ./cmd/looptest && \
	for records in --no-records --no-records=false; do \
	  "$$folder/looptest" attack /ok --rate $(RATE) --duration $(LASTS) --no-charts $$records --out "$$folder/$$records" \
	    -- "$$folder/looptest" serve 2>&1 | grep -E '^ *(attack|generator) '; \
	done

N ?= 5000
SEED ?= 1

fuzz-node: ## compare the loop with the installed Node on N random programs (N=5000 SEED=1)
	go run ./target/loop/fuzz/cmd/fuzznode -n $(N) -seed $(SEED)

RUNS_AA ?= 60
RUNS_AB ?= 20
OUT ?= looptest-out/gate-calibration

gate-calibrate: ## run many short gates of the reference server, equal arms and known slowdowns, and tabulate them; hours, goes on after Ctrl-C (RUNS_AA=60 RUNS_AB=20 OUT=folder ONLY=words)
	go build -o "$(OUT)/gatecalibrate" ./cmd/gatecalibrate && \
	"$(OUT)/gatecalibrate" -aa $(RUNS_AA) -ab $(RUNS_AB) -out "$(OUT)" -only "$(ONLY)" -doc docs/gate-calibration.md $(ARGS)

gate-report: ## tabulate the gates that gate-calibrate has run so far (OUT=folder)
	go run ./cmd/gatecalibrate -report -aa $(RUNS_AA) -ab $(RUNS_AB) -out "$(OUT)" -doc docs/gate-calibration.md

ACCURACY ?= looptest-out/detect-accuracy

detect-accuracy: ## have detect judge servers on Node, Python, Go and our own loop whose kinds are known, and tabulate it; about 45 min, goes on after Ctrl-C (ACCURACY=folder ONLY=words)
	mkdir -p "$(ACCURACY)" && go build -o "$(ACCURACY)/detectaccuracy" ./cmd/detectaccuracy && \
	"$(ACCURACY)/detectaccuracy" -out "$(ACCURACY)" -only "$(ONLY)" -doc docs/detect-accuracy.md $(ARGS)

gate-smoke: ## a short gate of the reference server against itself: it fails when the machinery does, never on speed
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && go build -o "$$folder/looptest" ./cmd/looptest && cd "$$folder" && \
	code=0 && { ./looptest gate --base './looptest serve --unit 1500' --head './looptest serve --unit 1500' /ok --rate 500 --duration 400ms --slice 100ms \
	  --warmup 100ms --blocks 10 --no-extension --junit gate.xml --out out || code=$$?; } && \
	case $$code in 0|1|3|4) grep -q '"order"' out/gate.json && grep -q '<testsuites' gate.xml && test -s out/gate-forest.png ;; *) exit $$code ;; esac

golden: ## write the golden files and the README's table anew, to be looked at before they are committed
	go test ./reports ./cmd/gatecalibrate ./cmd/detectaccuracy -update
	go test ./cmd/looptest -run README -update

.PHONY: help test lint bench memory fuzz-node gate-calibrate gate-report gate-smoke detect-accuracy golden
