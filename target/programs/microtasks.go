package programs

import "strings"

func microtasks() Program {
	return Program{
		Name:  "microtasks",
		Shows: "the main program runs to its end, then ticks, then promise jobs, and only then timers and immediates",
		Parts: []Part{{
			Name: "main program", main: scheduleOneOfEach,
			Open:        [][]string{{"2", "3"}},
			OpenBecause: "whether the 1-ms timer is due when the loop is entered depends on how long the start took",
		}},
		Finding: func(t Trace) string {
			return "ticks, then promise jobs, and only then the loop's phases: " + strings.Join(t.Parts[0].Texts(), ", ")
		},
	}
}

func scheduleOneOfEach(s *stage) {
	s.print("1")
	s.timeout(s.printing("2"), 0)
	s.immediate(s.printing("3"))
	s.then(s.printing("4"))
	s.nextTick(s.printing("5"))
	s.print("6")
}
