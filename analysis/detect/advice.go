package detect

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/target"
)

// tolerable is how long others may wait for a piece of work before it is advised
// to cut it smaller.
const tolerable = 10 * time.Millisecond

// advice says what to do about it, and why, in a line.
func (f Finding) advice() string {
	stall := time.Duration(f.Stall.Length.Value)
	switch f.Kind {
	case target.Blocking:
		if !f.Stall.Found {
			return "find out what it waits for in the handler: nothing else is served meanwhile"
		}
		if stall <= tolerable {
			return fmt.Sprintf("each request holds everyone else up for %s; short enough, unless it is asked for often", analysis.Human(stall))
		}
		return fmt.Sprintf("cut it into chunks of at most %s (setImmediate between them), or move it to a worker: everyone else waits %s each time", analysis.Human(tolerable), analysis.Human(stall))
	case target.PartlyBlocking:
		when := "its first part"
		if f.Stall.Late {
			when = "a later part"
		}
		return fmt.Sprintf("%s holds the loop for %s: look at what is computed there (parsing, serializing, sorting) and cut it up or move it to a worker", when, analysis.Human(stall))
	case target.Cooperative:
		if chunk := time.Duration(f.Chunk.Value); chunk > tolerable {
			return fmt.Sprintf("shorten its chunks from %s to %s or less: others wait for the rest of one, and for one of each request of its kind", analysis.Human(chunk), analysis.Human(tolerable))
		}
		return "leave it: it gives the loop back in time"
	case target.OffLoop:
		return f.poolAdvice()
	case target.Processes:
		return "each of the processes is held like one alone; what blocks it has to be cut up or moved to a worker all the same: more processes only spread it"
	case target.Sheds:
		return "it turns requests away when there are too many: give it fewer at once, or detect it while the server is calm"
	}
	return ""
}

func (f Finding) poolAdvice() string {
	c := f.Capacity
	switch {
	case c.Value == 0 && c.Low > 0:
		return fmt.Sprintf("leave it: at least %d run at once and nobody else waits", c.Low)
	case c.Value == 0:
		return "leave it: nobody else waits"
	}
	return fmt.Sprintf("leave it off the loop; %d run at once: if they only wait, raise the pool from %d (UV_THREADPOOL_SIZE in Node), if they compute, more than the cores gains nothing", c.Value, c.Value)
}
