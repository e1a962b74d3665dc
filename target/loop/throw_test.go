package loop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// throwing gives the trace and the exit code of a program that throws. An
// uncaught error is traced as UE, with its value, and queues a tick.
func throwing(t *testing.T, main func(*program)) string {
	t.Helper()
	return runs(t, func(p *program) {
		p.OnUncaughtException(func(thrown any) {
			p.log("UE:" + thrown.(string))
			p.tick("t-in-UE")
		})
		main(p)
	})
}

func throw(v string) func() { return func() { panic(v) } }

// The traces are what Node v20.20.2 prints for the same programs.
func TestThrowsAndRejections(t *testing.T) {
	for _, c := range []struct {
		name string
		main func(*program)
		want string
	}{
		{"rule 15: no drain follows what threw", func(p *program) {
			p.after(1, "T1", func() { p.tick("T1t"); p.micro("T1p") }, throw("a"))
			p.after(1, "T2", func() { p.tick("T2t"); p.micro("T2p") })
			p.after(1, "T3", func() { p.tick("T3t") }, throw("c"))
			p.soon("I1", func() { p.tick("I1t") }, throw("i"))
			p.soon("I2", func() {
				p.tick("I2t", throw("tick"))
				p.tick("I2t2")
				p.micro("I2m", throw("micro"))
				p.micro("I2m2")
			})
			p.soon("I3")
			p.burn(10)
		}, "T1 UE:a T2 T1t t-in-UE T2t T1p T2p T3 UE:c T3t t-in-UE I1 UE:i I2 I1t t-in-UE I2t UE:tick I3 I2t2 t-in-UE I2m UE:micro I2m2 t-in-UE"},
		{"rule 15: a throw in main", func(p *program) {
			p.tick("t")
			p.micro("p")
			p.soon("I")
			p.after(20, "T")
			panic("1")
		}, "UE:1 t t-in-UE p I T"},
		{"rule 15: a cleared immediate is not left over for what goes on after a throw", func(p *program) {
			var cleared loop.Immediate
			p.soon("I1", func() { cleared.Clear(); p.soon("I3") })
			p.soon("I2", throw("x"))
			cleared = p.SetImmediate(p.say("never"))
		}, "I1 I2 UE:x I3 t-in-UE"},
		{"rule 15: a cleared immediate has not run: no drain before the next", func(p *program) {
			p.soon("I1", func() {
				p.SetImmediate(p.say("never")).Clear()
				p.soon("I2")
			}, throw("x"))
		}, "I1 UE:x I2 t-in-UE"},
		{"rule 12: pending work between poll and check", func(p *program) {
			p.Work(nil0, p.say("poll", func() {
				p.pending("P1", func() { p.soon("I2") })
				p.soon("I1")
			}))
		}, "poll P1 I1 I2"},
		{"rule 16: rejections are looked at when both queues are empty", func(p *program) {
			p.OnUnhandledRejection(func(reason any, _ *loop.Promise) {
				p.log("UR:" + reason.(string))
				p.tick("t-in-UR")
				p.micro("p-in-UR")
			})
			p.OnRejectionHandled(func(*loop.Promise) { p.log("RH") })
			p.soon("I1", func() {
				p.tick("t1")
				a := p.Reject("a")
				p.Reject("b")
				p.Reject("c").Catch(func(any) any { p.log("c-caught"); return nil })
				p.Resolve(nil).Then(func(any) any { p.log("p1"); return nil }, nil)
				d := p.Reject("d")
				p.NextTick(func() { d.Catch(func(any) any { p.log("d-caught-in-tick"); return nil }) })
				p.tick("t2")
				p.soon("N", func() { a.Catch(func(any) any { p.log("late"); return nil }) })
			})
			p.soon("I2")
		}, "I1 t1 t2 c-caught p1 d-caught-in-tick UR:a UR:b t-in-UR t-in-UR p-in-UR p-in-UR I2 N late RH"},
		{"rule 16: without a handler for it, a rejection is an uncaught error", func(p *program) {
			p.soon("I", func() { p.Reject("r") })
		}, "I UE:r t-in-UE"},
		{"rule 18: how many jobs each way takes", func(p *program) {
			say := func(s string) func(any) any { return func(any) any { p.log(s); return nil } }
			r := p.Resolve(0)
			r.Then(say("1"), nil).Then(say("2"), nil).Then(say("3"), nil).Then(say("4"), nil).Then(say("5"), nil).Then(say("6"), nil)
			p.Await(r, func(any) { p.log("await") }, nil)
			p.NewPromise(func(resolve, _ func(any)) { resolve(thenable(func() { p.log("thenable-job") })) }).Then(say("thenable-then"), nil)
			p.All([]any{r}).Then(say("all"), nil)
			p.Race([]any{r}).Then(say("race"), nil)
			p.AllSettled([]any{r}).Then(say("settled"), nil)
			p.Any([]any{r}).Then(say("any"), nil)
			p.NewPromise(func(resolve, _ func(any)) { resolve(r) }).Then(say("resolve(p)"), nil)
			r.Then(func(any) any { return r }, nil).Then(say("then-ret-p"), nil)
			r.Finally(func() {}).Then(say("finally"), nil)
		}, "1 await thenable-job 2 thenable-then all race settled any 3 resolve(p) 4 then-ret-p finally 5 6"},
		{"rule 18: what waits for a promise runs in its order", func(p *program) {
			say := func(s string) func(any) any { return func(any) any { p.log(s); return nil } }
			p.NewPromise(func(resolve, _ func(any)) {
				p.tick("t", func() { resolve(nil); p.micro("q") })
			}).Then(say("1"), nil)
			settled := func(add func(r *loop.Promise)) {
				var resolve func(any)
				r := p.NewPromise(func(ok, _ func(any)) { resolve = ok })
				add(r)
				p.soon("I", func() { resolve(nil) })
			}
			settled(func(r *loop.Promise) {
				r.Then(say("a"), nil).Then(say("d"), nil)
				p.Await(r, func(any) { p.log("b"); p.Await(r, func(any) { p.log("e") }, nil) }, nil)
				r.Then(say("c"), nil)
			})
		}, "t 1 q I a b c d e"},
		{"an await without a taker throws the reason", func(p *program) {
			p.Await(p.Reject("r"), nil, nil)
			p.soon("I")
		}, "UE:r t-in-UE I"},
		{"rule 19: an abort is synchronous, in the order of the listeners", func(p *program) {
			signal, abort := p.AbortController()
			signal.OnAbort(func(any) { p.log("A1") })
			signal.OnAbort(func(any) { p.log("A2"); panic("a2") })
			signal.OnAbort(func(any) { p.log("A3") })
			p.log("before")
			abort("why")
			abort("again")
			p.log("after")
		}, "before A1 A2 A3 after UE:a2 t-in-UE"},
		{"rule 19: a timeout signal does not keep the loop alive", func(p *program) {
			p.AbortTimeout(5 * time.Millisecond).OnAbort(func(any) { p.log("never") })
			p.after(1, "T")
		}, "T"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := throwing(t, c.main); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

type thenable func()

func (f thenable) Then(resolve, _ func(any)) { f(); resolve(nil) }

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		name  string
		main  func(*program)
		code  int
		trace string
	}{
		{"nothing happens", func(p *program) {}, 0, "exit"},
		{"an error that nobody handles", func(p *program) { p.soon("I"); p.soon("J", throw("x")); p.soon("K") }, 1, "I J exit"},
		{"a rejection that nobody handles", func(p *program) { p.Reject("x"); p.tick("t"); p.soon("I") }, 1, "t exit"},
		{"a handler that throws", func(p *program) {
			p.OnUncaughtException(func(any) { panic("again") })
			p.soon("I", throw("x"))
		}, 7, "I"},
		{"an exit: nothing runs after it", func(p *program) {
			p.soon("I", func() { p.tick("t"); p.Exit(3); p.log("never") })
			p.soon("J")
		}, 3, "I exit"},
		{"an exit within the exit handler", func(p *program) {
			p.OnExit(func(int) { p.log("exit"); p.Exit(5) })
		}, 5, "exit"},
		{"an exit in a promise is not caught by it", func(p *program) {
			p.NewPromise(func(_, _ func(any)) { p.Exit(4) }).Catch(func(any) any { p.log("never"); return nil })
		}, 4, "exit"},
		{"what a handled error leaves", func(p *program) {
			p.OnUncaughtException(func(any) { p.log("UE") })
			p.soon("I", throw("x"))
		}, 0, "I UE exit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := loop.NewVirtual()
			p := &program{Loop: loop.New(loop.WithClock(clock, clock)), clock: clock}
			p.OnExit(func(int) { p.log("exit") })
			code := p.Run(func() { c.main(p) })
			if got := strings.Join(p.trace, " "); code != c.code || got != c.trace {
				t.Errorf("got code %d, %q; want %d, %q", code, got, c.code, c.trace)
			}
		})
	}
}

func TestRefresh(t *testing.T) {
	for _, c := range []struct {
		name string
		main func(*program)
		want string
	}{
		{"starts the time anew", func(p *program) {
			a := p.after(10, "a")
			p.after(12, "b")
			p.after(5, "refresh", func() { a.Refresh() }) // due at 15 now
		}, "refresh b a"},
		{"arms a timer again that has fired", func(p *program) {
			a := p.after(2, "a")
			p.after(5, "refresh", func() { a.Refresh() })
		}, "a refresh a"},
		{"not one that was cleared", func(p *program) {
			a := p.after(2, "a")
			a.Clear()
			a.Refresh()
		}, ""},
		{"within its own callback", func(p *program) {
			n := 0
			var a *loop.Timer
			a = p.after(1, "a", func() {
				if n++; n < 3 {
					a.Refresh()
				}
			})
		}, "a a a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := runs(t, c.main); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
