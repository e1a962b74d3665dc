package target

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
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
}

var _ Starter = Reference{}

// readyTimeout is how long a reference server may take to calibrate and listen.
const readyTimeout = 20 * time.Second

// String names the server with its settings.
func (r Reference) String() string {
	return fmt.Sprintf("reference server, pool of %d, %d additions a step", r.poolSize(), r.Unit)
}

func (r Reference) poolSize() int {
	if r.PoolSize == 0 {
		return 4
	}
	return r.PoolSize
}

// Start runs `looptest serve` and waits for its ready line.
func (r Reference) Start(ctx context.Context) (Target, error) {
	cmd := exec.Command(r.Exe, "serve", "--until-stdin-closes",
		"--pool-size", strconv.Itoa(r.poolSize()), "--workers", strconv.Itoa(r.Workers), "--unit", strconv.Itoa(int(r.Unit)))
	p, err := startProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("the reference server can't be started: %w", err)
	}
	ready, err := p.awaitReady(ctx)
	if err != nil {
		p.Stop()
		return nil, fmt.Errorf("the reference server did not become ready: %w%s", err, p.said())
	}
	p.ready = ready
	p.observer = newHTTPObserver(ready.ObserveURL)
	return p, nil
}

// process is a target that runs as a child of ours.
type process struct {
	cmd      *exec.Cmd
	stdin    io.Closer
	stdout   io.Reader
	stderr   *tail
	ready    Ready
	observer *httpObserver
	gone     chan struct{} // closed when it has ended
	exit     error         // valid then
	stop     sync.Once
}

func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, stderr: &tail{}, gone: make(chan struct{})}
	cmd.Stderr = p.stderr
	ownGroup(cmd)
	stdin, err := cmd.StdinPipe() // closed when we die: the child then ends too
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.stdin, p.stdout = stdin, stdout
	return p, nil
}

// awaitReady reads the ready line. From then on the process is waited for.
func (p *process) awaitReady(ctx context.Context) (Ready, error) {
	lines := make(chan string, 1)
	go func() {
		defer close(p.gone)
		reader := bufio.NewReader(p.stdout)
		line, _ := reader.ReadString('\n')
		lines <- line
		io.Copy(io.Discard, reader)
		p.exit = p.cmd.Wait()
	}()
	timeout := time.NewTimer(readyTimeout)
	defer timeout.Stop()
	select {
	case line := <-lines:
		var ready Ready
		if err := json.Unmarshal([]byte(line), &ready); err != nil {
			return Ready{}, fmt.Errorf("it printed %q instead of its ready line", strings.TrimSpace(line))
		}
		return ready, nil
	case <-timeout.C:
		return Ready{}, fmt.Errorf("nothing was printed within %v", readyTimeout)
	case <-ctx.Done():
		return Ready{}, ctx.Err()
	}
}

func (p *process) URL() string { return p.ready.URL }

// Ready is what the server said when it was ready.
func (p *process) Ready() Ready { return p.ready }

func (p *process) Observer() Observer { return p.observer }

func (p *process) Gone() <-chan struct{} { return p.gone }

// Err tells that the process ended by itself, and what it last said.
func (p *process) Err() error {
	select {
	case <-p.gone:
		return fmt.Errorf("the target ended by itself (%v)%s", p.cmd.ProcessState, p.said())
	default:
		return nil
	}
}

// stopTimeout is how long a process may take to end before it is killed.
const stopTimeout = 600 * time.Millisecond

// Stop asks the process group to end, kills it when it doesn't, and waits.
func (p *process) Stop() error {
	p.stop.Do(func() {
		terminate(p.cmd)
		p.stdin.Close()
		select {
		case <-p.gone:
		case <-time.After(stopTimeout):
		}
		kill(p.cmd) // whatever is left of the group
		<-p.gone
		if p.observer != nil {
			p.observer.client.CloseIdleConnections()
		}
	})
	return nil
}

// said is the end of what the process wrote to its standard error, for a message.
func (p *process) said() string {
	if text := strings.TrimSpace(p.stderr.String()); text != "" {
		return "; it said:\n" + text
	}
	return ""
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - tailBytes; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
