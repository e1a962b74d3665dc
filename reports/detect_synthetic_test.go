package reports

import (
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// heldLoop gives until when the loop is held at a moment; the moment itself when it
// is free.
type heldLoop func(at time.Duration) time.Duration

func free(at time.Duration) time.Duration { return at }

func heldUntil(from, to time.Duration) heldLoop {
	return func(at time.Duration) time.Duration {
		if at >= from && at < to {
			return to
		}
		return at
	}
}

func chunked(chunk, lasts time.Duration) heldLoop {
	return func(at time.Duration) time.Duration {
		if at >= lasts {
			return at
		}
		return (at/chunk + 1) * chunk
	}
}

// volleyOf is a run of suspects that are done at these moments, with probes beside
// them every 2 ms.
func volleyOf(held heldLoop, shift time.Duration, done ...time.Duration) attack.Run {
	r := attack.Run{Streams: []attack.StreamCount{{Name: "probe", Role: attack.Probe, Span: 10 * time.Second}, {Name: "suspect", Role: attack.Offender}}}
	last := time.Duration(0)
	for i, d := range done {
		last = max(last, d)
		r.Samples = append(r.Samples, attack.Sample{Stream: 1, Seq: i, Sent: 10 * time.Microsecond, Done: d + shift, Code: 200})
	}
	var probes []attack.Sample
	for i := 0; ; i++ {
		due := 300*time.Microsecond + time.Duration(i)*2*ms
		if due > last+4*ms {
			break
		}
		probes = append(probes, attack.Sample{Seq: i, Intended: due, Sent: due, Done: held(due) + 120*time.Microsecond + shift, Code: 200})
	}
	r.Samples = append(probes, r.Samples...)
	return r
}

// found is a finding with its evidence: what one request does, alone and 12 at once.
type found struct {
	path   string
	kind   target.Kind
	takes  time.Duration
	alone  heldLoop
	burst  heldLoop
	done   func(i int) time.Duration // of the burst's requests
	stall  time.Duration
	late   bool
	change func(*detect.Finding)
}

func (x found) finding() detect.Finding {
	f := detect.Finding{
		Endpoint: detect.Endpoint{Request: attack.Request{URL: x.path}}, Kind: x.kind, Confidence: 1, Because: "as it was made for a test", Sent: 61,
		Service: analysis.Distribution{N: 11, Min: x.takes, Mean: x.takes, P50: x.takes, P90: x.takes, P99: x.takes, P999: x.takes, Max: x.takes}, Took: 2 * time.Second,
	}
	for i := range 8 {
		shift := time.Duration(i*i) * 9 * time.Microsecond
		first := x.alone(300*time.Microsecond) - 180*time.Microsecond + shift
		worst := first
		if x.late {
			worst = x.stall + shift
		}
		f.Stall.Trials = append(f.Stall.Trials,
			detect.Trial{Run: volleyOf(x.alone, shift, x.takes), Aimed: true, Took: x.takes + shift, First: first, Worst: worst, Code: 200},
			detect.Trial{Placebo: true, Run: volleyOf(free, shift, 120*time.Microsecond), Aimed: true, Took: 120 * time.Microsecond, First: 110*time.Microsecond + shift, Worst: 150*time.Microsecond + 2*shift, Code: 200})
	}
	f.Stall.Pairs, f.Stall.Late, f.Stall.P = 8, x.late, 0.4
	if x.stall > 0 {
		f.Stall.Found, f.Stall.P = true, 1.0/12870
		f.Stall.Length = analysis.Estimate{Value: float64(x.stall), Low: float64(x.stall) * 0.98, High: float64(x.stall) * 1.02, Confidence: 0.95, N: 8}
	}
	if x.done != nil {
		var done []time.Duration
		for i := range 12 {
			done = append(done, x.done(i))
		}
		for i := range 3 {
			shift := time.Duration(i) * 50 * time.Microsecond
			b := detect.Burst{Run: volleyOf(x.burst, shift, done...), Size: 12, Done: done, Codes: map[int]int{200: 12}}
			for _, probe := range b.Run.Of(attack.Probe) {
				b.Stall = max(b.Stall, probe.Service())
			}
			f.Bursts = append(f.Bursts, b)
		}
	}
	if x.change != nil {
		x.change(&f)
	}
	return f
}

func inTurn(each time.Duration, width int) func(int) time.Duration {
	return func(i int) time.Duration { return time.Duration(i/width+1) * each }
}

// ScannedServer is a scan of a server with an endpoint of each kind.
func ScannedServer() Detect {
	d := Detect{
		Target: "node server.js", Probe: attack.Request{URL: "/ok"}, Seed: 0x7f3a, Took: 21 * time.Second, Version: "(devel)",
		Began:       time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Environment: attack.Environment{OS: "linux/amd64", Kernel: "6.1", CPUs: 2, CPUModel: "Test CPU", GoVersion: "go1.26"},
	}
	for _, x := range []found{
		{path: "/ok", kind: target.Trivial, takes: 120 * time.Microsecond, alone: free, burst: free, done: inTurn(120*time.Microsecond, 12)},
		{path: "/report", kind: target.Blocking, takes: 48 * ms, alone: heldUntil(0, 48*ms), burst: heldUntil(0, 576*ms), done: inTurn(48*ms, 1), stall: 48 * ms,
			change: func(f *detect.Finding) {
				f.Advice = "cut it into chunks of at most 10 ms (setImmediate between them), or move it to a worker: everyone else waits 48 ms each time"
			}},
		{path: "/page", kind: target.PartlyBlocking, takes: 60 * ms, alone: heldUntil(40*ms, 60*ms), burst: heldUntil(40*ms, 280*ms), done: func(i int) time.Duration { return 40*ms + time.Duration(i+1)*20*ms }, stall: 20 * ms, late: true},
		{path: "/items", kind: target.Cooperative, takes: 100 * ms, alone: chunked(5*ms, 100*ms), burst: chunked(60*ms, 1200*ms), done: func(i int) time.Duration { return 1140*ms + time.Duration(i+1)*5*ms }, stall: 5 * ms,
			change: func(f *detect.Finding) {
				f.Chunk = analysis.Estimate{Value: float64(5 * ms), Low: 4.8e6, High: 5.3e6, Confidence: 0.95, N: 8}
				f.Confidence = 0.83
			}},
		{path: "/hash", kind: target.OffLoop, takes: 50 * ms, alone: free, burst: free, done: inTurn(50*ms, 4),
			change: func(f *detect.Finding) { f.Capacity = detect.Capacity{Value: 4, Low: 4, High: 4, By: detect.BySteps} }},
		{path: "/lookup", kind: target.Waiting, takes: 80 * ms, alone: free, burst: free, done: inTurn(80*ms, 12)},
		{path: "/cluster", kind: target.Processes, takes: 40 * ms, alone: heldUntil(0, 40*ms), burst: heldUntil(0, 240*ms), done: inTurn(40*ms, 2), stall: 40 * ms,
			change: func(f *detect.Finding) { f.Processes = 2 }},
		{path: "/busy", kind: target.Sheds, takes: 20 * ms, alone: free, burst: free, done: inTurn(20*ms, 6)},
		{path: "/private", kind: target.Unsure, takes: ms, alone: free,
			change: func(f *detect.Finding) {
				f.Because, f.Stall, f.Sent, f.Confidence = "it answers 401, so that what it usually does can't be judged; --expect 401 takes that for a good answer", detect.Stall{}, 3, 0
				f.Warnings = []analysis.Warning{"it answers 302: the redirect itself is judged, and not where it leads"}
			}},
		{path: "/endless", kind: target.Blocking, takes: 2 * time.Second, alone: heldUntil(0, 2*time.Second),
			change: func(f *detect.Finding) {
				f.Because, f.Sent, f.Confidence = "it gave no answer within 2.0 s, and nobody else got one meanwhile", 1, 0
				f.Stall = detect.Stall{Trials: f.Stall.Trials[:1]}
				f.Stall.Trials[0].Code = 0
			}},
	} {
		d.Findings = append(d.Findings, x.finding())
	}
	return d
}

// RatedScan is a scan by a scenario with rates, against a rule.
func RatedScan() Detect {
	d := ScannedServer()
	d.Rates = true
	d.Findings = d.Findings[1:5]
	for i, often := range []float64{2, 0.5, 120, 10} {
		d.Findings[i].Endpoint.Often = often
	}
	for _, text := range []string{"blocking>10ms", "stall>19.9ms"} {
		r, _ := detect.ParseRule(text)
		d.Rules = append(d.Rules, r)
	}
	d.Warnings = []analysis.Warning{"a proxy answers (Via: 1.1 edge): several processes behind it can't be told apart"}
	return d
}

// WatchedServer is a watch in which stalls were seen.
func WatchedServer() Watch {
	seen := func(begins, lasts time.Duration, probes int) detect.Seen {
		return detect.Seen{Begins: begins, Length: analysis.Estimate{Value: float64(lasts), Low: float64(lasts - 10*ms), High: float64(lasts + 10*ms), Confidence: 1, N: 1}, Waiting: probes}
	}
	partly, lasting := seen(30*time.Second, 90*ms, 2), seen(58*time.Second, 2*time.Second, 100)
	partly.Partly = true
	lasting.Lasting, lasting.Failed = true, attack.ErrRefused
	return Watch{
		Watched: detect.Watched{
			Took: time.Minute, Sent: 3000, Stalls: 3, Blocked: 2270 * ms, Worst: []detect.Seen{lasting, seen(10*time.Second, 180*ms, 9), partly},
			Response: analysis.Distribution{N: 2900, Min: ms / 5, Mean: ms, P50: ms / 2, P90: ms, P99: 90 * ms, P999: 180 * ms, Max: 180 * ms},
			Errors:   map[attack.ErrorKind]int{attack.ErrRefused: 100}, Late: 40,
		},
		Target: "http://127.0.0.1:3000", Probe: "GET /health", Rate: 50, Version: "(devel)", Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Environment: attack.Environment{OS: "linux/amd64", Kernel: "6.1", CPUs: 2, CPUModel: "Test CPU", GoVersion: "go1.26"},
	}
}
