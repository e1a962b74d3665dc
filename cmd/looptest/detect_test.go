package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// oneLoop is a server with an event loop, so to speak: whatever holds its lock holds
// up everyone else, and costs no CPU time.
type oneLoop struct {
	sync.Mutex
	*http.ServeMux
}

// newLoop serves /ok, which takes the loop for a moment.
func newLoop() *oneLoop {
	l := &oneLoop{ServeMux: http.NewServeMux()}
	l.on("/ok", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("fine")) })
	return l
}

// on handles a path on the loop, beside it off the loop.
func (l *oneLoop) on(path string, handle http.HandlerFunc) {
	l.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		l.Lock()
		defer l.Unlock()
		handle(w, r)
	})
}

func (l *oneLoop) beside(path string, handle http.HandlerFunc) { l.HandleFunc(path, handle) }

// holds is a handler that takes so long.
func holds(d time.Duration) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { time.Sleep(d) }
}

// never is a handler that doesn't answer.
func never(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func answers(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// detected is what a scan or a watch came to.
type detected struct {
	code           int
	stdout, stderr string
	out            string // its folder
	document       detectSummary
}

// detectSummary is what tests look at in the JSON.
type detectSummary struct {
	Verdict struct {
		Outcome           string
		Warnings, Reasons []string
	}
	Probe, Finding, Error string
	Partial               bool
	Endpoints             []endpointSummary
	Charts                []string
}

type endpointSummary struct {
	Method, URL, Kind, Because, Outcome string
	Stall                               *struct{ Value, Low, High float64 } `json:"stall_ms"`
	Requests                            int
	Warnings, Broken                    []string
	Partial                             bool
	PerSecond                           *float64 `json:"per_second"`
}

func (d detected) endpoint(t *testing.T, url string) endpointSummary {
	t.Helper()
	i := slices.IndexFunc(d.document.Endpoints, func(e endpointSummary) bool { return e.URL == url })
	if i < 0 {
		t.Fatalf("%s is not among the endpoints; it said %s", url, d.stderr)
	}
	return d.document.Endpoints[i]
}

func (d detected) exits(t *testing.T, codes ...int) {
	t.Helper()
	if !slices.Contains(codes, d.code) {
		t.Errorf("exit code %d, want one of %v; it said %s%s", d.code, codes, d.stderr, d.stdout)
	}
}

// says checks that standard error holds the words.
func (d detected) says(t *testing.T, words string) {
	t.Helper()
	if !strings.Contains(d.stderr, words) {
		t.Errorf("there is no %q in:\n%s", words, d.stderr)
	}
}

// detectOn runs `looptest detect --json` within this process.
func detectOn(t *testing.T, ctx context.Context, args ...string) detected {
	t.Helper()
	d := detected{out: filepath.Join(t.TempDir(), "out")}
	var stdout, stderr bytes.Buffer
	d.code = run(ctx, append([]string{"detect", "--json", "--no-charts", "--out", d.out}, args...), strings.NewReader(""), &stdout, &stderr)
	d.stdout, d.stderr = stdout.String(), stderr.String()
	if d.stdout != "" {
		if err := json.Unmarshal(stdout.Bytes(), &d.document); err != nil {
			t.Fatalf("standard output is no JSON: %v\n%s", err, d.stdout)
		}
	}
	return d
}

// Endpoints that can't be judged as they are say what they may need, and don't cost
// the others.
func TestDetectUnfitEndpoints(t *testing.T) {
	l := newLoop()
	l.on("/private", answers(401))
	l.on("/gone", answers(404))
	l.on("/form", answers(422))
	l.on("/get", answers(405))
	l.on("/limited", answers(429))
	l.on("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	l.beside("/reset", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	l.beside("/asleep", never)
	url := serves(t, l.ServeHTTP)
	wants := []struct{ path, kind, because string }{
		{"/private", "unsure", "it answers 401, so that what it usually does can't be judged; if it wants a login, give it with --header"},
		{"/gone", "unsure", "it answers 404, so that what it usually does can't be judged; --expect 404 takes that for a good answer"},
		{"/form", "unsure", "if it wants a body, give it with --body"},
		{"/get", "unsure", "another method is given with --method"},
		{"/limited", "sheds", "it answers 429 already when it is asked alone; if that is a limit, lift it for this machine"},
		{"/reset", "unsure", "it gives no answer (reset)"},
		{"/asleep", "unsure", "while others were answered: it doesn't hold the loop, and --timeout may be too short for it"},
		{"/moved", "", ""},
	}
	args := []string{"--probe", "/ok", "--timeout", "400ms"}
	for _, w := range wants {
		args = append(args, url+w.path)
	}
	d := detectOn(t, t.Context(), args...)
	d.exits(t, exitInconclusive)
	for _, w := range wants {
		e := d.endpoint(t, w.path)
		if w.kind != "" && e.Kind != w.kind || !strings.Contains(e.Because, w.because) {
			t.Errorf("%s is %s: %s, want %s: %s", w.path, e.Kind, e.Because, w.kind, w.because)
		}
	}
	if e := d.endpoint(t, "/moved"); len(e.Warnings) == 0 || !strings.Contains(e.Warnings[0], "it answers 302: the redirect itself is judged, and not where it leads") {
		t.Errorf("/moved: %q", e.Warnings)
	}
	if d.document.Probe != "GET /ok" || d.document.Verdict.Outcome != "inconclusive" || len(d.document.Verdict.Reasons) < 6 {
		t.Errorf("%+v", d.document)
	}
	saved, err := os.ReadFile(filepath.Join(d.out, detectFile))
	if err != nil || string(saved) != d.stdout {
		t.Errorf("%s is not what was printed: %v", detectFile, err)
	}
}

// A handler that never returns and lets nobody else be served is blocking, for the
// timeout at least, and does the most harm.
func TestDetectNeverReturns(t *testing.T) {
	l := newLoop()
	l.on("/endless", never)
	url := serves(t, l.ServeHTTP)
	d := detectOn(t, t.Context(), url+"/ok", url+"/endless", "--probe", "/ok", "--timeout", "500ms", "--fail-on", "blocking>100ms")
	d.exits(t, exitFail)
	e := d.document.Endpoints[0]
	if e.URL != "/endless" || e.Kind != "blocking" || e.Stall == nil || e.Stall.Value < 400 || !slices.Equal(e.Broken, []string{"blocking>100ms"}) {
		t.Errorf("%+v", e)
	}
	if !strings.Contains(d.document.Finding, "GET /endless blocks the loop for") {
		t.Error(d.document.Finding)
	}
}

// How endpoints work is told, or it is said that this machine is too busy for that;
// it is never told wrongly. The most harmful comes first.
func TestDetectTellsKinds(t *testing.T) {
	l := newLoop()
	l.on("/block", holds(40*time.Millisecond))
	l.beside("/wait", holds(60*time.Millisecond))
	two := make(chan struct{}, 2)
	l.beside("/pool", func(http.ResponseWriter, *http.Request) {
		two <- struct{}{}
		time.Sleep(40 * time.Millisecond)
		<-two
	})
	url := serves(t, l.ServeHTTP)
	d := detectOn(t, t.Context(), url+"/wait", url+"/pool", url+"/block", "--probe", "/ok")
	d.exits(t, exitPass, exitInconclusive)
	for path, want := range map[string]string{"/block": "blocking", "/wait": "waiting", "/pool": "off-loop"} {
		if e := d.endpoint(t, path); e.Kind != want && e.Kind != "unsure" {
			t.Errorf("%s is %s: %s", path, e.Kind, e.Because)
		}
	}
	if first := d.document.Endpoints[0]; d.endpoint(t, "/block").Kind == "blocking" && first.URL != "/block" {
		t.Errorf("%s comes first", first.URL)
	}
}

// Whatever is found, a login and a body go with each request.
func TestDetectSendsHeadersAndBodies(t *testing.T) {
	var wrong atomic.Int32
	l := newLoop()
	l.on("/orders", func(w http.ResponseWriter, r *http.Request) {
		body := new(bytes.Buffer)
		body.ReadFrom(r.Body)
		if r.Method != "POST" || r.Header.Get("Cookie") != "session=1" || body.String() != `{"item":1}` {
			wrong.Add(1)
			w.WriteHeader(http.StatusForbidden)
		}
	})
	url := serves(t, l.ServeHTTP)
	d := detectOn(t, t.Context(), url+"/orders", "--probe", "/ok", "--method", "POST", "--unsafe", "post", "--header", "Cookie: session=1", "--body", `{"item":1}`)
	e := d.endpoint(t, "/orders")
	if d.exits(t, exitPass, exitInconclusive); wrong.Load() > 0 || e.Requests < 30 || e.Method != "POST" {
		t.Errorf("%d wrong of %+v", wrong.Load(), e)
	}
}

// A probe that can't be one is refused, and another is named.
func TestDetectProbes(t *testing.T) {
	l := newLoop()
	l.on("/slow", holds(30*time.Millisecond))
	l.on("/heavy", holds(6*time.Millisecond)) // quick alone, and more than the loop can do at 500/s
	l.on("/gone", answers(404))
	var asked atomic.Int32
	l.on("/limited", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > 20 {
			w.WriteHeader(429)
		}
	})
	url := serves(t, l.ServeHTTP)
	for path, want := range map[string]string{
		"/slow":    "--probe /slow can't be the probe: it takes ",
		"/heavy":   "it holds the server up itself; the cheapest here is GET /",
		"/gone":    "--probe /gone can't be the probe: it answers 404; the cheapest here is GET /",
		"/limited": "it answers 429 when it is asked for 500 times a second (a rate limit? lift it for this machine)",
	} {
		d := detectOn(t, t.Context(), url+"/ok", "--probe", path)
		d.exits(t, exitInvalid)
		d.says(t, want)
		if _, err := os.Stat(d.out); err == nil {
			t.Error("the folder is left behind")
		}
	}
}

// Where nothing can be the probe, it is asked for one.
func TestDetectHasNoProbe(t *testing.T) {
	l := newLoop()
	l.on("/", answers(500))
	l.on("/report", holds(30*time.Millisecond))
	d := detectOn(t, t.Context(), serves(t, l.ServeHTTP)+"/report")
	d.exits(t, exitInvalid)
	d.says(t, "nothing here can be the probe: GET / answers 500, GET /report takes ")
	d.says(t, "name a cheap request of this server with --probe, such as a health check or a small file")
	if d.document.Verdict.Outcome != "invalid" {
		t.Errorf("%+v", d.document)
	}
}

// What stands in front of the server is told.
func TestDetectBehindProxy(t *testing.T) {
	l := newLoop()
	l.on("/", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Via", "1.1 edge") })
	d := detectOn(t, t.Context(), serves(t, l.ServeHTTP)+"/")
	if w := d.document.Verdict.Warnings; len(w) == 0 || !strings.Contains(strings.Join(w, "\n"), "a proxy answers (Via: 1.1 edge)") {
		t.Errorf("%q", w)
	}
}

// When the server is gone, what was judged by then is saved and reported.
func TestDetectServerDies(t *testing.T) {
	l := newLoop()
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	l.beside("/deadly", func(http.ResponseWriter, *http.Request) {
		s.Listener.Close()
		go s.CloseClientConnections()
	})
	d := detectOn(t, t.Context(), s.URL+"/ok", s.URL+"/deadly", s.URL+"/next", "--probe", "/ok", "--timeout", "500ms")
	d.exits(t, exitInvalid)
	d.says(t, "the server does not answer the probe any more")
	d.says(t, "what was judged is in "+d.out)
	if n := len(d.document.Endpoints); n != 2 || d.document.Partial || d.document.Error == "" || d.document.Verdict.Outcome != "invalid" {
		t.Errorf("%+v", d.document)
	}
	if !d.endpoint(t, "/deadly").Partial || d.endpoint(t, "/ok").Partial {
		t.Errorf("%+v", d.document.Endpoints)
	}
	if _, err := os.Stat(filepath.Join(d.out, detectFile)); err != nil {
		t.Error(err)
	}
}

// Connections that a burst loses make it unsure, and not something else.
func TestDetectBurstsThatFail(t *testing.T) {
	var active atomic.Int32
	l := newLoop()
	l.beside("/fragile", func(http.ResponseWriter, *http.Request) {
		defer active.Add(-1)
		if active.Add(1) > 2 {
			panic(http.ErrAbortHandler)
		}
		time.Sleep(20 * time.Millisecond)
	})
	url := serves(t, l.ServeHTTP)
	e := detectOn(t, t.Context(), url+"/fragile", "--probe", "/ok").endpoint(t, "/fragile")
	if e.Kind != "unsure" || !strings.Contains(e.Because, "when 12 are sent at once, most have no answer (reset)") {
		t.Errorf("%+v", e)
	}
}

// Ctrl-C keeps what was judged; before that it leaves nothing behind.
func TestDetectInterrupted(t *testing.T) {
	for path, judged := range map[string]int{"/second": 1, "/ok": 0} {
		ctx, interrupt := context.WithCancel(t.Context())
		l := newLoop()
		l.on("/second", func(http.ResponseWriter, *http.Request) { interrupt() })
		url := serves(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				interrupt()
			}
			l.ServeHTTP(w, r)
		})
		d := detectOn(t, ctx, url+"/first", url+"/second", "--probe", "/ok", "--expect", "404")
		d.exits(t, exitInterrupted)
		_, err := os.Stat(filepath.Join(d.out, detectFile))
		if (err == nil) != (judged > 0) || d.document.Partial != (judged > 0) {
			t.Errorf("%s: %v, %+v", path, err, d.document)
		}
		if judged == 0 {
			d.says(t, "interrupted before anything was judged")
			continue
		}
		d.says(t, "interrupted; what was judged is in "+d.out)
		if d.endpoint(t, "/first").Partial || !d.endpoint(t, "/second").Partial || d.document.Error != "interrupted" {
			t.Errorf("%+v", d.document)
		}
	}
}

// A scenario says how often each endpoint is asked for; one that is asked for in
// several places counts once.
func TestDetectTakesRatesFromScenarios(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	text := "target: http://127.0.0.1:1\nduration: 10s\nstreams:\n" +
		"  a: {load: 40/s, requests: [{get: /x, weight: 3}, GET /y]}\n" + // 30 and 10 a second
		"  b: {load: 5/s, requests: [GET /y]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var f detectFlags
	cmd := &cobra.Command{}
	f.add(cmd)
	f.scenario = file
	d, err := planDetect(cmd, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.endpoints) != 2 || !d.report.Rates || d.endpoints[0].Often != 30 || d.endpoints[1].Often != 15 {
		t.Errorf("%+v", d.endpoints)
	}
}
