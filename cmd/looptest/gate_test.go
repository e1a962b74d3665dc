package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
)

// gateDocument is what other programs read.
type gateDocument struct {
	Command string
	Verdict struct{ Outcome string }
	Partial bool
	Error   string
	Metrics []struct {
		Name, Outcome string
		Change        *struct{ Value, Low, High float64 }
	}
	Blocks []struct{ Order []string }
	Charts []string
}

func readGate(t *testing.T, folder string) (d gateDocument) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, gateFile))
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A head that is twenty times as slow fails on any machine. Both are so slow that
// a generator which is late for a moment can still be trusted; where it is late for
// longer the gate rightly calls itself invalid, and is run again.
func TestGateFails(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	exe := self(t)
	serve := "'" + exe + "' serve --unit 1500 --slow-down "
	for try := 1; ; try++ {
		out := filepath.Join(t.TempDir(), "out")
		cmd := exec.Command(exe, "gate", "--base", serve+"20ms", "--head", serve+"400ms", "--url", "/ok", "--metric", "p50=500%,cpu=off,memory=off",
			"--rate", "200", "--duration", "200ms", "--slice", "100ms", "--warmup", "50ms", "--blocks", "10", "--out", out)
		said, _ := cmd.CombinedOutput()
		code := cmd.ProcessState.ExitCode()
		if code == exitInvalid && try < 3 {
			continue
		}
		d := readGate(t, out)
		if code != exitFail || d.Verdict.Outcome != "fail" || d.Metrics[0].Name != "p50" || d.Metrics[0].Outcome != "fail" {
			t.Fatalf("exit code %d, %s\n%s", code, d.Verdict.Outcome, said)
		}
		if c := d.Metrics[0].Change; c.Low < 5 || c.Value > 40 {
			t.Errorf("p50 changed by %+v, want about 19", c)
		}
		if order := strings.Join(d.Blocks[0].Order, " "); order != "base head head base" && order != "head base base head" {
			t.Errorf("slices: %s", order)
		}
		if len(d.Charts) != 3 {
			t.Errorf("charts %v", d.Charts)
		}
		return
	}
}

// What a log shows while blocks are lost and the plan is extended.
func TestGateProgress(t *testing.T) {
	var log strings.Builder
	p := newGateProgress(&log, false, gate.NewDesign(40, 6, true), 7*time.Second)
	part := func(first, blocks int) {
		for b := range blocks {
			for slice := range 4 {
				p.report(attack.Progress{Block: first + b, Blocks: first + blocks, Slice: slice, Slices: 4, Done: 2 * b, Total: 2 * blocks})
			}
		}
		p.report(attack.Progress{Block: first + blocks - 1, Blocks: first + blocks, Done: 2 * blocks, Total: 2 * blocks})
	}
	part(0, 14)
	part(14, 1) // one was lost
	part(15, 10)
	part(25, 16)
	part(41, 40)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 81 {
		t.Errorf("%d lines", len(lines))
	}
	for at, want := range map[int]string{0: "gate: block 1 of 40, 4:40 left", 14: "gate: block 15 of 41,", 40: "gate: block 41 of 41,", 41: "gate: block 42 of 81 (extended),", 80: "gate: block 81 of 81 (extended),"} {
		if !strings.HasPrefix(lines[at], want) {
			t.Errorf("line %d: %q, want %q", at+1, lines[at], want)
		}
	}
}
