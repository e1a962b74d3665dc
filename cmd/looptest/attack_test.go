package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// attacked is what an attack came to.
type attacked struct {
	code           int
	stdout, stderr string
	out            string // its folder
	summary        attackSummary
}

// attackSummary is what tests look at in the JSON.
type attackSummary struct {
	Type    string
	Verdict struct {
		Outcome           string
		Warnings, Reasons []string
	}
	Finding, Error string
	Partial        bool
	Whole          struct {
		Offered, Sent, Unsent, Good int
		CutOff                      int `json:"cut_off"`
		Codes                       map[string]int
		Errors                      map[string]int
	}
	Budgets []struct{ Budget, Outcome, Statement string }
	Charts  []string
}

// attackOn runs `looptest attack --json` within this process.
func attackOn(t *testing.T, args ...string) attacked {
	t.Helper()
	a := attacked{out: filepath.Join(t.TempDir(), "out")}
	var stdout, stderr bytes.Buffer
	args = append([]string{"attack", "--json", "--no-charts", "--warmup", "0s", "--out", a.out}, args...)
	a.code = run(context.Background(), args, strings.NewReader(""), &stdout, &stderr)
	a.stdout, a.stderr = stdout.String(), stderr.String()
	if a.stdout != "" {
		if err := json.Unmarshal(stdout.Bytes(), &a.summary); err != nil {
			t.Fatalf("standard output is no JSON: %v\n%s", err, a.stdout)
		}
	}
	return a
}

// ends checks the exit code; a late generator may always call itself invalid.
func (a attacked) ends(t *testing.T, codes ...int) {
	t.Helper()
	if !slices.Contains(codes, a.code) && !(a.code == exitInvalid && a.summary.Verdict.Outcome == "invalid") {
		t.Errorf("exit code %d, want one of %v; %s%s", a.code, codes, a.stderr, a.stdout)
	}
}

// failsAs checks that all requests failed, and how.
func (a attacked) failsAs(t *testing.T, kinds ...string) {
	t.Helper()
	a.ends(t, exitFail)
	w := a.summary.Whole
	if w.Sent == 0 || w.Good != 0 {
		t.Errorf("%d sent, %d good", w.Sent, w.Good)
	}
	for kind := range w.Errors {
		if !slices.Contains(kinds, kind) {
			t.Errorf("failed as %v, want only %v", w.Errors, kinds)
		}
	}
}

func serves(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL
}

// closedPort is an address that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await waits until something is so, generously.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: that never came", what)
		}
	}
}

// short is a load that is over soon.
var short = []string{"--rate", "100/s", "--duration", "500ms", "--timeout", "5s"}

func TestAttackSavesAndReports(t *testing.T) {
	url := serves(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("fine")) })
	a := attackOn(t, append(short, url+"/", "--match", "^fine$", "--budget", "p50 < 20s", "--budget", "error_rate < 1%")...)
	a.ends(t, exitPass)
	if w := a.summary.Whole; w.Offered != 50 || w.Sent != 50 || w.Good != 50 || w.Codes["200"] != 50 {
		t.Errorf("whole: %+v", w)
	}
	if len(a.summary.Budgets) != 2 {
		t.Errorf("budgets: %+v", a.summary.Budgets)
	}
	for _, name := range []string{"run.json", "samples.parquet", "index.md"} {
		if _, err := os.Stat(filepath.Join(a.out, name)); err != nil {
			t.Error(err)
		}
	}
	saved, err := os.ReadFile(filepath.Join(a.out, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	var head struct{ Summary json.RawMessage }
	if err := json.Unmarshal(saved, &head); err != nil || !sameJSON(t, head.Summary, []byte(a.stdout)) {
		t.Errorf("run.json does not hold what was printed: %v", err)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func TestAttackDrawsCharts(t *testing.T) {
	url := serves(t, func(http.ResponseWriter, *http.Request) {})
	a := attackOn(t, append(short, url, "--no-charts=false", "--format", "svg", "--no-records")...)
	a.ends(t, exitPass)
	if len(a.summary.Charts) == 0 {
		t.Error("no charts")
	}
	for _, path := range append(a.summary.Charts, filepath.Join(a.out, "summary.json")) {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(a.out, "run.json")); err == nil {
		t.Error("--no-records leaves records")
	}
}

// Two attacks that begin within the same second get folders of their own.
func TestAttackFolders(t *testing.T) {
	t.Chdir(t.TempDir())
	f, now := loadFlags{}, time.Now()
	first := f.folder("attack", now)
	if _, err := openFolder(first); err != nil {
		t.Fatal(err)
	}
	if second := f.folder("attack", now); second != first+"-2" {
		t.Errorf("%q, then %q", first, second)
	}
}

// A folder with another run's records is not touched.
func TestAttackKeepsOtherRecords(t *testing.T) {
	url := serves(t, func(http.ResponseWriter, *http.Request) {})
	a := attackOn(t, append(short, url)...)
	a.ends(t, exitPass)
	var stderr bytes.Buffer
	if code := run(context.Background(), []string{"attack", url, "--out", a.out}, nil, &stderr, &stderr); code != exitInvalid {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(stderr.String(), "holds a recording already: name another folder") {
		t.Error(stderr.String())
	}
}

// A budget that can't be kept any more ends the load, and stays broken.
func TestAbortOnBudget(t *testing.T) {
	url := serves(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	a := attackOn(t, url, "--rate", "100/s", "--duration", "5m", "--budget", "error_rate < 0.1%", "--abort-on-budget")
	a.ends(t, exitFail)
	if !a.summary.Partial || !strings.Contains(a.summary.Error, "aborted by a budget: error_rate < 0.1% can't be held any more") {
		t.Errorf("partial: %v, %q", a.summary.Partial, a.summary.Error)
	}
	if b := a.summary.Budgets[0]; b.Outcome == "pass" {
		t.Errorf("the budget: %+v", b)
	}
}

// JSON lines are moments, and the summary as the last.
func TestJSONLines(t *testing.T) {
	url := serves(t, func(http.ResponseWriter, *http.Request) {})
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{
		"attack", url, "--json-lines", "--no-charts", "--warmup", "0s", "--rate", "50/s", "--duration", "2500ms",
		"--out", filepath.Join(t.TempDir(), "out"), "--budget", "p50 < 1ns",
	}, nil, &stdout, &stderr)
	if code != exitFail && code != exitInvalid {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	var types []string
	for line := range strings.Lines(stdout.String()) {
		var moment struct {
			Type    string
			Elapsed float64  `json:"elapsed_ms"`
			Broken  []string `json:"broken_budgets"`
		}
		if err := json.Unmarshal([]byte(line), &moment); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		types = append(types, moment.Type)
		if moment.Type == "progress" && (moment.Elapsed <= 0 || len(moment.Broken) > 1) {
			t.Error(line)
		}
	}
	if len(types) < 2 || types[0] != "progress" || types[len(types)-1] != "summary" || slices.Contains(types[:len(types)-1], "summary") {
		t.Errorf("lines: %v", types)
	}
}

// Prometheus can read the attack under way, and nothing listens afterwards.
func TestMetricsAddr(t *testing.T) {
	address := closedPort(t)
	var mu sync.Mutex
	var scraped string
	url := serves(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/scrape" {
			return
		}
		res, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			return
		}
		defer res.Body.Close()
		var body bytes.Buffer
		body.ReadFrom(res.Body)
		mu.Lock()
		defer mu.Unlock()
		scraped = max(scraped, body.String())
	})
	a := attackOn(t, url+"/scrape", "--rate", "5/s", "--duration", "2s", "--metrics-addr", address)
	a.ends(t, exitPass)
	mu.Lock()
	defer mu.Unlock()
	for _, name := range []string{"looptest_requests_offered_total", "looptest_response_seconds", "looptest_send_lag_seconds", `stream="attack"`} {
		if !strings.Contains(scraped, name) {
			t.Errorf("there is no %s in:\n%s", name, scraped)
		}
	}
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
		t.Error("the metrics are still served")
	}
}
