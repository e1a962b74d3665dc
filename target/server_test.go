package target_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// testUnit makes a step of /slow short, so that tests of order are quick.
const testUnit = 1500

// running is a server under test and how it is stopped.
type running struct {
	target.Ready
	server *target.Server
	stop   context.CancelFunc
	end    chan error
}

func serve(t *testing.T, config target.Config) *running {
	t.Helper()
	return start(t, listen(t, config))
}

func listen(t *testing.T, config target.Config) *target.Server {
	t.Helper()
	if config.Unit == 0 {
		config.Unit = testUnit
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s, err := target.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t *testing.T, s *target.Server) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{Ready: s.Ready(1), server: s, stop: stop, end: make(chan error, 1)}
	go func() {
		r.end <- s.Serve(ctx)
		close(r.end)
	}()
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
		select {
		case <-r.end:
		case <-time.After(10 * time.Second):
			t.Error("the server did not end")
		}
	})
	return r
}

// get may be called from any goroutine; a request that fails has code 0.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(body)
}

func getJSON(t *testing.T, url string, into any) {
	t.Helper()
	code, body := get(t, url)
	if code != http.StatusOK {
		t.Fatalf("%s answered %d: %s", url, code, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%s: %v in %s", url, err, body)
	}
}

func TestAnswers(t *testing.T) {
	s := serve(t, target.Config{})
	for _, c := range []struct {
		path string
		code int
		says string
	}{
		{"/ok", 200, "OK"},
		{"/slow?n=10", 200, "Sum="},
		{"/slow?mode=chunk&n=10&chunk=3", 200, "Sum="},
		// as Node's crypto.pbkdf2Sync("pw", "salt", 100000, 64, "sha512") gives it
		{"/hash?mode=sync", 200, "acbc1cbd82e53eb6"},
		{"/hash", 200, "acbc1cbd82e53eb6"},
		{"/compute?n=20&mode=block", 200, "6765"},
		{"/compute?n=20", 200, "6765"},
		{"/compute?n=46", 400, "from 0 to 45"},
		{"/array?items=10&chunk=0", 200, "Items=10 "},
		{"/array?items=10&chunk=3", 200, "Items=10 "},
		{"/array?items=0", 200, "Items=0 Sum=0"},
		{"/array?items=5000001", 400, "from 0 to 5000000"},
		{"/lookup?ms=1", 200, "waited 1 ms"},
		{"/lookup?ms=1&as=file", 200, "waited 1 ms"},
		{"/lookup?ms=10001", 400, "from 0 to 10000"},
		{"/starve?ms=1", 200, "scheduled itself "},
		{"/starve?ms=1&by=microtask", 200, "scheduled itself "},
		{"/starve?ms=1&by=immediate", 200, "scheduled itself "},
		{"/starve?ms=0", 400, "from 1 to 10000"},
		{"/starve?ms=10001", 400, "from 1 to 10000"},
		{"/starve?by=timer", 400, "it must be one of tick, microtask, immediate"},
		{"/items?n=2", 200, "Items=2 Sum="},
		{"/items?n=0", 400, "from 1 to 10000"},
		{"/items?n=10001", 400, "from 1 to 10000"},
		{"/items?concurrency=0", 400, "from 1 to 64"},
		{"/items?concurrency=65", 400, "from 1 to 64"},
		{"/items?mode=parallel", 400, "it must be one of loop, yield, batch, sync-batch"},
		{"/measures", 200, `"measures": [`},
		{"/measures?name=/slow&since_ms=0", 200, `"name": "/slow"`},
		{"/measures?name=/ok", 400, "it must be one of all, /slow, "},
		{"/measures?since_ms=-1", 400, "from 0 to 1000000000000"},
		{"/", 200, "<code>/slow</code>"},
		{"/nowhere", 404, "no route /nowhere"},
		{"/slow?n=0", 400, `parameter "n" is "0"; it must be a whole number from 1 to 10000000`},
		{"/slow?n=10000001", 400, `from 1 to 10000000`},
		{"/slow?n=1e3", 400, `parameter "n" is "1e3"`},
		{"/slow?chunk=-1", 400, `parameter "chunk" is "-1"`},
		{"/slow?mode=fast", 400, `parameter "mode" is "fast"; it must be one of block, chunk, worker`},
		{"/slow?m=1", 400, `parameter "m" is not known to /slow; it takes mode, n, chunk`},
		{"/ok?x=1", 400, `it takes none`},
	} {
		code, body := get(t, s.URL+c.path)
		if code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s answered %d %q, want %d with %q", c.path, code, body, c.code, c.says)
		}
	}
	res, err := http.Post(s.URL+"/ok", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST answered %d", res.StatusCode)
	}
}

// Both modes do the same work: the sum of the numbers below n·unit, added up in
// the same order.
func TestModesOfSlowGiveTheSameSum(t *testing.T) {
	s := serve(t, target.Config{Unit: 10})
	want := 0.0
	for i := range 1230 {
		want += float64(i)
	}
	for _, query := range []string{"mode=block", "mode=chunk&chunk=1", "mode=chunk&chunk=50", "mode=chunk&chunk=123", "mode=chunk&chunk=9999", "mode=worker"} {
		if _, body := get(t, s.URL+"/slow?n=123&"+query); body != fmt.Sprintf("Sum=%v", want) {
			t.Errorf("%s gives %s, want %v", query, body, want)
		}
	}
}

// So do all ways through the items of /items.
func TestModesOfItemsGiveTheSameSum(t *testing.T) {
	s := serve(t, target.Config{Unit: 1})
	want := 0.0
	for item := range 7 {
		each := float64(item)
		for i := range 1000 {
			each += float64(i)
		}
		want += each
	}
	for _, mode := range []string{"loop", "yield", "batch", "sync-batch"} {
		for _, atOnce := range []int{1, 3, 7, 64} {
			query := fmt.Sprintf("n=7&mode=%s&concurrency=%d", mode, atOnce)
			if _, body := get(t, s.URL+"/items?"+query); body != fmt.Sprintf("Items=7 Sum=%g", want) {
				t.Errorf("%s gives %s, want %g", query, body, want)
			}
		}
	}
}

// served mirrors the observation's document of a request.
type served struct {
	Path     string  `json:"path"`
	Arrived  float64 `json:"arrived_ms"`
	Started  float64 `json:"started_ms"`
	Answered float64 `json:"answered_ms"`
}

// mixture sends one slow request and a stream of /ok beside it until it is
// answered, and gives what the server itself recorded.
func mixture(t *testing.T, path string) (slow served, ok []served) {
	t.Helper()
	s := serve(t, target.Config{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		get(t, s.URL+path)
	}()
	var probes sync.WaitGroup
	for sending := true; sending; {
		probes.Go(func() { get(t, s.URL+"/ok") })
		select {
		case <-done:
			sending = false
		case <-time.After(2 * time.Millisecond):
		}
	}
	probes.Wait()
	var all []served
	getJSON(t, s.ObserveURL+"/requests", &all)
	for _, r := range all {
		if r.Path == "/ok" {
			ok = append(ok, r)
		} else {
			slow = r
		}
	}
	return slow, ok
}

// While /slow holds the loop, nothing else is served: a probe that arrives
// meanwhile starts after its end.
func TestBlockMakesEveryoneWait(t *testing.T) {
	slow, probes := mixture(t, "/slow?mode=block&n=200000")
	waited := 0
	for _, p := range probes {
		if p.Arrived < slow.Started || p.Arrived > slow.Answered {
			continue
		}
		waited++
		if p.Started < slow.Answered {
			t.Errorf("a probe that arrived at %.1f started at %.1f, within /slow (%.1f to %.1f)", p.Arrived, p.Started, slow.Started, slow.Answered)
		}
	}
	if waited == 0 {
		t.Error("no probe arrived during /slow")
	}
}

// In chunks the loop serves others in between.
func TestChunksLetOthersIn(t *testing.T) {
	slow, probes := mixture(t, "/slow?mode=chunk&n=200000&chunk=2000")
	within := 0
	for _, p := range probes {
		if p.Started > slow.Started && p.Answered < slow.Answered {
			within++
		}
	}
	if within == 0 {
		t.Errorf("none of %d probes was served within /slow (%.1f to %.1f)", len(probes), slow.Started, slow.Answered)
	}
}

// The observation stands off the loop: it answers while the loop is blocked,
// and says by what.
func TestObservationAnswersWhileBlocked(t *testing.T) {
	s := serve(t, target.Config{})
	go func() {
		if res, err := http.Get(s.URL + "/slow?mode=block&n=600000"); err == nil {
			res.Body.Close()
		}
	}()
	var stats struct {
		Running *struct {
			Phase, Label string
		}
	}
	for range 2000 {
		getJSON(t, s.ObserveURL+"/stats", &stats)
		if stats.Running != nil && stats.Running.Label == "/slow" {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if stats.Running == nil || stats.Running.Label != "/slow" || stats.Running.Phase != "poll" {
		t.Fatalf("while /slow blocks, running = %+v", stats.Running)
	}
	get(t, s.URL+"/ok") // behind /slow
	var lag struct {
		Samples   int
		Max       float64 `json:"max_ms"`
		Histogram []struct{ Count int }
		Series    []struct {
			Due   float64 `json:"due_ms"`
			Ran   float64 `json:"ran_ms"`
			Label string
		}
	}
	getJSON(t, s.ObserveURL+"/lag", &lag)
	counted, held := 0, 0
	for _, b := range lag.Histogram {
		counted += b.Count
	}
	for i, b := range lag.Series {
		if b.Label == "/slow" {
			held++
		}
		if i > 0 && b.Due <= lag.Series[i-1].Due {
			t.Errorf("beat %d was due at %.2f, not after %.2f", i, b.Due, lag.Series[i-1].Due)
		}
	}
	if counted != lag.Samples || len(lag.Series) != lag.Samples {
		t.Errorf("%d samples, %d in the histogram, %d in the series", lag.Samples, counted, len(lag.Series))
	}
	// Each 10-ms grid point within the block is a reading of its own.
	if held < 3 || lag.Max <= 10 {
		t.Errorf("%d beats were held by /slow, the longest lag is %.1f ms", held, lag.Max)
	}
}

// Prometheus can read the loop's accounts, which agree with themselves.
func TestMetrics(t *testing.T) {
	s := serve(t, target.Config{})
	get(t, s.URL+"/ok")
	get(t, s.URL+"/slow?n=30000")
	get(t, s.URL+"/made-up")
	_, text := get(t, s.ObserveURL+"/metrics")
	for _, line := range []string{
		`http_request_duration_seconds_count{code="200",route="/ok"} 1`,
		`http_request_duration_seconds_count{code="200",route="/slow"} 1`,
		`http_request_duration_seconds_count{code="404",route="none"} 1`,
		`loop_lag_seconds_bucket{le="+Inf"} `,
		`loop_queue_length{queue="door"} 0`,
		`loop_queue_length{queue="pool"} 0`,
		`loop_queue_length{queue="requests"} 0`,
		`loop_running_seconds 0`,
		`loop_utilization_ratio 0.`,
		`process_resident_memory_bytes`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the metrics have no %q", line)
		}
	}
	if code, body := get(t, s.ObserveURL+"/debug/pprof/goroutine?debug=1"); code != 200 || !strings.Contains(body, "loop.(*Loop).Run") {
		t.Errorf("pprof answered %d", code)
	}
}

func TestObservationRefusesNonsense(t *testing.T) {
	s := serve(t, target.Config{})
	for _, value := range []string{"x", "-1", "NaN", "1e30"} {
		if code, body := get(t, s.ObserveURL+"/lag?since_ms="+value); code != http.StatusBadRequest || !strings.Contains(body, "since_ms") {
			t.Errorf("since_ms=%s answered %d %q", value, code, body)
		}
	}
}

// A shutdown finishes what is in flight, takes nothing new, and ends cleanly.
func TestShutdownFinishesWhatIsInFlight(t *testing.T) {
	s := serve(t, target.Config{})
	type reply struct {
		code int
		body string
	}
	replies := make(chan reply, 1)
	go func() {
		code, body := get(t, s.URL+"/slow?mode=chunk&n=200000&chunk=1000")
		replies <- reply{code, body}
	}()
	awaitInFlight(t, s)
	s.stop()
	if r := <-replies; r.code != http.StatusOK || !strings.HasPrefix(r.body, "Sum=") {
		t.Errorf("the request in flight got %+v", r)
	}
	if err := <-s.end; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://")); err == nil {
		t.Error("the port is still open")
	}
}

// A handler that does not come to its end costs the grace period and no more.
func TestShutdownGivesUpAtTheDeadline(t *testing.T) {
	s := serve(t, target.Config{Grace: 50 * time.Millisecond})
	go func() {
		if res, err := http.Get(s.URL + "/slow?mode=chunk&n=1000000&chunk=1000"); err == nil {
			res.Body.Close()
		}
	}()
	awaitInFlight(t, s)
	s.stop()
	if err := <-s.end; !errors.Is(err, target.ErrUnfinished) {
		t.Errorf("Serve: %v, want ErrUnfinished", err)
	}
}

func awaitInFlight(t *testing.T, s *running) {
	t.Helper()
	for range 2000 {
		var stats struct {
			InFlight int `json:"in_flight"`
		}
		getJSON(t, s.ObserveURL+"/stats", &stats)
		if stats.InFlight > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("no request came into flight")
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, config := range []target.Config{
		{Unit: 1, Addr: taken.Addr().String()},
		{Unit: 1, ObserveAddr: taken.Addr().String()},
	} {
		if _, err := target.Listen(config); err == nil || !strings.Contains(err.Error(), taken.Addr().String()) {
			t.Errorf("Listen(%+v): %v, want an error that names the address", config, err)
		}
	}
}

func TestReady(t *testing.T) {
	t.Setenv("UV_THREADPOOL_SIZE", "3")
	s := serve(t, target.Config{Addr: "127.0.0.1:0"})
	if s.PoolSize != 3 || s.UnitAdditions != testUnit || s.Procs < 3 {
		t.Errorf("ready: %+v", s.Ready)
	}
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") || !strings.HasPrefix(s.ObserveURL, "http://127.0.0.1:") {
		t.Errorf("not on loopback: %+v", s.Ready)
	}
}

// What waits for the loop is bounded, also when its clients have gone.
func TestQueueIsBounded(t *testing.T) {
	s := serve(t, target.Config{})
	target.Fill(s.server)
	if code, body := get(t, s.URL+"/ok"); code != http.StatusServiceUnavailable || !strings.Contains(body, "wait for the loop") {
		t.Errorf("answered %d %q", code, body)
	}
}

// A client that goes away while its handler works costs nobody else anything.
func TestClientGoesAway(t *testing.T) {
	s := serve(t, target.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/slow?mode=chunk&n=100000&chunk=1000", nil)
	gone := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
		gone <- err
	}()
	awaitInFlight(t, s)
	cancel()
	if <-gone == nil {
		t.Skip("the answer was quicker than the client")
	}
	if code, body := get(t, s.URL+"/ok"); code != 200 || body != "OK" {
		t.Errorf("after it /ok answered %d %q", code, body)
	}
	s.stop()
	if err := <-s.end; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
