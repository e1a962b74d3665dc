package programs

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// sources are the programs in JavaScript, and what traces them.
//
//go:embed *.cjs
var sources embed.FS

const tracer = "tracer.cjs"

// ErrNoNode says that Node isn't installed.
var ErrNoNode = errors.New("node was not found on the PATH")

// NodeTrace is what a program printed on Node.
type NodeTrace struct {
	Version string   // of Node: "v20.20.2"
	Parts   [][]Line // the lines of each part, in the order of the program's
}

// Source gives a program's JavaScript.
func (p Program) Source() (string, error) {
	text, err := sources.ReadFile(p.Name + ".cjs")
	return string(text), err
}

// nodeTakes bounds what one part may take on Node.
const nodeTakes = time.Minute

// RunOnNode runs a program's JavaScript on the Node that is on the PATH, each
// part as a process of its own.
func RunOnNode(ctx context.Context, p Program) (NodeTrace, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return NodeTrace{}, ErrNoNode
	}
	folder, err := os.MkdirTemp("", "looptest-trace-")
	if err != nil {
		return NodeTrace{}, err
	}
	defer os.RemoveAll(folder)
	if _, err := bigFile(folder); err != nil {
		return NodeTrace{}, err
	}
	if err := os.CopyFS(folder, sources); err != nil {
		return NodeTrace{}, err
	}
	var t NodeTrace
	for _, part := range p.Parts {
		lines, version, err := part.runOnNode(ctx, node, folder, p.Name)
		if err != nil {
			return NodeTrace{}, fmt.Errorf("%s (%s) on node: %w", p.Name, part.Name, err)
		}
		t.Version = version
		t.Parts = append(t.Parts, lines)
	}
	return t, nil
}

func (p Part) runOnNode(ctx context.Context, node, folder, name string) (lines []Line, version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, nodeTakes)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "--require", filepath.Join(folder, tracer), name+".cjs", p.Name, "big.txt")
	cmd.Dir = folder
	cmd.Env = p.nodeEnvironment()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, "", errors.Join(err, said(stderr.String()))
	}
	return readNode(stdout.Bytes())
}

// nodeEnvironment leaves out what would make this Node unlike others.
func (p Part) nodeEnvironment() []string {
	var kept []string
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); name != "NODE_OPTIONS" && name != "UV_THREADPOOL_SIZE" {
			kept = append(kept, v)
		}
	}
	threads := p.Pool
	if threads == 0 {
		threads = loop.DefaultPoolSize
	}
	return append(kept, "UV_THREADPOOL_SIZE="+strconv.Itoa(threads))
}

func said(stderr string) error {
	if stderr = strings.TrimSpace(stderr); stderr == "" {
		return nil
	}
	return errors.New(stderr)
}

// readNode reads what the tracer wrote.
func readNode(text []byte) ([]Line, string, error) {
	var d struct {
		Version string `json:"version"`
		Lines   []struct {
			Text  string
			Phase loop.Phase
			Queue Queue
			At    float64 `json:"at_ms"`
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, "", fmt.Errorf("its trace can't be read: %w", err)
	}
	lines := make([]Line, len(d.Lines))
	for i, l := range d.Lines {
		lines[i] = Line{l.Text, l.Phase, l.Queue, time.Duration(l.At * float64(time.Millisecond))}
	}
	return lines, d.Version, nil
}

// followed is the major version of Node whose order the loop follows: timers
// come after poll since then.
const followed = 20

// Unlike says in what way this Node can't be compared; empty when it can.
func (t NodeTrace) Unlike() string {
	major, err := strconv.Atoi(strings.TrimPrefix(strings.Split(t.Version, ".")[0], "v"))
	if err != nil || major >= followed {
		return ""
	}
	return fmt.Sprintf("the loop follows Node %d, and this is %s: its timers phase lies elsewhere", followed, t.Version)
}
