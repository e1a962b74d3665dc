package attack_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// mortals starts servers that can end: gracefully, or at once.
type mortals struct {
	handler http.HandlerFunc
	abrupt  bool
	started atomic.Int32
	last    *mortal
}

func (s *mortals) String() string { return "mortal" }

func (s *mortals) Start(context.Context) (target.Target, error) {
	s.started.Add(1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &mortal{url: "http://" + l.Addr().String(), gone: make(chan struct{}), abrupt: s.abrupt}
	m.server = &http.Server{Handler: s.handler, ErrorLog: silent}
	go m.server.Serve(l)
	s.last = m
	return m, nil
}

type mortal struct {
	url    string
	server *http.Server
	abrupt bool
	gone   chan struct{}
	end    sync.Once
}

func (m *mortal) URL() string               { return m.url }
func (m *mortal) Observer() target.Observer { return nil }
func (m *mortal) Gone() <-chan struct{}     { return m.gone }
func (m *mortal) Err() error                { return errors.New("the mortal has died") }
func (m *mortal) Stop() error {
	m.end.Do(func() {
		if m.abrupt {
			m.server.Close()
		} else {
			m.server.Shutdown(context.Background())
		}
		close(m.gone)
	})
	return nil
}

// stopping is a plan of one arm whose target is asked to end.
func stopping(s target.Starter, after time.Duration, streams ...attack.Stream) attack.Plan {
	p := plan(s, streams...)
	p.Arms[0].StopAfter = after
	return p
}

// A target that is asked to end in the midst of the load does not fail the run: all
// that was due is sent, and what finds nobody any more is counted apart.
func TestStopAfter(t *testing.T) {
	s := &mortals{handler: answer}
	runs, err := attack.Execute(t.Context(), stopping(s, 100*time.Millisecond, probe(200, 200*time.Millisecond)), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	r, c := runs[0], runs[0].Streams[0]
	if r.Partial || r.Failure != "" || r.Stop == nil || r.Stop.Asked < 100*time.Millisecond || r.Stop.Ended < r.Stop.Asked {
		t.Fatalf("partial %v %q, stopped %+v", r.Partial, r.Failure, r.Stop)
	}
	if c.Offered != 40 || c.Sent != 40 || c.Bad != 0 || c.TurnedAway == 0 || c.Good()+c.TurnedAway+c.Lost != 40 {
		t.Errorf("%+v", c)
	}
	away := 0
	for _, sample := range r.Samples {
		if sample.Err == attack.ErrRefused {
			away++
		}
		if sample.Sent > r.Stop.Ended && sample.Answered() {
			t.Errorf("sent after the end, and answered: %+v", sample)
		}
		if sample.Done < r.Stop.Asked && sample.Err != "" {
			t.Errorf("done before the stop, and %+v", sample)
		}
	}
	if away != c.TurnedAway {
		t.Errorf("%d were refused, %d are counted as turned away", away, c.TurnedAway)
	}
}

// What the target leaves unanswered is lost, also where net/http sends it again on
// another connection and is refused there.
func TestStopLoses(t *testing.T) {
	var came atomic.Int32
	s := &mortals{abrupt: true}
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		if came.Add(1) > 3 {
			<-r.Context().Done() // until its connection is closed
			return
		}
		answer(w, r)
	}
	runs, err := attack.Execute(t.Context(), stopping(s, 300*time.Millisecond, probe(50, 600*time.Millisecond)), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	c := runs[0].Streams[0]
	held := int(came.Load()) - 3
	if c.Sent != 30 || c.Good()+c.Lost+c.TurnedAway != 30 || c.Good() > 3 || c.Bad != 0 {
		t.Errorf("%+v", c)
	}
	if c.Lost < held {
		t.Errorf("%d requests were held when the target ended, %d are counted as lost", held, c.Lost)
	}
}

// An arm that ends its target has a process of its own in each block; the others
// share theirs.
func TestStopAfterHasAProcessOfItsOwn(t *testing.T) {
	s := &mortals{handler: answer}
	brief := probe(100, 20*time.Millisecond)
	p := attack.Plan{Blocks: 3, Arms: []attack.Arm{
		{Name: "a", Target: s, Streams: []attack.Stream{brief}},
		{Name: "b", Target: s, Streams: []attack.Stream{brief}, StopAfter: 10 * time.Millisecond},
		{Name: "c", Target: s, Streams: []attack.Stream{brief}},
		{Name: "d", Target: s, Streams: []attack.Stream{brief}, StopAfter: 10 * time.Millisecond},
	}}
	runs, err := attack.Execute(t.Context(), p, attack.Hooks{})
	if err != nil || len(runs) != 12 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, r := range runs {
		if stops := r.Arm == "b" || r.Arm == "d"; (r.Stop != nil) != stops || r.Partial {
			t.Errorf("arm %s: stopped %v, partial %v", r.Arm, r.Stop, r.Partial)
		}
		if c := r.Streams[0]; r.Stop == nil && c.Good() != 2 {
			t.Errorf("arm %s: %+v", r.Arm, c)
		}
	}
	if n := s.started.Load(); n != 9 { // a and c share one, and b and d have one each
		t.Errorf("%d were started in 3 blocks", n)
	}
	if own, shared := p.Takes(), (attack.Plan{Blocks: 3, Arms: p.Arms[:1]}).Takes(); own <= shared {
		t.Errorf("four arms take %v, one takes %v", own, shared)
	}
}

// Before it is asked to end, a target that dies fails the run as ever.
func TestTargetDiesBeforeItsStop(t *testing.T) {
	s := &mortals{}
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		go s.last.Stop()
		answer(w, r)
	}
	runs, err := attack.Execute(t.Context(), stopping(s, time.Minute, probe(100, time.Hour)), attack.Hooks{})
	if err == nil || !strings.Contains(err.Error(), "the mortal has died") || !runs[0].Partial || runs[0].Stop != nil {
		t.Errorf("error %v, %+v", err, runs)
	}
}

func TestStopsThatCannotBe(t *testing.T) {
	s := &mortals{handler: answer}
	brief := probe(100, 50*time.Millisecond)
	interleaved := stopping(s, 10*time.Millisecond, brief)
	interleaved.Arms = append(interleaved.Arms, interleaved.Arms[0])
	interleaved.Interleave = &attack.Interleave{}
	running, _ := s.Start(t.Context())
	defer running.Stop()
	for _, c := range []struct {
		name  string
		plan  attack.Plan
		hooks attack.Hooks
		says  string
	}{
		{"after the load", stopping(s, 51*time.Millisecond, brief), attack.Hooks{}, `arm "arm": its target can't be stopped after 51ms; its load lasts 50ms`},
		{"before it", stopping(s, -1, brief), attack.Hooks{}, "can't be stopped after -1ns"},
		{"interleaved", interleaved, attack.Hooks{}, "can't be interleaved: one of them ends its target"},
		{"followed", stopping(s, 10*time.Millisecond, brief), attack.Hooks{Sample: func(attack.Sample) {}}, "keeps its samples"},
		{"not ours", stopping(bare(running.URL()), 10*time.Millisecond, brief), attack.Hooks{}, "can't be asked to end"},
	} {
		if _, err := attack.Execute(t.Context(), c.plan, c.hooks); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.says)
		}
	}
	climbing := stopping(s, 10*time.Millisecond, brief).Arms[0]
	if _, err := attack.Climb(t.Context(), climbing, func([]attack.Run) []attack.Stream { return nil }); err == nil {
		t.Error("steps were driven against a target that is stopped")
	}
}

func TestStopSorts(t *testing.T) {
	stop := attack.Stop{Asked: time.Second, Ended: 2 * time.Second}
	for _, c := range []struct {
		done           time.Duration
		err            attack.ErrorKind
		concerns, away bool
		lost           bool
	}{
		{999 * time.Millisecond, "", false, false, false},
		{999 * time.Millisecond, attack.ErrRefused, false, false, false},
		{999 * time.Millisecond, attack.ErrReset, false, false, false},
		{time.Second, "", true, false, false},
		{time.Second, attack.ErrRefused, true, true, false},
		{time.Second, attack.ErrUnreachable, true, true, false},
		{time.Second, attack.ErrReset, true, false, true},
		{time.Minute, attack.ErrTimeout, true, false, true},
		{time.Second, attack.ErrStatus, true, false, false},   // an answer
		{time.Second, attack.ErrFiles, true, false, false},    // the generator's own
		{time.Second, attack.ErrCanceled, true, false, false}, // an interruption
	} {
		s := attack.Sample{Sent: 900 * time.Millisecond, Done: c.done, Err: c.err}
		if stop.Concerns(s) != c.concerns || stop.TurnedAway(s) != c.away || stop.Lost(s) != c.lost {
			t.Errorf("%v %q: concerned %v, turned away %v, lost %v", c.done, c.err, stop.Concerns(s), stop.TurnedAway(s), stop.Lost(s))
		}
	}
}

// A run with a stop is kept and read again as it was.
func TestStopIsStored(t *testing.T) {
	r := attack.Run{Arm: "a", Stop: &attack.Stop{Asked: 1, Ended: 2}, Streams: []attack.StreamCount{{Sent: 9, Bad: 1, TurnedAway: 2, Lost: 3}}}
	var file strings.Builder
	if err := attack.SaveRuns(&file, []attack.Run{r}); err != nil {
		t.Fatal(err)
	}
	again, err := attack.LoadRuns(strings.NewReader(file.String()))
	if err != nil || len(again) != 1 || *again[0].Stop != *r.Stop || again[0].Streams[0].Good() != 3 || fmt.Sprint(again[0].Streams) != fmt.Sprint(r.Streams) {
		t.Errorf("%+v, %v", again, err)
	}
}
