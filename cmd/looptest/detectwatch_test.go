package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
)

// watchSummary is what tests look at in a watch's JSON.
type watchSummary struct {
	Type    string
	Verdict struct{ Outcome string }
	Finding string
	Error   string
	Partial bool
	Count   int     `json:"stall_count"`
	Longest float64 `json:"longest_ms"`
	Sent    int
	Stalls  []struct {
		Stall struct{ Value, Low, High float64 } `json:"stall_ms"`
		Error string
	}
	Errors map[string]int
}

// watchOn runs `looptest detect --watch --json-lines` within this process, and gives
// the lines before the summary too.
func watchOn(t *testing.T, ctx context.Context, args ...string) (code int, sum watchSummary, stalls []watchSummary, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(ctx, append([]string{"detect", "--watch", "--json-lines"}, args...), strings.NewReader(""), &stdout, &stderr)
	for line := range strings.Lines(stdout.String()) {
		sum = watchSummary{}
		if err := json.Unmarshal([]byte(line), &sum); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		stalls = append(stalls, sum)
	}
	if len(stalls) == 0 || sum.Type != "summary" {
		t.Fatalf("there is no summary; it said %s%s", stderr.String(), stdout.String())
	}
	return code, sum, stalls[:len(stalls)-1], stderr.String()
}

// A loop that is held for a while is a stall, which --fail-on may name.
func TestWatchSeesStalls(t *testing.T) {
	l := newLoop()
	url := serves(t, l.ServeHTTP)
	time.AfterFunc(700*time.Millisecond, func() {
		l.Lock()
		defer l.Unlock()
		time.Sleep(400 * time.Millisecond)
	})
	code, sum, stalls, said := watchOn(t, t.Context(), url+"/ok", "--duration", "2s", "--fail-on", "stall>200ms")
	if code != exitFail || sum.Verdict.Outcome != "fail" || sum.Count == 0 || len(stalls) != sum.Count || sum.Partial {
		t.Errorf("exit code %d: %+v, %d lines", code, sum, len(stalls))
	}
	for _, s := range stalls {
		if s.Type != "stall" {
			t.Errorf("a line of the type %q", s.Type)
		}
	}
	if sum.Sent != 100 || !strings.Contains(said, "GET /ok at 50/s on 8 connections, for 2 s") {
		t.Errorf("%d sent; it said %s", sum.Sent, said)
	}
}

// Without a duration Ctrl-C is how a watch ends; with one it is an interruption.
func TestWatchEndsWithCtrlC(t *testing.T) {
	for duration, want := range map[string][]int{"": {exitPass}, "1h": {exitInterrupted}} {
		ctx, interrupt := context.WithCancel(t.Context())
		l := newLoop()
		probes := 0
		l.on("/probe", func(http.ResponseWriter, *http.Request) {
			if probes++; probes == 20 {
				interrupt()
			}
		})
		args := []string{serves(t, l.ServeHTTP), "--probe", "/probe"}
		if duration != "" {
			args = append(args, "--duration", duration)
		}
		code, sum, _, _ := watchOn(t, ctx, args...)
		if code != want[0] || sum.Partial != (duration != "") {
			t.Errorf("with %q: exit code %d, %+v", duration, code, sum)
		}
	}
}

// A server that is gone for a while served nobody; one that never answers makes a
// watch invalid.
func TestWatchOfDeadServers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: newLoop()}
	go s.Serve(l)
	time.AfterFunc(700*time.Millisecond, func() { s.Close() })
	code, sum, _, _ := watchOn(t, t.Context(), "http://"+l.Addr().String()+"/ok", "--duration", "2s")
	last := len(sum.Stalls) - 1
	if code != exitPass || last < 0 || sum.Errors["refused"] == 0 || sum.Stalls[0].Error == "" {
		t.Errorf("exit code %d, %+v", code, sum)
	}
	silent := listens(t, func(c net.Conn) { time.Sleep(time.Minute) })
	code, sum, _, _ = watchOn(t, t.Context(), "http://"+silent.Addr().String()+"/", "--duration", "1s", "--timeout", "300ms")
	if code != exitInvalid || !strings.Contains(sum.Finding, "none of 50 probes in 1 s was answered") {
		t.Errorf("exit code %d, %+v", code, sum)
	}
}

// What a stall looks like while it goes on, and when it is over.
func TestWatchTells(t *testing.T) {
	var out, said bytes.Buffer
	g := &guard{stdout: &out, stderr: &said}
	g.schedule = attack.Constant{Rate: 50, Lasts: time.Minute}
	g.report.Rate = 50
	g.begin()
	g.starts(time.Now().Add(-2 * time.Second))
	for n := range 75 { // the last at 1.48 s: since then nothing is answered
		due := time.Duration(n) * 20 * time.Millisecond
		g.sample(attack.Sample{Seq: n, Intended: due, Sent: due, Done: due + time.Millisecond, Code: 200})
	}
	if err := g.look(); err != nil || !strings.Contains(said.String(), "blocked now for ") || out.Len() > 0 {
		t.Errorf("%v: %q, %q", err, said.String(), out.String())
	}
	end := time.Since(g.began)
	for n := 75; n < 100; n++ {
		due := time.Duration(n) * 20 * time.Millisecond
		g.sample(attack.Sample{Seq: n, Intended: due, Sent: due, Done: end, Code: 200})
	}
	g.sample(attack.Sample{Seq: 100, Intended: end, Sent: end, Done: end + time.Millisecond, Code: 200})
	if err := g.look(); err != nil || !strings.Contains(out.String(), "  stall of ") || !strings.Contains(out.String(), " ms (25 probes waited)\n") {
		t.Errorf("%v: %q", err, out.String())
	}
	g.terminal = true
	said.Reset()
	g.look()
	if line := said.String(); !strings.HasPrefix(line, "\r\x1b[Kwatching ") || !strings.Contains(line, " · 1 stall, the longest ") {
		t.Errorf("%q", line)
	}
}
