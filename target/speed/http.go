package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// contestant is a server that says hello, as a process of its own.
type contestant struct {
	name    string
	command []string
	path    string

	url      string
	stdin    io.Closer
	cmd      *exec.Cmd
	requests []float64 // thousands a second, by round
	p99      []float64 // milliseconds, by round
}

// contestants are the servers that the machine allows.
func (k *kit) contestants(self string) []*contestant {
	all := []*contestant{
		{name: "plain", command: []string{self, "-serve", "plain"}},
		{name: "loop", command: []string{self, "-serve", "loop"}},
		{name: "reference", command: []string{k.looptest(), "serve", "--until-stdin-closes"}, path: "/ok"},
	}
	if k.node != "" {
		all = append(all, &contestant{name: "node", command: []string{k.node, k.script(), "http"}})
	}
	return all
}

// http measures the servers under the same load.
func (k *kit) http(ctx context.Context, s settings) ([]row, error) {
	if k.wrk == "" || s.only != "" && s.only != web {
		return nil, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var turns []func() error
	named := map[string]*contestant{"node": {}} // without results where Node is absent
	for _, c := range k.contestants(self) {
		if err := c.start(ctx); err != nil {
			return nil, err
		}
		defer c.stop()
		named[c.name] = c
		turns = append(turns, func() error { return k.drive(ctx, c, s.load) })
	}
	if err := alternate(s.rounds, turns...); err != nil {
		return nil, err
	}
	fmt.Fprintln(k.log, "HTTP is measured")
	return httpRows(named), nil
}

// httpRows compares the servers.
func httpRows(c map[string]*contestant) []row {
	loop, reference, plain := c["loop"], c["reference"], c["plain"]
	return []row{
		{says: "HTTP through the loop, 64 connections", unit: "k/s", ours: loop.requests, node: c["node"].requests, floor: 1.2},
		{says: "  beside net/http alone³", unit: "k/s", ours: loop.requests, node: plain.requests, floor: 0.95},
		{says: "  99th percentile beside net/http alone³", unit: "ms", ours: loop.p99, node: plain.p99, floor: 1.1, less: true},
		{says: "HTTP of the reference server, /ok⁴", unit: "k/s", ours: reference.requests, node: c["node"].requests, floor: 1.2},
		{says: "  beside net/http alone³", unit: "k/s", ours: reference.requests, node: plain.requests, floor: 0.95},
		{says: "  99th percentile beside net/http alone³", unit: "ms", ours: reference.p99, node: plain.p99, floor: 1.1, less: true},
	}
}

// start runs the server until it says where it listens.
func (c *contestant) start(ctx context.Context) error {
	c.cmd = exec.CommandContext(ctx, c.command[0], c.command[1:]...)
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.cmd.Start(); err != nil {
		return err
	}
	c.stdin = stdin
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.stop()
		return fmt.Errorf("the %s server did not become ready: %w", c.name, err)
	}
	c.url = strings.TrimSpace(line)
	var ready struct{ URL string }
	if json.Unmarshal([]byte(line), &ready) == nil {
		c.url = ready.URL
	}
	return nil
}

// stop closes the server's standard input, which ends it.
func (c *contestant) stop() {
	c.stdin.Close()
	late := time.AfterFunc(10*time.Second, func() { c.cmd.Process.Kill() })
	defer late.Stop()
	c.cmd.Wait()
}

// drive loads the server once with 64 keep-alive connections.
func (k *kit) drive(ctx context.Context, c *contestant, load time.Duration) error {
	out, err := k.output(ctx, k.wrk, "--threads=1", "--connections=64", "--latency",
		fmt.Sprintf("--duration=%ds", int(load.Seconds())), c.url+c.path)
	if err != nil {
		return err
	}
	requests, p99, err := wrkResult(out)
	if err != nil {
		return fmt.Errorf("the %s server: %w", c.name, err)
	}
	c.requests = append(c.requests, requests/1e3)
	c.p99 = append(c.p99, float64(p99)/float64(time.Millisecond))
	return nil
}

var (
	wrkRequests = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkP99      = regexp.MustCompile(`(?m)^\s+99%\s+(\S+)`)
	wrkErrors   = regexp.MustCompile(`(?m)^\s+(Socket errors: .*|Non-2xx .*)$`)
)

// wrkResult reads wrk's report. A report with errors in it measures nothing.
func wrkResult(out string) (perSecond float64, p99 time.Duration, err error) {
	if failed := wrkErrors.FindStringSubmatch(out); failed != nil {
		return 0, 0, errors.New(failed[1])
	}
	requests, percentile := wrkRequests.FindStringSubmatch(out), wrkP99.FindStringSubmatch(out)
	if requests == nil || percentile == nil {
		return 0, 0, fmt.Errorf("wrk said:\n%s", out)
	}
	if perSecond, err = strconv.ParseFloat(requests[1], 64); err != nil {
		return 0, 0, err
	}
	p99, err = time.ParseDuration(percentile[1])
	return perSecond, p99, err
}
