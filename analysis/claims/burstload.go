package claims

import (
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// burst is jobs that are asked for at once, several times.
type burst struct {
	url    string
	jobs   int           // at once
	each   time.Duration // that one takes
	times  int
	warm   time.Duration       // of the warm-up
	expect func(code int) bool // that count as an answer; nil for what is usual
}

// arm is the probe with the burst beside it. Each burst must be over before the
// next begins, also when one thread does all of its jobs.
func (b burst) arm(s Settings, name string, look attack.Look, starter target.Reference) attack.Arm {
	work := time.Duration(b.jobs) * b.each
	every := max(250*time.Millisecond, (work*5/4 + 50*time.Millisecond)).Round(50 * time.Millisecond)
	lasts := time.Duration(b.times) * every
	jobs := offender(b.url, attack.Bursts{Size: b.jobs, Every: every, Times: b.times, Offset: 20 * time.Millisecond})
	jobs.Expect = b.expect
	return attack.Arm{
		Name: name, Look: look, Target: starter, Warmup: warmup(s, b.warm, work), Takes: lasts,
		Streams: []attack.Stream{probe(s, lasts), jobs},
	}
}
