package detect

import (
	"cmp"
	"container/heap"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/looptest/looptest/attack"
)

const ms = time.Millisecond

// sim is a server that exists in numbers only: one or several event loops, a pool
// beside them, and noise as a small busy machine has it. It answers a fine
// sender's volleys at once, so that hundreds of scans take no time.
type sim struct {
	work      work
	other     map[string]work // by path, of endpoints beside the suspect
	processes int             // 1 when zero
	hiccup    float64         // share of answers that are late for no reason
	random    *rand.Rand
	volleys   int
}

// work is what a request does, in order: each part is done before the next.
type work []part

type part struct {
	loop  time.Duration // holds the loop that long
	waits time.Duration // waits that long beside it
	pool  time.Duration // runs that long on a thread of the pool …
	of    int           // … of so many threads
	code  int           // answers with that code when more than of are under way
}

func blocks(d time.Duration) work { return work{{loop: d}} }
func waits(d time.Duration) work  { return work{{waits: d}} }
func pooled(d time.Duration, threads int) work {
	return work{{pool: d, of: threads}}
}
func chunks(n int, d time.Duration) work {
	var w work
	for range n {
		w = append(w, part{loop: d}, part{})
	}
	return w
}

func newSim(w work, seed uint64) *sim {
	return &sim{work: w, processes: 1, hiccup: 0.005, random: rand.New(rand.NewPCG(seed, 1))}
}

// job is a request under way.
type job struct {
	sample  attack.Sample
	parts   work
	process int
	code    int
}

type event struct {
	at  time.Duration
	seq int
	do  func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// world is a volley's simulation.
type world struct {
	*sim
	events events
	seq    int
	now    time.Duration
	loops  []loopState
	busy   map[int]int      // threads in use, by size of the pool
	queue  map[int][]func() // jobs that wait for one
	active int              // suspects under way
	done   []attack.Sample
	fired  []attack.Stream
}

type loopState struct {
	busy  bool
	ready []callback
}

type callback struct {
	takes time.Duration
	then  func()
}

func (w *world) at(when time.Duration, do func()) {
	w.seq++
	heap.Push(&w.events, event{when, w.seq, do})
}

// onLoop queues a callback.
func (w *world) onLoop(process int, takes time.Duration, then func()) {
	l := &w.loops[process]
	l.ready = append(l.ready, callback{takes, then})
	w.turn(l)
}

func (w *world) turn(l *loopState) {
	if l.busy || len(l.ready) == 0 {
		return
	}
	c := l.ready[0]
	l.ready, l.busy = l.ready[1:], true
	w.at(w.now+c.takes, func() {
		l.busy = false
		c.then()
		w.turn(l)
	})
}

func (s *sim) workOf(r attack.Request) work {
	if w, known := s.other[r.URL]; known {
		return w
	}
	if r.URL == "/probe" {
		return blocks(20 * time.Microsecond)
	}
	return s.work
}

// Fire simulates a volley.
func (s *sim) Fire(ctx context.Context, streams []attack.Stream, tail time.Duration) (attack.Run, error) {
	s.volleys++
	w := &world{sim: s, busy: map[int]int{}, queue: map[int][]func(){}, fired: streams, loops: make([]loopState, s.processes)}
	suspects, answered := 0, 0
	var quiet time.Duration
	connection := s.random.IntN(100)
	for i, st := range streams {
		if st.Role == attack.Offender {
			suspects += st.Schedule.Count()
		}
		var send func(n int)
		send = func(n int) {
			due, more := st.Schedule.Due(n)
			if !more {
				return
			}
			w.at(due, func() {
				if st.Role != attack.Offender && answered == suspects && w.now > quiet+tail {
					return
				}
				send(n + 1)
				connection++
				j := &job{process: connection % s.processes, code: 200, parts: s.workOf(st.Requests[0])}
				j.sample = attack.Sample{Stream: i, Seq: n, Intended: due, Sent: due + time.Duration(s.random.ExpFloat64()*float64(30*time.Microsecond))}
				w.at(j.sample.Sent, func() {
					w.active += count(st.Role == attack.Offender)
					w.advance(j, func() {
						if st.Role == attack.Offender {
							w.active--
							answered++
							quiet = w.now
						}
					})
				})
			})
		}
		send(0)
	}
	for len(w.events) > 0 && w.now < 30*time.Second {
		e := heap.Pop(&w.events).(event)
		w.now = e.at
		e.do()
	}
	run := attack.Run{Streams: make([]attack.StreamCount, len(streams)), Samples: w.done}
	for i, st := range streams {
		run.Streams[i] = attack.StreamCount{Name: st.Name, Role: st.Role}
	}
	for _, d := range w.done {
		run.Streams[d.Stream].Sent++
	}
	slices.SortFunc(run.Samples, func(a, b attack.Sample) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Seq, b.Seq))
	})
	return run, ctx.Err()
}

// advance takes a job through its parts.
func (w *world) advance(j *job, ended func()) {
	if len(j.parts) == 0 {
		w.answer(j, ended)
		return
	}
	p := j.parts[0]
	j.parts = j.parts[1:]
	next := func() { w.advance(j, ended) }
	switch {
	case p.code > 0 && w.active > p.of:
		j.code, j.parts = p.code, nil
		w.answer(j, ended)
	case p.pool > 0:
		w.onPool(p, next)
	case p.waits > 0:
		w.at(w.now+p.waits, func() { w.onLoop(j.process, 10*time.Microsecond, next) })
	case p.loop > 0:
		w.onLoop(j.process, p.loop, next)
	default: // gives the loop back
		w.at(w.now, next)
	}
}

func (w *world) onPool(p part, then func()) {
	run := func() {
		w.at(w.now+p.pool+time.Duration(w.random.ExpFloat64()*float64(100*time.Microsecond)), func() {
			w.busy[p.of]--
			if waiting := w.queue[p.of]; len(waiting) > 0 {
				w.queue[p.of] = waiting[1:]
				w.busy[p.of]++
				waiting[0]()
			}
			then()
		})
	}
	if w.busy[p.of] < p.of {
		w.busy[p.of]++
		run()
		return
	}
	w.queue[p.of] = append(w.queue[p.of], run)
}

// answer ends a job, with the noise of the way back.
func (w *world) answer(j *job, ended func()) {
	noise := 30*time.Microsecond + time.Duration(w.random.ExpFloat64()*float64(40*time.Microsecond))
	if w.random.Float64() < w.hiccup {
		noise += time.Duration(w.random.ExpFloat64() * float64(3*ms))
	}
	w.at(w.now+noise, func() {
		j.sample.Done, j.sample.Code = w.now, j.code
		w.done = append(w.done, j.sample)
		ended()
	})
}
