package target

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// process is a child of ours and, where there are process groups, all that it
// starts: the whole group is asked to end, and killed.
type process struct {
	cmd    *exec.Cmd
	output *tail
	grace  time.Duration // from being asked to end until it is killed
	ask    func()        // asks it to end, beside SIGTERM; may be nil
	clear  func()        // removes what is left of it once it has ended; may be nil
	gone   chan struct{} // closed when it has ended
	stop   sync.Once
}

// outputDelay is how long, after a process has ended, its children may hold on
// to its output.
const outputDelay = 200 * time.Millisecond

// start runs the command; from then on it is waited for.
func (p *process) start() error {
	ownGroup(p.cmd)
	p.cmd.WaitDelay = outputDelay
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.gone = make(chan struct{})
	return nil
}

// await waits for the process's end and ends what it leaves behind.
func (p *process) await() {
	defer close(p.gone)
	p.cmd.Wait() // what went wrong is in ProcessState
	kill(p.cmd)
	if p.clear != nil {
		p.clear()
	}
}

// Gone is closed when the process has ended and nothing of it is left.
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

// Stop asks the process group to end, kills it when it doesn't, and waits.
func (p *process) Stop() error {
	p.stop.Do(func() {
		terminate(p.cmd)
		if p.ask != nil {
			p.ask()
		}
		grace := time.NewTimer(p.grace)
		defer grace.Stop()
		select {
		case <-p.gone:
		case <-grace.C:
			kill(p.cmd)
			p.cmd.Process.Kill() // in case it left its group
		}
	})
	<-p.gone
	return nil
}

// said is the end of what the process wrote, for a message.
func (p *process) said() string {
	if text := strings.TrimSpace(p.output.String()); text != "" {
		return "; it said:\n" + text
	}
	return ""
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

var _ io.Writer = (*tail)(nil)

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

// String begins with a whole character, wherever the cut fell.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	from := 0
	for from < len(t.kept) && !utf8.RuneStart(t.kept[from]) {
		from++
	}
	return strings.ToValidUTF8(string(t.kept[from:]), "�")
}
