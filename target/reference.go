package target

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Reference starts the reference server as a process of its own, so that it
// shares no runtime with what drives it. It is comparable: equal values can
// share a process.
type Reference struct {
	Exe      string // the looptest program
	PoolSize int    // threads; 4 when zero
	Workers  int    // at most; one a core when zero
	Unit     Unit   // additions in a step; calibrated by the server when zero
	Options  string // further flags of looptest serve, separated by spaces: "--max-lag 70ms"
	Database DSN    // of the /db routes, opened at start; an embedded one, opened when it is first used, when empty
	// Apart keeps arms out of each other's process: those with another word here
	// don't share one, though all settings are the same.
	Apart string
	// EndsWithin is how long it may take to end before it is killed; stopTimeout when
	// zero, which is short for a server that is to end under load.
	EndsWithin time.Duration
}

var _ Starter = Reference{}

// readyTimeout is how long a reference server may take to calibrate and listen.
const readyTimeout = 20 * time.Second

// String names the server with its settings.
func (r Reference) String() string {
	name := fmt.Sprintf("reference server, pool of %d, %d additions a step", r.poolSize(), r.Unit)
	if r.Options != "" {
		name += ", " + r.Options
	}
	if r.Database != "" {
		name += ", database " + r.Database.String()
	}
	return name
}

func (r Reference) poolSize() int {
	if r.PoolSize == 0 {
		return 4
	}
	return r.PoolSize
}

// stopTimeout is how long a reference server may take to end before it is killed.
const stopTimeout = 600 * time.Millisecond

// Start runs `looptest serve` and waits for its ready line.
func (r Reference) Start(ctx context.Context) (Target, error) {
	args := append([]string{"serve", "--until-stdin-closes", "--pool-size", strconv.Itoa(r.poolSize()),
		"--workers", strconv.Itoa(r.Workers), "--unit", strconv.Itoa(int(r.Unit))}, strings.Fields(r.Options)...)
	cmd := exec.Command(r.Exe, args...)
	cmd.Env = append(os.Environ(), DatabaseVariable+"="+string(r.Database)) // also when it is none: the variable may be meant for us
	t, err := startReference(cmd, cmp.Or(r.EndsWithin, stopTimeout))
	if err != nil {
		return nil, fmt.Errorf("the reference server can't be started: %w", err)
	}
	if t.ready, err = t.awaitReady(ctx); err != nil {
		t.process.Stop()
		return nil, fmt.Errorf("the reference server did not become ready: %w%s", err, t.said())
	}
	t.observer = newHTTPObserver(t.ready.ObserveURL)
	return t, nil
}

// referenceTarget is a reference server that runs.
type referenceTarget struct {
	*process
	stdout   *firstLine
	ready    Ready
	observer *httpObserver
}

func startReference(cmd *exec.Cmd, grace time.Duration) (*referenceTarget, error) {
	output, stdout := &tail{}, &firstLine{line: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = stdout, output
	stdin, err := cmd.StdinPipe() // closed when we die: the child then ends too
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, output: output, grace: grace, ask: func() { stdin.Close() }}
	if err := p.start(); err != nil {
		return nil, err
	}
	go p.await()
	return &referenceTarget{process: p, stdout: stdout}, nil
}

func (t *referenceTarget) awaitReady(ctx context.Context) (Ready, error) {
	timeout := time.NewTimer(readyTimeout)
	defer timeout.Stop()
	var line string
	select {
	case line = <-t.stdout.line:
	case <-t.gone:
		line = string(t.stdout.begun)
	case <-timeout.C:
		return Ready{}, fmt.Errorf("nothing was printed within %v", readyTimeout)
	case <-ctx.Done():
		return Ready{}, ctx.Err()
	}
	var ready Ready
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		return Ready{}, fmt.Errorf("it printed %q instead of its ready line", strings.TrimSpace(line))
	}
	return ready, nil
}

func (t *referenceTarget) URL() string { return t.ready.URL }

// Ready is what the server said when it was ready.
func (t *referenceTarget) Ready() Ready { return t.ready }

func (t *referenceTarget) Observer() Observer { return t.observer }

// Stop ends the server and waits until nothing of it is left.
func (t *referenceTarget) Stop() error {
	defer t.observer.client.CloseIdleConnections()
	return t.process.Stop()
}

// firstLine gives the first line that is written to it; the rest is dropped.
type firstLine struct {
	line  chan string
	begun []byte // of the line
	whole bool
}

const longestLine = 64 << 10

func (f *firstLine) Write(b []byte) (int, error) {
	if f.whole {
		return len(b), nil
	}
	f.begun = append(f.begun, b...)
	end := bytes.IndexByte(f.begun, '\n')
	if f.whole = end >= 0 || len(f.begun) > longestLine; f.whole {
		f.begun = f.begun[:max(end, 0)]
		f.line <- string(f.begun)
	}
	return len(b), nil
}
