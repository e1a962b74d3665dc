package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// self is this test program as looptest.
func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asMain, "1")
	return exe
}

// recording starts real child servers and keeps what their loops recorded.
type recording struct {
	target.Reference
	whenReady func(target.Ready)
	served    *[]served
}

type served struct {
	Path     string
	Seq      string
	Arrived  float64 `json:"arrived_ms"`
	Started  float64 `json:"started_ms"`
	Answered float64 `json:"answered_ms"`
}

func (r recording) String() string { return r.Reference.String() }

func (r recording) Start(ctx context.Context) (target.Target, error) {
	t, err := r.Reference.Start(ctx)
	if err != nil {
		return nil, err
	}
	ready := t.(interface{ Ready() target.Ready }).Ready()
	if r.whenReady != nil {
		r.whenReady(ready)
	}
	return &recorded{t, ready, r.served}, nil
}

type recorded struct {
	target.Target
	ready  target.Ready
	served *[]served
}

func (r *recorded) Stop() error {
	if res, err := http.Get(r.ready.ObserveURL + "/requests"); err == nil {
		json.NewDecoder(res.Body).Decode(r.served)
		res.Body.Close()
		http.DefaultClient.CloseIdleConnections()
	}
	return r.Target.Stop()
}

// journey drives one arm against a real child server.
func journey(t *testing.T, query string) (attack.Run, []served) {
	t.Helper()
	var log []served
	starter := &recording{Reference: target.Reference{Exe: self(t), Unit: 1500}, served: &log}
	lasts := 600 * time.Millisecond
	arm := attack.Arm{Name: query, Target: starter, Warmup: attack.Warmup{Lasts: 50 * time.Millisecond}, Streams: []attack.Stream{
		{Name: "/ok", Role: attack.Probe, Requests: []attack.Request{{URL: "/ok"}}, Schedule: attack.Constant{Rate: 200, Lasts: lasts}},
		{Name: "/slow", Role: attack.Offender, Requests: []attack.Request{{URL: "/slow?n=200000&" + query}},
			Schedule: attack.Bursts{Size: 1, Every: lasts, Times: 1, Offset: 100 * time.Millisecond}},
	}}
	runs, err := attack.Execute(context.Background(), attack.Plan{Arms: []attack.Arm{arm}, Blocks: 1}, attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return runs[0], log
}

// slowSpan is when /slow was under way, as the loop recorded it.
func slowSpan(t *testing.T, log []served) served {
	t.Helper()
	for _, r := range log {
		if r.Path == "/slow" {
			return r
		}
	}
	t.Fatal("the server recorded no /slow")
	return served{}
}

func TestJourneyBlock(t *testing.T) {
	run, log := journey(t, "mode=block")
	slow := slowSpan(t, log)
	waited := 0
	for _, r := range log {
		if r.Path != "/ok" || r.Arrived < slow.Started || r.Arrived > slow.Answered {
			continue
		}
		waited++
		if r.Started < slow.Answered {
			t.Errorf("a probe that arrived at %.1f ms was started at %.1f, within /slow", r.Arrived, r.Started)
		}
	}
	if waited == 0 {
		t.Error("no probe arrived while /slow held the loop")
	}
	checkRun(t, run)
	held := 0
	for _, l := range run.Lag {
		if l.Label == "/slow" && l.Phase == "poll" {
			held++
		}
	}
	if held == 0 {
		t.Error("no heartbeat says that /slow held the loop")
	}
	if run.Target.Label != "/slow" {
		t.Errorf("the longest callback was %q", run.Target.Label)
	}
}

func TestJourneyChunk(t *testing.T) {
	run, log := journey(t, "mode=chunk&chunk=2000")
	slow := slowSpan(t, log)
	between := 0
	for _, r := range log {
		if r.Path == "/ok" && r.Started > slow.Started && r.Answered < slow.Answered {
			between++
		}
	}
	if between == 0 {
		t.Error("no probe was answered between the chunks of /slow")
	}
	checkRun(t, run)
}

// checkRun holds what is true of every whole run.
func checkRun(t *testing.T, r attack.Run) {
	t.Helper()
	if r.Partial || len(r.Of(attack.Probe)) != 120 || len(r.Of(attack.Offender)) != 1 {
		t.Errorf("partial %v %q: %d probes, %d offenders", r.Partial, r.Failure, len(r.Of(attack.Probe)), len(r.Of(attack.Offender)))
	}
	for _, s := range r.Samples {
		if s.Err != "" || s.Code != 200 || s.Sent < s.Intended || s.Done < s.Sent {
			t.Errorf("sample %+v", s)
		}
	}
	if r.Target == nil || r.Target.Utilization <= 0 || r.Target.Utilization > 1 || r.Target.PeakMemory <= 0 {
		t.Errorf("usage %+v", r.Target)
	}
	if len(r.Lag) == 0 {
		t.Error("no heartbeats")
	}
}

// A target that is killed midway ends the run with the reason.
func TestTargetKilledMidway(t *testing.T) {
	var log []served
	starter := &recording{
		Reference: target.Reference{Exe: self(t), Unit: 1500}, served: &log,
		whenReady: func(r target.Ready) {
			time.AfterFunc(300*time.Millisecond, func() {
				if p, err := os.FindProcess(r.PID); err == nil {
					p.Kill()
				}
			})
		},
	}
	arm := attack.Arm{Name: "idle", Target: starter, Streams: []attack.Stream{
		{Name: "/ok", Role: attack.Probe, Requests: []attack.Request{{URL: "/ok"}}, Schedule: attack.Constant{Rate: 200, Lasts: time.Hour}},
	}}
	runs, err := attack.Execute(context.Background(), attack.Plan{Arms: []attack.Arm{arm}, Blocks: 1}, attack.Hooks{})
	if err == nil || !strings.Contains(err.Error(), "the target ended by itself (signal: killed)") {
		t.Fatalf("error %v", err)
	}
	if len(runs) != 1 || !runs[0].Partial || len(runs[0].Samples) == 0 {
		t.Errorf("%d runs", len(runs))
	}
}

func TestServerThatCannotStart(t *testing.T) {
	if _, err := (target.Reference{Exe: "/nowhere/looptest"}).Start(context.Background()); err == nil || !strings.Contains(err.Error(), "can't be started") {
		t.Errorf("error %v", err)
	}
	exe := self(t)
	_, err := (target.Reference{Exe: exe, Unit: -5}).Start(context.Background())
	if err == nil || !strings.Contains(err.Error(), "--unit -5") {
		t.Errorf("the error does not say what the server said: %v", err)
	}
}

// program is looptest as a process of its own.
type program struct {
	*exec.Cmd
	stdout bytes.Buffer
	lines  chan string // of standard error
}

func start(t *testing.T, mark string, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(self(t), args...), lines: make(chan string, 100)}
	p.Env = append(os.Environ(), "LOOPTEST_TEST_MARK="+mark)
	p.Dir = t.TempDir()
	p.Stdout = &p.stdout
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(p.lines)
		for s := bufio.NewScanner(stderr); s.Scan(); {
			p.lines <- s.Text()
		}
	})
	t.Cleanup(func() { p.Process.Kill(); reading.Wait() })
	return p
}

// await reads standard error until a line begins so.
func (p *program) await(t *testing.T, begins string) {
	t.Helper()
	for line := range p.lines {
		if strings.HasPrefix(line, begins) {
			return
		}
	}
	t.Fatalf("no line began with %q", begins)
}

// marked counts the processes that carry the mark in their environment.
func marked(t *testing.T, mark string) (pids []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Skip("no /proc to look for processes in")
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ")); err == nil && bytes.Contains(env, []byte("LOOPTEST_TEST_MARK="+mark)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Ctrl-C stops the bench, keeps what was measured, and leaves no process behind.
func TestCtrlC(t *testing.T) {
	mark := fmt.Sprintf("ctrl-c-%d", os.Getpid())
	p := start(t, mark, "bench", "chunking", "--blocks", "50", "--quick", "--out", "out")
	p.await(t, "chunking: block 3")
	p.Process.Signal(os.Interrupt)
	err := p.Wait()
	if code := p.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d (%v), want %d", code, err, exitInterrupted)
	}
	var bench struct {
		Partial bool
		Claims  []struct {
			Arms []struct{ Samples int }
		}
	}
	data, err := os.ReadFile(filepath.Join(p.Dir, "out", "bench.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &bench); err != nil {
		t.Fatal(err)
	}
	if !bench.Partial || len(bench.Claims) != 1 || bench.Claims[0].Arms[0].Samples == 0 {
		t.Errorf("bench.json holds %+v", bench)
	}
	if left := marked(t, mark); len(left) != 0 {
		t.Errorf("processes %v are left", left)
	}
}

// When looptest itself is killed, its server ends too.
func TestKilledBenchLeavesNoServer(t *testing.T) {
	mark := fmt.Sprintf("killed-%d", os.Getpid())
	p := start(t, mark, "bench", "chunking", "--quick", "--out", "out")
	p.await(t, "chunking: block 2")
	beside := false
	for try := 0; !beside && try < 200; try++ { // between two blocks there is none
		beside = len(marked(t, mark)) > 1
		time.Sleep(10 * time.Millisecond)
	}
	if !beside {
		t.Fatal("no server was found beside the bench")
	}
	p.Process.Kill()
	p.Wait()
	for range 100 {
		if len(marked(t, mark)) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("processes %v are left", marked(t, mark))
}
