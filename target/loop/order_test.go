package loop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// program is a loop in virtual time with a trace of what ran.
type program struct {
	*loop.Loop
	clock *loop.Virtual
	trace []string
}

func (p *program) log(name string) { p.trace = append(p.trace, name) }

// say makes a callback that logs its name and then does more.
func (p *program) say(name string, more ...func()) func() {
	return func() {
		p.log(name)
		for _, fn := range more {
			fn()
		}
	}
}

func (p *program) burn(ms int) { p.clock.Advance(time.Duration(ms) * time.Millisecond) }

func (p *program) tick(name string, more ...func())    { p.NextTick(p.say(name, more...)) }
func (p *program) micro(name string, more ...func())   { p.QueueMicrotask(p.say(name, more...)) }
func (p *program) soon(name string, more ...func())    { p.SetImmediate(p.say(name, more...)) }
func (p *program) pending(name string, more ...func()) { p.Pending(p.say(name, more...)) }

func (p *program) after(ms float64, name string, more ...func()) *loop.Timer {
	return p.SetTimeout(p.say(name, more...), time.Duration(ms*float64(time.Millisecond)))
}

// runs gives the trace of a program in virtual time.
func runs(t *testing.T, main func(*program)) string {
	t.Helper()
	clock := loop.NewVirtual()
	p := &program{Loop: loop.New(loop.WithClock(clock, clock), loop.WithPoolSize(1)), clock: clock}
	p.Run(func() { main(p) })
	return strings.Join(p.trace, " ")
}

// The orders follow the rules of Node 20 for CommonJS programs.
func TestOrder(t *testing.T) {
	cases := []struct {
		name string
		main func(*program)
		want string
	}{
		{"the guide's microtasks and macrotasks: 1 6 5 4, then 2 and 3", func(p *program) {
			p.log("1")
			p.after(0, "2")
			p.soon("3")
			p.micro("4")
			p.tick("5")
			p.log("6")
			p.burn(2) // the timer is due by the time the loop begins
		}, "1 6 5 4 2 3"},
		{"rule 1: timers run at the entry, then after poll, check and close", func(p *program) {
			p.after(1, "T1", func() {
				p.after(1, "T2")
				p.soon("I")
				p.Work(nil0, p.say("poll"))
				p.Open("h").Close(p.say("C"))
				p.burn(5)
			})
			p.burn(1)
		}, "T1 poll I C T2"},
		{"rule 2: ticks before microtasks, each until empty", func(p *program) {
			p.log("main")
			p.micro("p1", func() {
				p.tick("t-from-p1")
				p.micro("p-from-p1")
				p.micro("p2")
			})
			p.micro("q1")
			p.tick("t1", func() {
				p.tick("t-from-t1")
				p.micro("p-from-t1")
			})
			p.tick("t2")
		}, "main t1 t2 t-from-t1 p1 q1 p-from-t1 p-from-p1 p2 t-from-p1"},
		{"rule 4: a nested immediate waits an iteration, with a drain between", func(p *program) {
			p.soon("I1", func() {
				p.soon("I3")
				p.tick("t1")
				p.micro("p1")
			})
			p.soon("I2")
		}, "I1 t1 p1 I2 I3"},
		{"rule 4: an earlier immediate, or its tick, clears a later one", func(p *program) {
			var second, third loop.Immediate
			p.soon("I1", func() {
				second.Clear()
				p.tick("t1", func() { third.Clear() })
			})
			second = p.SetImmediate(p.say("I2"))
			third = p.SetImmediate(p.say("I3"))
			p.soon("I4")
		}, "I1 t1 I4"},
		{"rule 6: a due list runs all its due timers before the next list", func(p *program) {
			p.after(40, "40@0") // due at 40
			p.burn(10)
			p.after(35, "35@10") // due at 45
			p.burn(10)
			p.after(40, "40@20") // due at 60, but in the list that is due at 40
			p.burn(80)
		}, "40@0 40@20 35@10"},
		{"rule 6: fractions are cut off, and nothing is under 1 ms", func(p *program) {
			p.after(1.9, "1.9")
			p.after(0, "0")
			p.after(1, "1")
			p.after(-5, "-5")
			p.burn(10)
		}, "1.9 0 1 -5"},
		{"rule 6: over 2³¹−1 ms becomes 1 ms", func(p *program) {
			p.after(2, "2")
			p.after(1<<31-0.5, "2³¹−½")
			p.burn(10)
		}, "2³¹−½ 2"},
		{"rule 6: ties of expiry go by the age of the list", func(p *program) {
			p.after(10, "10@0") // list 10, due at 10
			p.burn(5)
			p.after(5, "5@5") // list 5, due at 10
			p.burn(20)
		}, "10@0 5@5"},
		{"rule 8: a timer made in a pass is not due in it", func(p *program) {
			p.after(1, "T1", func() {
				p.after(1, "T3")
				p.soon("I")
				p.burn(5)
			})
			p.after(3, "T2")
			p.burn(5)
		}, "T1 T2 I T3"},
		{"rule 9: a timer may clear itself and others", func(p *program) {
			var other *loop.Timer
			n := 0
			var interval *loop.Timer
			interval = p.SetInterval(func() {
				p.log("i")
				if n++; n == 3 {
					interval.Clear()
					other.Clear()
				}
			}, time.Millisecond)
			other = p.after(50, "never")
		}, "i i i"},
		{"rule 11: pool jobs are answered as one batch with a drain between", func(p *program) {
			for _, name := range []string{"a", "b", "c"} {
				p.Work(nil0, p.say(name, func() { p.tick("t" + name) }))
			}
			p.soon("I")
		}, "a ta b tb c tc I"},
		{"rule 11: what a poll leads to for a later source wakes the next poll too", func(p *program) {
			h := p.Open("h")
			p.Work(nil0, p.say("poll", func() {
				p.Post("", p.say("post")) // in the same poll; its wake-up remains
				p.soon("I", func() {
					p.SetImmediate(func() {
						if p.clock.Now() < 10*time.Millisecond {
							p.log("at once")
						}
					}).Unref()
				})
				p.after(10, "T", func() { h.Close(nil) })
			}))
		}, "poll post I at once T"},
		{"pending work runs after poll and before check", func(p *program) {
			p.Work(nil0, p.say("poll", func() {
				p.pending("P1")
				p.soon("I1")
				p.pending("P2", func() { p.pending("P3") })
			}))
		}, "poll P1 P2 P3 I1"},
		{"rule 13: close callbacks are last in, first out; nested ones wait", func(p *program) {
			a, b, c := p.Open("a"), p.Open("b"), p.Open("c")
			p.soon("I", func() {
				a.Close(p.say("A", func() { c.Close(p.say("C")); p.soon("I2") }))
				b.Close(p.say("B"))
			})
		}, "I B A I2 C"},
		{"rule 17: lone unreferenced timers and immediates do not run", func(p *program) {
			p.after(1, "no").Unref()
			p.SetImmediate(p.say("no")).Unref()
			p.Open("h").Unref()
		}, ""},
		{"rule 17: they run while something else keeps the loop alive", func(p *program) {
			p.after(1, "T").Unref()
			p.SetImmediate(p.say("I")).Unref()
			p.after(5, "T5")
		}, "I T T5"},
		{"rule 17: Ref undoes Unref", func(p *program) {
			p.after(1, "T").Unref().Ref()
			p.SetImmediate(p.say("I")).Unref().Ref()
		}, "I T"},
		{"a handle of what has run does nothing", func(p *program) {
			var first loop.Immediate
			first.Clear()
			first = p.SetImmediate(p.say("I1", func() {
				p.soon("I2", func() { p.soon("I3"); first.Unref(); first.Clear() })
				first.Unref()
				first.Clear()
			}))
		}, "I1 I2 I3"},
		{"beforeExit may make the loop alive again", func(p *program) {
			n := 0
			p.OnBeforeExit(func() {
				p.log("B")
				if n++; n == 1 {
					p.soon("I")
				}
			})
		}, "B I B"},
		{"a cycle follows the timers at the entry, though nothing is alive any more", func(p *program) {
			p.SetImmediate(p.say("I")).Unref()
			p.after(1, "T")
			p.QueueMicrotask(func() { p.burn(5) })
		}, "T I"},
		{"a recursive immediate lets a timer in; phases keep their order", func(p *program) {
			n := 0
			var again func()
			again = func() {
				p.burn(1)
				if n++; n < 4 {
					p.SetImmediate(again)
				}
			}
			p.SetImmediate(again)
			p.after(2, "T", func() { p.log([]string{"", "1", "2", "3", "4"}[n]) })
		}, "T 2"},
		{"idle and prepare run before poll", func(p *program) {
			var idle, prepare *loop.Hook
			idle = p.OnIdle(p.say("idle", func() { p.RemoveHook(idle) }))
			prepare = p.OnPrepare(p.say("prepare", func() { p.RemoveHook(prepare) }))
			p.Work(nil0, p.say("poll"))
			p.soon("check")
		}, "idle prepare poll check"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := runs(t, c.main); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func nil0() {}
