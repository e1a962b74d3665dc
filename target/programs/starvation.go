package programs

import (
	"fmt"
	"time"
)

// starvingRounds bounds the recursion: without a bound the ticks never end.
const starvingRounds = 10

const (
	starvedTimer = "timeout of 1 ms"
	starvedRead  = "file read"
)

func starvation() Program {
	recursion := func(name string, again func(*stage) func(func())) Part {
		return Part{Name: "recursive " + name, main: func(s *stage) {
			s.timeout(s.printing(starvedTimer), time.Millisecond)
			s.stat(s.printing(starvedRead))
			recurse(s, name, 1, again(s))
		}}
	}
	ticks := recursion("tick", func(s *stage) func(func()) { return s.nextTick })
	immediates := recursion("immediate", func(s *stage) func(func()) { return s.immediate })
	immediates.Open = [][]string{{starvedTimer, "immediate 1"}}
	immediates.Anywhere = []string{starvedRead}
	immediates.OpenBecause = "the file is read whenever the disk answers, and the timer is due within the first round"
	ticks.Open = [][]string{{starvedTimer, starvedRead}}
	ticks.OpenBecause = "the file is read whenever the disk answers"
	return Program{
		Name:  "starvation",
		Shows: "a recursive tick lets nothing else run, here for 10 rounds; a recursive immediate lets timers and I/O in between",
		Parts: []Part{ticks, immediates},
		Finding: func(t Trace) string {
			return fmt.Sprintf("recursive ticks hold a 1-ms timer back until %s; recursive immediates let it run at %s",
				inMS(t.Parts[0].at(starvedTimer)), inMS(t.Parts[1].at(starvedTimer)))
		},
	}
}

// recurse works for 1 ms a round and schedules itself again.
func recurse(s *stage, name string, round int, again func(func())) {
	again(func() {
		s.print(fmt.Sprintf("%s %d", name, round))
		s.work(time.Millisecond)
		if round < starvingRounds {
			recurse(s, name, round+1, again)
		}
	})
}

func inMS(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }
