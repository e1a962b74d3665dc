package loop_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/target/loop"
)

// echo answers every message with itself, until it is told to stop.
func echo(_ *loop.Loop, port *loop.Port) {
	port.OnMessage(func(m any) {
		if m == "stop" {
			port.Close()
			return
		}
		port.Post(m)
	})
}

// workerTrace gives what a parent sees of a worker.
func workerTrace(t *testing.T, main func(*loop.Loop, *loop.Port), use func(*loop.Loop, *loop.Worker)) string {
	t.Helper()
	var trace []string
	log := func(format string, args ...any) { trace = append(trace, fmt.Sprintf(format, args...)) }
	l := loop.New()
	l.Run(func() {
		w := l.StartWorker(main)
		w.OnMessage(func(m any) {
			log("m%v", m)
			l.NextTick(func() { log("t%v", m) })
		})
		w.OnError(func(err error) { log("error:%v", err) })
		w.OnExit(func(code int) { log("exit%d", code) })
		use(l, w)
	})
	return strings.Join(trace, " ")
}

func TestWorkerMessages(t *testing.T) {
	for _, c := range []struct {
		name string
		main func(*loop.Loop, *loop.Port)
		use  func(*loop.Loop, *loop.Worker)
		want string
	}{
		{"first in, first out, with a drain after each", echo, func(_ *loop.Loop, w *loop.Worker) {
			for i := range 3 {
				w.Post(i)
			}
			w.Post("stop")
		}, "m0 t0 m1 t1 m2 t2 exit0"},
		{"messages, then the error, then the exit", func(_ *loop.Loop, p *loop.Port) {
			p.Post(1)
			p.Post(2)
			panic(errors.New("boom"))
		}, func(*loop.Loop, *loop.Worker) {}, "m1 t1 m2 t2 error:boom exit1"},
		{"a callback that fails", func(l *loop.Loop, p *loop.Port) {
			l.SetImmediate(func() { panic("late") })
			p.Post(1)
		}, func(*loop.Loop, *loop.Worker) {}, "m1 t1 error:late exit1"},
		{"a worker with nothing to do ends", func(*loop.Loop, *loop.Port) {}, func(*loop.Loop, *loop.Worker) {}, "exit0"},
		{"a terminated worker", echo, func(_ *loop.Loop, w *loop.Worker) { w.Terminate() }, "exit1"},
		{"messages that come before anyone listens wait in order", func(l *loop.Loop, p *loop.Port) {
			l.SetTimeout(func() {
				n := 0
				p.OnMessage(func(m any) {
					p.Post(m)
					if n++; n == 3 {
						p.Close()
					}
				})
			}, 1e7)
		}, func(_ *loop.Loop, w *loop.Worker) {
			for i := range 3 {
				w.Post(i)
			}
		}, "m0 t0 m1 t1 m2 t2 exit0"},
		{"an unreferenced worker does not keep its parent", echo, func(_ *loop.Loop, w *loop.Worker) { w.Unref() }, ""},
		{"a message to a worker that has ended is dropped", func(*loop.Loop, *loop.Port) {}, func(l *loop.Loop, w *loop.Worker) {
			w.OnExit(func(int) {
				if err := w.Post(1); err != nil {
					t.Error(err)
				}
			})
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := workerTrace(t, c.main, c.use); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What a worker changes in a message, its sender does not see.
func TestMessagesAreCopied(t *testing.T) {
	sent := map[string][]int{"a": {1, 2}}
	l := loop.New()
	l.Run(func() {
		w := l.StartWorker(func(_ *loop.Loop, p *loop.Port) {
			p.OnMessage(func(m any) {
				got := m.(map[string][]int)
				got["a"][0] = 99
				p.Post(got)
				p.Close()
			})
		})
		w.OnMessage(func(m any) {
			if got := m.(map[string][]int); got["a"][0] != 99 {
				t.Errorf("received %v", got)
			}
		})
		if err := w.Post(sent); err != nil {
			t.Error(err)
		}
	})
	if sent["a"][0] != 1 {
		t.Errorf("the sender's value became %v", sent)
	}
}

// Copies that need no look at every part of the value are copies all the same.
func TestPlainValuesAreCopied(t *testing.T) {
	type point struct{ X, Y int }
	type hidden struct {
		Seen   int
		unseen int
	}
	points, m := []point{{1, 2}}, map[string]any{"a": 1}
	for _, c := range []struct{ v, want any }{
		{points, []point{{1, 2}}},
		{m, map[string]any{"a": 1}},
		{map[string]any(nil), map[string]any(nil)},
		{map[string]any{"p": points}, map[string]any{"p": []point{{1, 2}}}},
		{point{1, 2}, point{1, 2}},
		{hidden{1, 2}, hidden{1, 0}},
		{[]hidden{{1, 2}}, []hidden{{1, 0}}},
		{[2]point{{1, 2}}, [2]point{{1, 2}}},
	} {
		copied, err := loop.Clone(c.v)
		points[0].X, m["a"] = 9, 9
		if err != nil || !reflect.DeepEqual(copied, c.want) {
			t.Errorf("Clone(%#v) = %#v, %v; want %#v", c.v, copied, err, c.want)
		}
		points[0].X, m["a"] = 1, 1
	}
}

// A loop that is stopped in a handler delivers no further message.
func TestStopBetweenMessages(t *testing.T) {
	l := loop.New()
	received := 0
	l.Run(func() {
		w := l.StartWorker(func(_ *loop.Loop, p *loop.Port) {
			for range 3 {
				p.Post(1)
			}
		})
		w.OnMessage(func(any) { received++; l.Stop() })
	})
	if received != 1 {
		t.Errorf("received %d messages, want 1", received)
	}
}

func TestWhatCannotBeCopied(t *testing.T) {
	type holder struct{ F func() }
	for _, v := range []any{func() {}, make(chan int), holder{func() {}}, []any{1, func() {}}, map[string]any{"f": func() {}}} {
		var refused *loop.CloneError
		if _, err := loop.Clone(v); !errors.As(err, &refused) || !strings.Contains(err.Error(), "can't be sent in a message") {
			t.Errorf("Clone(%T): %v", v, err)
		}
	}
	if _, err := loop.Clone(holder{}); err != nil {
		t.Errorf("a nil function: %v", err)
	}
}

func TestCloneKeepsSharingAndCycles(t *testing.T) {
	type node struct {
		Name string
		Next *node
	}
	a := &node{Name: "a"}
	a.Next = &node{Name: "b", Next: a}
	copied, err := loop.Clone(a)
	if err != nil {
		t.Fatal(err)
	}
	c := copied.(*node)
	if c == a || c.Next == a.Next || c.Next.Next != c || c.Next.Name != "b" {
		t.Errorf("the copy is %+v", c)
	}
	shared := []int{1, 2, 3}
	copied, _ = loop.Clone([][]int{shared, shared})
	both := copied.([][]int)
	both[0][0] = 9
	if both[1][0] != 9 || shared[0] != 1 {
		t.Errorf("copies %v of %v", both, shared)
	}
}

// A copy is equal to what was copied, whatever plain data it is.
func TestCloneIsEqual(t *testing.T) {
	type record struct {
		Name  string
		Tags  []string
		Score map[string]float64
		Inner *record
		Any   any
	}
	var draw func(t *rapid.T, depth int) *record
	draw = func(t *rapid.T, depth int) *record {
		r := &record{
			Name:  rapid.String().Draw(t, "name"),
			Tags:  rapid.SliceOf(rapid.String()).Draw(t, "tags"),
			Score: rapid.MapOf(rapid.String(), rapid.Float64Range(-1, 1)).Draw(t, "score"),
			Any:   rapid.SampledFrom([]any{nil, 1, "x", []byte("y"), [2]int{1, 2}, true}).Draw(t, "any"),
		}
		if depth > 0 && rapid.Bool().Draw(t, "deeper") {
			r.Inner = draw(t, depth-1)
		}
		return r
	}
	rapid.Check(t, func(t *rapid.T) {
		v := draw(t, 3)
		copied, err := loop.Clone(v)
		if err != nil || !reflect.DeepEqual(copied, v) || copied.(*record) == v {
			t.Fatalf("Clone(%+v) = %+v, %v", v, copied, err)
		}
	})
}
