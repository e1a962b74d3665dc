package fuzz

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed testdata/run.cjs
var runCJS []byte

//go:embed testdata/virtualclock.c
var virtualClockC []byte

// patience is how long Node may take for a program.
const patience = 20 * time.Second

// ErrHangs says that Node did not end. Node 20 does so when a tick that an
// immediate queued clears the next immediate and throws; our loop goes on.
var ErrHangs = errors.New("node hangs")

// brokenLink is what Node itself throws again and again, to the program's own
// handler, when that is what has cleared the next immediate.
var brokenLink = []byte("UE:Cannot read properties of undefined (reading '_idleNext')")

// Node runs programs on the installed Node. Its methods are safe from any
// goroutine.
type Node struct {
	folder  string
	library string // the preloaded clock; none in plain mode
}

// NewNode makes ready to run programs in virtual time, or, when plain, without.
// It needs node, and a C compiler unless plain. Close removes what it has made.
func NewNode(plain bool) (*Node, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return nil, fmt.Errorf("comparing with node needs it to be installed: %w", err)
	}
	folder, err := os.MkdirTemp("", "looptest-fuzz-")
	if err != nil {
		return nil, err
	}
	n := &Node{folder: folder}
	if err = os.WriteFile(n.script(), runCJS, 0o600); err == nil && !plain {
		err = n.buildClock()
	}
	if err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Close removes the temporary files.
func (n *Node) Close() { _ = os.RemoveAll(n.folder) }

func (n *Node) script() string { return filepath.Join(n.folder, "run.cjs") }

func (n *Node) buildClock() error {
	source := filepath.Join(n.folder, "virtualclock.c")
	if err := os.WriteFile(source, virtualClockC, 0o600); err != nil {
		return err
	}
	n.library = filepath.Join(n.folder, "virtualclock.so")
	cc := exec.Command("cc", "-O1", "-Wall", "-shared", "-fPIC", "-o", n.library, source, "-ldl")
	if out, err := cc.CombinedOutput(); err != nil {
		return fmt.Errorf("building the virtual clock (-plain does without): %w\n%s", err, out)
	}
	return nil
}

// Run gives the trace of the program on Node; ErrHangs when it does not end.
func (n *Node) Run(p *Program) ([]string, error) {
	file, err := n.save(p)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(file) }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	// Without the flags a garbage collection may take a turn in the poll phase, and
	// so may the answer to a worker that has its parent print a warning.
	cmd := exec.CommandContext(ctx, "node", "--min-semi-space-size=64", "--no-warnings", n.script(), file)
	cmd.Env = append(os.Environ(), "UV_THREADPOOL_SIZE=1", "NODE_OPTIONS=")
	if n.library != "" {
		cmd.Args = append(cmd.Args, "virtual")
		cmd.Env = append(cmd.Env, "LD_PRELOAD="+n.library)
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if ctx.Err() != nil || bytes.Contains(out, brokenLink) {
		return nil, ErrHangs
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || len(out) == 0 {
		return nil, fmt.Errorf("node: %w: %s", err, complaint.String())
	}
	trace := byThread(strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"))
	return append(trace, codeLine(cmd.ProcessState.ExitCode())), nil
}

func (n *Node) save(p *Program) (string, error) {
	file, err := os.CreateTemp(n.folder, "program-*.json")
	if err != nil {
		return "", err
	}
	return file.Name(), errors.Join(json.NewEncoder(file).Encode(p), file.Close())
}
