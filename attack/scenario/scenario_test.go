package scenario

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// parsedFile reads one of testdata/valid.
func parsedFile(t *testing.T, name string) *Scenario {
	t.Helper()
	path := "testdata/valid/" + name + ".yaml"
	s, err := Parse(good(t)[path], path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func streamOf(s *Scenario, name string) attack.Stream {
	i := slices.IndexFunc(s.Streams, func(s attack.Stream) bool { return s.Name == name })
	return s.Streams[i]
}

func TestScenarioOfEveryKey(t *testing.T) {
	s := parsedFile(t, "full")
	if s.Name != "every key" || s.Target.URL != "https://localhost:8443/api" || s.Warmup.Lasts != 500*time.Millisecond {
		t.Errorf("%+v", s)
	}
	if tr := s.Transport; tr.Protocol != attack.HTTP2 || tr.Connections != 100 || tr.Fresh || tr.TLS == nil || !tr.TLS.InsecureSkipVerify || tr.TLS.ServerName != "localhost" {
		t.Errorf("transport %+v", s.Transport)
	}
	phases := []attack.Phase{{Name: "calm", Lasts: 10 * time.Second}, {Name: "peak", Begins: 10 * time.Second, Lasts: 20 * time.Second}}
	if !slices.Equal(s.Phases, phases) || s.Span() != 30*time.Second {
		t.Errorf("phases %v", s.Phases)
	}
	var names []string
	for _, stream := range s.Streams {
		names = append(names, stream.Name)
		if span := stream.Schedule.Span(); span != s.Span() {
			t.Errorf("%s spans %v", stream.Name, span)
		}
	}
	if want := []string{"a", "b", "c", "d", "e"}; !slices.Equal(names, want) {
		t.Errorf("streams %v", names)
	}
}

func TestSchedules(t *testing.T) {
	s := parsedFile(t, "full")
	const sec = time.Second
	for name, want := range map[string]attack.Schedule{
		"a": attack.Sequence{attack.Constant{Rate: 100, Lasts: 10 * sec}, attack.Ramp{To: 500, Lasts: 20 * sec}},
		"b": attack.Sequence{attack.Steps{From: 10, To: 50, Levels: 5, Lasts: 10 * sec}, attack.Silence{Lasts: 20 * sec}},
		"c": attack.Sine{Mean: 1, Amplitude: 0.5, Period: 10 * sec, Lasts: 30 * sec}, // 60/m, 30/m
		"d": attack.Bursts{Size: 50, Every: sec, Lasts: 30 * sec},
		"e": attack.Ramp{From: 10, To: 20, Lasts: 30 * sec},
	} {
		if got := streamOf(s, name).Schedule; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v; want %+v", name, got, want)
		}
	}
	// 100·10 + 250·20, 30·10, 1·30, 50·30, 15·30
	if want := 6000 + 300 + 30 + 1500 + 450; s.Requests() != want {
		t.Errorf("%d requests; want %d", s.Requests(), want)
	}
}

func TestRequests(t *testing.T) {
	s := parsedFile(t, "full")
	a := streamOf(s, "a")
	var got []string
	for i, r := range a.Requests {
		got = append(got, r.Method+" "+r.URL+" "+Labels(a)[i])
	}
	want := []string{
		"GET /ok GET /ok", "GET /plain GET /plain", "POST /orders order", "PUT /x PUT /x", "PATCH /x PATCH /x",
		"DELETE /x DELETE /x", "HEAD /x HEAD /x", "GET /x GET /x", "PURGE https://localhost:9443/x PURGE /x",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	order := a.Requests[2]
	header := http.Header{"Accept": {"text/plain"}, "X-Two": {"a", "2"}}
	if order.Weight != 3 || string(order.Body) != `{"a":1}` || !reflect.DeepEqual(order.Header, header) {
		t.Errorf("%+v", order)
	}
	if body := string(a.Requests[3].Body); body != `{"from": "a file"}` {
		t.Errorf("body %q", body)
	}
	if a.Timeout != 2*time.Second || a.MaxBody != 1<<20 || a.Role != attack.Probe || !a.Match.MatchString("fine") {
		t.Errorf("%+v", a)
	}
	if !a.Expect(200) || a.Expect(201) || !a.Expect(304) || a.Expect(404) {
		t.Error("codes 200 and 3xx are expected")
	}
	if b := streamOf(s, "b").Requests; len(b) != 2 || b[1].Method != "POST" || string(b[1].Body) != `{"from": "a file"}` {
		t.Errorf("targets %+v", b)
	}
	if want := []string{"https://localhost:8443", "https://localhost:9443", "http://localhost:8443"}; !slices.Equal(s.URLs(), want) {
		t.Errorf("URLs %v", s.URLs())
	}
}

func TestBudgetsOfStreamsAndPhases(t *testing.T) {
	var got []string
	for _, b := range parsedFile(t, "full").Budgets {
		text := b.Text + " / " + b.Stream + " / " + b.Phase
		if b.Abort {
			text += " / abort"
		}
		got = append(got, text)
	}
	want := []string{
		"throughput > 10/s /  / ", "lag.p99 < 20ms /  / ",
		"error_rate < 0.1% / a / ", "p99 < 1s / a / peak / abort",
		"p99 < 80ms /  / peak", "max <= 2s / a / peak",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestTargets(t *testing.T) {
	c, ok := parsedFile(t, "command").Arm().Target.(*target.Command)
	want := &target.Command{
		Args: []string{"node", "server.js", "{port}"}, Dir: "testdata/valid/app",
		Env: []string{"NODE_ENV=production", "WORKERS=4"}, Ready: "/health", ReadyTimeout: 10 * time.Second,
	}
	if !ok || !reflect.DeepEqual(c, want) {
		t.Errorf("%+v", c)
	}
	small := parsedFile(t, "small")
	if got := small.Plan().Arms[0].Target; got != (target.Bare{Address: "http://127.0.0.1:8080"}) {
		t.Errorf("%+v", got)
	}
	if len(small.Phases) != 1 || small.Phases[0] != (attack.Phase{Lasts: 5 * time.Second}) {
		t.Errorf("phases %+v", small.Phases)
	}
	socket := parsedFile(t, "socket")
	if got := socket.Arm().Target; got != (target.Bare{Address: "http://localhost", Socket: "testdata/valid/app.sock"}) {
		t.Errorf("%+v", got)
	}
	if socket.Transport.Socket != "testdata/valid/app.sock" || len(socket.URLs()) != 0 {
		t.Errorf("%+v", socket.Transport)
	}
}

// Values of the environment are sent, and kept out of the source and of labels.
func TestVariablesStayOutOfRecords(t *testing.T) {
	t.Setenv("LOOPTEST_TEST_RATE", "7/s")
	t.Setenv("LOOPTEST_TEST_KEY", "s3cr3t")
	s := parsedFile(t, "socket")
	r := s.Streams[0].Requests[0]
	if r.URL != "/?key=s3cr3t" || r.Label() != "GET /?key=${LOOPTEST_TEST_KEY:-}" {
		t.Errorf("%+v is called %q", r, r.Label())
	}
	if s.Streams[0].Schedule.Count() != 35 { // 7/s · 5 s
		t.Errorf("%+v", s.Streams[0].Schedule)
	}
	if !slices.Equal(s.Source, good(t)["testdata/valid/socket.yaml"]) {
		t.Error("the source is not the file")
	}
}

func TestExpand(t *testing.T) {
	env := func(name string) (string, bool) {
		v, set := map[string]string{"A": "1", "EMPTY": ""}[name]
		return v, set
	}
	for text, want := range map[string]string{
		"": "", "x": "x", "$": "$", "$A": "$A", "${A}": "1", "a${A}b${A}": "a1b1", "${B:-2}": "2", "${A:-2}": "1",
		"${EMPTY:-2}": "2", "${EMPTY}": "", "$${A}": "${A}", "$$${A}": "$${A}", "${B:-}": "", "a$": "a$", "^x$": "^x$",
	} {
		if got, err := expand(text, env); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"${B}", "${", "${}", "${a b}", "${1}", "${A"} {
		if got, err := expand(text, env); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}
