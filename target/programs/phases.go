package programs

import (
	"strings"
	"time"
)

func phases() Program {
	return Program{
		Name:  "phases",
		Shows: "one callback of each phase, in the order in which the loop comes by",
		Parts: []Part{{
			Name:     "one turn and a bit",
			LoopOnly: []string{"idle hook", "prepare hook"},
			main: func(s *stage) {
				s.print("main program")
				s.stat(func() { inEachPhase(s) })
				s.onceBeforeExit(s.printing("nothing left"))
			},
		}},
		Finding: func(t Trace) string {
			var order []string
			for _, l := range t.Parts[0].Lines {
				if n := len(order); n == 0 || order[n-1] != string(l.Phase) {
					order = append(order, string(l.Phase))
				}
			}
			return "from poll the loop comes by in this order: " + strings.Join(order[1:], ", ")
		},
	}
}

func inEachPhase(s *stage) {
	s.print("I/O done")
	s.nextTick(s.printing("tick"))
	s.then(s.printing("promise job"))
	s.immediate(s.printing("immediate"))
	s.timeout(s.printing("timeout"), 3*time.Millisecond)
	s.failConnect(s.printing("late I/O error"), s.printing("socket closed"))
	s.onceIn(s.loop.OnIdle, s.printing("idle hook"))
	s.onceIn(s.loop.OnPrepare, s.printing("prepare hook"))
}
