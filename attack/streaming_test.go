package attack_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// With a hook every sample is handed on, one at a time, and none is kept; the
// counts are the same.
func TestSamplesAreHandedOn(t *testing.T) {
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(500)
		}
		answer(w, r)
	})
	bad := probe(500, 200*time.Millisecond)
	bad.Name, bad.Requests = "bad", []attack.Request{{URL: "/bad"}}
	p := plan(s, probe(500, 300*time.Millisecond), bad)
	p.Arms[0].Warmup = attack.Warmup{Lasts: 50 * time.Millisecond}
	p.Arms[0].Phases = []attack.Phase{{Name: "only", Lasts: 300 * time.Millisecond}}
	var busy atomic.Bool
	var origin time.Time
	var samples []attack.Sample
	runs, err := attack.Execute(context.Background(), p, attack.Hooks{
		Began: func(at time.Time) { origin = at },
		Sample: func(s attack.Sample) {
			if !busy.CompareAndSwap(false, true) {
				t.Error("two samples at once")
			}
			samples = append(samples, s)
			busy.Store(false)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := runs[0]
	if len(r.Samples) != 0 || !r.Began.Equal(origin) || len(r.Phases) != 1 {
		t.Errorf("%d samples were kept; began %v, told %v; phases %v", len(r.Samples), r.Began, origin, r.Phases)
	}
	of := [2][]int{}
	for _, s := range samples {
		of[s.Stream] = append(of[s.Stream], s.Seq)
	}
	for i, want := range []int{150, 100} {
		slices.Sort(of[i])
		if len(of[i]) != want || of[i][0] != 0 || of[i][want-1] != want-1 {
			t.Errorf("stream %d: %d samples", i, len(of[i]))
		}
		c := r.Streams[i]
		if c.Offered != want || c.Sent != want || c.Unsent != 0 || c.Bad != i*want {
			t.Errorf("%+v, want %d", c, want)
		}
	}
}

// An interruption midway leaves whole counts, and hands on as many samples.
func TestInterruptionWhileStreaming(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	s := newStarter(t, answer)
	handed, bad := 0, 0
	runs, err := attack.Execute(ctx, plan(s, probe(500, time.Hour)), attack.Hooks{Sample: func(s attack.Sample) {
		if handed++; handed == 50 {
			interrupt()
		}
		if s.Err != "" {
			bad++
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	r := runs[0]
	c := r.Streams[0]
	if !r.Partial || c.Sent != handed || c.Bad != bad || c.Offered != c.Sent+c.Unsent || handed < 50 {
		t.Errorf("%+v with %d samples, %d bad; partial %v", c, handed, bad, r.Partial)
	}
	// What was due at the interruption is what the rate gives for that span.
	if want := attack.DueBefore(attack.Constant{Rate: 500, Lasts: time.Hour}, c.Span+1); c.Offered != max(want, c.Sent) {
		t.Errorf("%d offered in %v, want %d", c.Offered, c.Span, want)
	}
}

// Whoever interrupts before the first request is due was asked for none, and
// during the warm-up nothing is measured at all.
func TestInterruptionBeforeTheBeginning(t *testing.T) {
	for _, warmup := range []time.Duration{0, time.Hour} {
		ctx, interrupt := context.WithCancel(context.Background())
		var once sync.Once
		s := newStarter(t, func(w http.ResponseWriter, r *http.Request) { once.Do(interrupt); answer(w, r) })
		p := plan(s, probe(500, time.Hour))
		p.Arms[0].Warmup.Lasts = warmup
		runs, err := attack.Execute(ctx, p, attack.Hooks{
			Began:  func(time.Time) { interrupt() },
			Sample: func(s attack.Sample) { t.Errorf("%+v", s) },
		})
		if !errors.Is(err, context.Canceled) || len(runs) != 1 || !runs[0].Partial {
			t.Fatalf("%v with %d runs", err, len(runs))
		}
		for _, c := range runs[0].Streams {
			if c.Offered != 0 || c.Sent != 0 || c.Unsent != 0 || c.Span != 0 {
				t.Errorf("%+v", c)
			}
		}
	}
}

// A rate that can't be reached ends soon after its span, and what was not sent
// is counted as that. The samples are not kept: neither takes memory.
func TestRateThatCannotBeReached(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the five seconds after which the rest is given up")
	}
	s := newStarter(t, answer)
	handed := 0
	runs, err := attack.Execute(context.Background(), plan(s, probe(10_000_000, time.Second)), attack.Hooks{Sample: func(attack.Sample) { handed++ }})
	if err != nil {
		t.Fatal(err)
	}
	c := runs[0].Streams[0]
	if c.Offered != 10_000_000 || c.Sent != handed || c.Unsent != c.Offered-handed || c.Unsent <= 0 || c.Span != time.Second {
		t.Errorf("%+v with %d samples", c, handed)
	}
}

// beating is an observer whose loop beats every 10 ms, on its own clock.
type beating struct {
	began time.Time
	mu    sync.Mutex
	marks int
	asked int
	fails bool
}

func (b *beating) Mark(context.Context) (target.Mark, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.marks++
	return target.Mark{}, nil
}

// Since gives all beats again, as a look that overlaps would, a little off.
func (b *beating) Since(_ context.Context, _ target.Mark, origin time.Time) (target.Usage, []target.LagReading, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.fails && b.asked == 1 {
		return target.Usage{}, nil, errors.New("not now")
	}
	var lag []target.LagReading
	off := time.Duration(b.asked) * 100 * time.Microsecond
	for at := b.began; at.Before(time.Now()); at = at.Add(10 * time.Millisecond) {
		due := at.Sub(origin) + off
		lag = append(lag, target.LagReading{Due: due, Ran: due + time.Millisecond})
	}
	return target.Usage{Procs: b.asked}, lag, nil
}

type observed struct {
	*starter
	observer target.Observer
}

func (o observed) Start(context.Context) (target.Target, error) {
	return &fake{url: o.server.URL, gone: o.gone, stopped: &o.stopped, observer: o.observer}, nil
}

// Heartbeats are handed on while they come, each once, and none from before the
// measured part; a look that fails is made up for by the next.
func TestLagIsHandedOn(t *testing.T) {
	for _, fails := range []bool{false, true} {
		b := &beating{began: time.Now().Add(-time.Second), fails: fails}
		var lag []target.LagReading
		batches := 0
		runs, err := attack.Execute(context.Background(),
			plan(observed{newStarter(t, answer), b}, probe(50, 2500*time.Millisecond)),
			attack.Hooks{Lag: func(l []target.LagReading) { batches++; lag = append(lag, l...) }})
		if err != nil {
			t.Fatal(err)
		}
		if len(runs[0].Lag) != 0 || runs[0].Target == nil || batches < 2 {
			t.Errorf("%d kept, usage %v, %d batches", len(runs[0].Lag), runs[0].Target, batches)
		}
		for i, r := range lag {
			if r.Due < 0 || i > 0 && r.Due < lag[i-1].Due+9*time.Millisecond {
				t.Errorf("reading %d is due at %v, after %v", i, r.Due, lag[max(i-1, 0)].Due)
			}
			if i > 0 && r.Due > lag[i-1].Due+11*time.Millisecond {
				t.Errorf("readings between %v and %v are missing", lag[i-1].Due, r.Due)
			}
		}
		if last := lag[len(lag)-1].Due; lag[0].Due > 11*time.Millisecond || last < 2400*time.Millisecond {
			t.Errorf("readings from %v to %v", lag[0].Due, last)
		}
	}
}

// All times come from the monotonic clock, ours and vegeta's: a clock that is set
// while a run goes on leaves no trace.
func TestTimesAreMonotonic(t *testing.T) {
	once := vegeta.ConstantPacer{Freq: 100, Per: time.Second}
	for r := range vegeta.NewAttacker().Attack(vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: "http://127.0.0.1:1"}), once, 5*time.Millisecond, "") {
		if !strings.Contains(r.Timestamp.String(), "m=") {
			t.Errorf("vegeta's %v holds no monotonic reading", r.Timestamp)
		}
	}
	var origin time.Time
	_, err := attack.Execute(context.Background(), plan(newStarter(t, answer), probe(50, 100*time.Millisecond)),
		attack.Hooks{Began: func(at time.Time) { origin = at }})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(origin.String(), "m=") {
		t.Errorf("the axis begins at %v, which holds no monotonic reading", origin)
	}
}
