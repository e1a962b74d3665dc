package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kit is what the measurement needs of the machine: the programs under
// measurement, built into a folder of their own, and the tools that are there.
type kit struct {
	log    io.Writer
	root   string // of the module
	folder string
	node   string // empty where it isn't installed
	wrk    string // likewise
}

func openKit(ctx context.Context, log io.Writer) (*kit, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("the module's folder is unknown: %w", err)
	}
	folder, err := os.MkdirTemp("", "speed")
	if err != nil {
		return nil, err
	}
	k := &kit{log: log, root: strings.TrimSpace(string(root)), folder: folder}
	k.node = k.find("node", "there is nothing to compare with")
	k.wrk = k.find("wrk", "HTTP is left out")
	if err := k.build(ctx); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

// find gives a tool's path, or says what its absence means.
func (k *kit) find(tool, without string) string {
	path, err := exec.LookPath(tool)
	if err != nil {
		fmt.Fprintf(k.log, "%s is not installed: %s\n", tool, without)
		return ""
	}
	return path
}

// build makes the programs, so that no compiler runs beside a measurement.
func (k *kit) build(ctx context.Context) error {
	for _, args := range [][]string{
		{"test", "-c", "-o", k.benchmarks(), "./target/loop"},
		{"build", "-o", k.looptest(), "./cmd/looptest"},
	} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir, cmd.Stderr = k.root, k.log
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}

func (k *kit) benchmarks() string { return filepath.Join(k.folder, "loop.test") }
func (k *kit) looptest() string   { return filepath.Join(k.folder, "looptest") }
func (k *kit) script() string {
	return filepath.Join(k.root, "target", "loop", "testdata", "speed.cjs")
}
func (k *kit) close() { os.RemoveAll(k.folder) }

// output runs a program to its end, within the module's folder.
func (k *kit) output(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stderr = k.root, k.log
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", filepath.Base(program), strings.Join(args, " "), err)
	}
	return string(out), nil
}
