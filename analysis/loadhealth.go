package analysis

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/attack"
)

// lateness is how late the requests of a run were sent.
type lateness struct {
	sent    int
	late    int           // by more than limit
	noticed int           // by more than lateNotice
	limit   time.Duration // that a run can bear
	p99     time.Duration
}

// fault is something wrong with the generator.
type fault struct {
	invalid bool // else it only weakens the run
	what    string
	cure    string // what to do about it
}

// faults blame the generator for being late. These rules and the two after them
// are shared: Examine holds runs against them, and a Tally holds loads.
func (l lateness) faults() []fault {
	const cure = "lower the rate, leave the generator more CPU, or send from another machine"
	n := float64(max(l.sent, 1))
	switch {
	case l.sent == 0:
		return []fault{{true, "nothing was sent", "look at the schedules, and at whether the run was stopped at once"}}
	case float64(l.late)/n > lateShare:
		return []fault{{true, fmt.Sprintf("%.1f %% of the requests were sent more than %s late (send lag p99 %s)",
			100*float64(l.late)/n, Human(l.limit), Human(l.p99)), cure}}
	case float64(l.noticed)/n > lateShare:
		return []fault{{false, fmt.Sprintf("send lag p99 %s", Human(l.p99)), cure}}
	}
	return nil
}

// exhaustions blame the generator for running out of what it needs.
func exhaustions(errors map[attack.ErrorKind]int) []fault {
	var faults []fault
	for _, e := range []struct {
		kind attack.ErrorKind
		cure string
	}{
		{attack.ErrFiles, "raise the limit (`ulimit -n`), or allow fewer connections"},
		{attack.ErrPorts, "keep connections open instead of opening one for each request, allow fewer, or send from another machine"},
	} {
		if times := errors[e.kind]; times > 0 {
			faults = append(faults, fault{true, fmt.Sprintf("the generator ran out of %s %d times", e.kind, times), e.cure})
		}
	}
	return faults
}

// unsentFaults blame the generator for what a stream never sent.
func unsentFaults(stream string, offered, unsent int) []fault {
	if offered == 0 || float64(unsent)/float64(offered) <= unsentShare {
		return nil
	}
	return []fault{{true, fmt.Sprintf("%d of %d requests of %s were never sent", unsent, offered, stream),
		"lower the rate, or send from another machine"}}
}

// health judges the generator of a load from its counts. Unlike Examine it does
// not look at what the target answered: that every request failed is a result.
func (t *Tally) health(whole LoadRow, streams []LoadRow) Health {
	faults := lateness{
		sent: whole.Sent, late: t.late, noticed: t.noticed, limit: lateLimit, p99: whole.SendLag.Quantile(0.99),
	}.faults()
	faults = append(faults, exhaustions(whole.Errors)...)
	for _, s := range streams {
		faults = append(faults, unsentFaults(s.Stream, s.Offered, s.Unsent)...)
	}
	var h Health
	for _, f := range faults {
		f.what += ": " + f.cure
		h.add(f)
	}
	return h
}

// add takes a fault as it is said.
func (h *Health) add(f fault) {
	if f.invalid {
		h.invalid("%s", f.what)
		return
	}
	h.warn("%s", f.what)
}
