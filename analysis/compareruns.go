package analysis

import (
	"fmt"
	"math"
	"time"
)

// RunChange is how one number of a stream differs between two single runs.
//
// What single runs can say: that these two differ, by how much, and whether the
// difference was there most of the time or only at moments. What they can't: how
// much the next two would differ. A machine's mood, the order of the runs and
// the state of the target move whole runs, and nothing within one run shows by
// how much; only several runs of each in turn do, which `gate` makes.
type RunChange struct {
	Stream string // empty for the whole
	Metric string // "p50", "p90", "p99", "p99.9", "mean" (response time), "throughput", "error_rate"

	// Base and Head are of the whole runs: ms, good answers per second, or a
	// share from 0 to 1. Known says that both were measured.
	Base, Head float64
	Known      bool
	// Change is Head/Base − 1; of the error rate, Head − Base. HasChange is false
	// when Base is zero and there is no ratio.
	Change    float64
	HasChange bool
	// Within is the same change, estimated from the runs' pieces: both runs are
	// cut into as many equal pieces of time, the n-th of one is set against the
	// n-th of the other, and the typical change of these pairs is given with its
	// exact interval (Hodges and Lehmann). It covers how the runs varied within
	// themselves, taking pieces as independent, and nothing beyond. N is 0 when
	// there are fewer than 6 pairs of pieces with enough requests.
	Within    Estimate
	Statement string
}

// Differs reports whether the runs differ, and did so for most of their time.
func (c RunChange) Differs() bool {
	return c.Within.N > 0 && (c.Within.Low > 0 || c.Within.High < 0)
}

// SingleRuns is what a comparison of two runs always has to say.
const SingleRuns Warning = "two single runs: the intervals cover what varied within these runs, not what varies from one run to the next; `looptest gate` runs both several times in turn and judges that"

// CompareRuns sets the streams that both runs have against each other, and the
// whole runs when they have several streams.
func CompareRuns(base, head Load) []RunChange {
	var changes []RunChange
	if len(base.Layout.Streams) > 1 {
		changes = append(changes, compareRows(base.side(0), head.side(0))...)
	}
	for i, s := range base.Layout.Streams {
		for j, other := range head.Layout.Streams {
			if other.Name == s.Name {
				changes = append(changes, compareRows(base.side(1+i), head.side(1+j))...)
				break
			}
		}
	}
	return changes
}

// side is one run's part of a comparison.
type side struct {
	row    LoadRow
	pieces []piece
}

// side gives the whole (0) or a stream (from 1).
func (l Load) side(row int) side {
	s := side{row: l.Rows[row]}
	if row < len(l.pieces) {
		s.pieces = l.pieces[row]
	}
	return s
}

// ComparisonWarnings say what makes two runs hard to compare.
func ComparisonWarnings(base, head Load) []Warning {
	warnings := []Warning{SingleRuns}
	warn := func(format string, args ...any) {
		warnings = append(warnings, Warning(fmt.Sprintf(format, args...)))
	}
	if apart(base.Span.Seconds(), head.Span.Seconds(), 0.1) {
		warn("the runs lasted %s and %s", Human(base.Span), Human(head.Span))
	}
	for _, s := range base.Layout.Streams {
		b, _ := base.Row(s.Name, "")
		h, found := head.Row(s.Name, "")
		switch {
		case !found:
			warn("only the first run has the stream %s", s.Name)
		case apart(b.OfferedRate, h.OfferedRate, 0.05):
			warn("%s was offered %s/s and %s/s: not the same load", s.Name, Digits(b.OfferedRate), Digits(h.OfferedRate))
		}
	}
	for _, s := range head.Layout.Streams {
		if _, found := base.Row(s.Name, ""); !found {
			warn("only the second run has the stream %s", s.Name)
		}
	}
	for i, l := range []Load{base, head} {
		for _, reason := range l.Health.Invalid {
			warn("the %s run can't be trusted: %s", []string{"first", "second"}[i], reason)
		}
	}
	return warnings
}

func apart(a, b, share float64) bool { return math.Abs(a-b) > share*max(a, b) }

// runMetric is a number of a row and of a piece; false when it isn't known.
type runMetric struct {
	name  string
	row   func(LoadRow) (float64, bool)
	piece func(piece) (float64, bool)
	minus bool // the change is a difference, not a ratio
}

func runMetrics() []runMetric {
	var metrics []runMetric
	for _, q := range []struct {
		name string
		q    float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}} {
		of := func(h Histogram) (float64, bool) {
			return milliseconds(h.Quantile(q.q)), h.N() >= quantileNeeds(q.q)
		}
		metrics = append(metrics, runMetric{name: q.name,
			row:   func(r LoadRow) (float64, bool) { return of(r.Response) },
			piece: func(p piece) (float64, bool) { return of(p.response) }})
	}
	mean := func(h Histogram) (float64, bool) { return milliseconds(h.Mean()), h.N() > 0 }
	return append(metrics,
		runMetric{name: "mean",
			row:   func(r LoadRow) (float64, bool) { return mean(r.Response) },
			piece: func(p piece) (float64, bool) { return mean(p.response) }},
		runMetric{name: "throughput",
			row:   func(r LoadRow) (float64, bool) { return r.AchievedRate, r.Sent > 0 },
			piece: func(p piece) (float64, bool) { return rate(p.achieved, p.lasts), p.sent > 0 }},
		runMetric{name: "error_rate", minus: true,
			row:   func(r LoadRow) (float64, bool) { return r.ErrorRate(), r.Sent > 0 },
			piece: func(p piece) (float64, bool) { return float64(p.failed) / float64(max(p.sent, 1)), p.sent > 0 }})
}

func compareRows(base, head side) []RunChange {
	var changes []RunChange
	for _, m := range runMetrics() {
		c := RunChange{Stream: base.row.Stream, Metric: m.name}
		var inBase, inHead bool
		c.Base, inBase = m.row(base.row)
		c.Head, inHead = m.row(head.row)
		if c.Known = inBase && inHead; c.Known {
			c.Change, c.HasChange = m.change(c.Base, c.Head)
			c.Within = m.within(base.pieces, head.pieces)
		}
		c.Statement = c.state(m)
		changes = append(changes, c)
	}
	return changes
}

func (m runMetric) change(base, head float64) (float64, bool) {
	switch {
	case m.minus:
		return head - base, true
	case base == 0:
		return 0, false
	}
	return head/base - 1, true
}

// within pairs the pieces: of ratios it takes the logarithm, so that twice and
// half weigh the same.
func (m runMetric) within(base, head []piece) Estimate {
	if len(base) != len(head) {
		return Estimate{} // not the same time in both
	}
	var changes []float64
	for i := range base {
		b, inBase := m.piece(base[i])
		h, inHead := m.piece(head[i])
		switch {
		case !inBase || !inHead || !m.minus && (b <= 0 || h <= 0):
		case m.minus:
			changes = append(changes, h-b)
		default:
			changes = append(changes, math.Log(h/b))
		}
	}
	if len(changes) < BlocksFor(Confidence) {
		return Estimate{}
	}
	e := HodgesLehmann(changes, Confidence)
	if !m.minus {
		e.Value, e.Low, e.High = math.Expm1(e.Value), math.Expm1(e.Low), math.Expm1(e.High)
	}
	return e
}

// state says what the two runs show.
func (c RunChange) state(m runMetric) string {
	if !c.Known {
		return fmt.Sprintf("%s: too few requests in one of the runs", c.Metric)
	}
	s := fmt.Sprintf("%s %s → %s", c.Metric, c.text(c.Base), c.text(c.Head))
	if c.HasChange {
		s += " (" + m.changeText(c.Change) + ")"
	}
	between := fmt.Sprintf("%s to %s", m.changeText(c.Within.Low), m.changeText(c.Within.High))
	switch {
	case c.Within.N == 0:
		return s + "; too short, or too few requests, to see how it varied within the runs"
	case !c.Differs():
		return s + "; piece by piece no clear difference: " + between
	case c.Change*c.Within.Value < 0:
		return s + "; piece by piece it went the other way: " + between
	}
	return s + "; piece by piece " + between
}

func (c RunChange) text(value float64) string {
	switch c.Metric {
	case "error_rate":
		return fmt.Sprintf("%.3g %%", 100*value)
	case "throughput":
		return fmt.Sprintf("%.1f/s", value)
	}
	return Human(time.Duration(value * float64(time.Millisecond)))
}

func (m runMetric) changeText(change float64) string {
	if m.minus {
		return fmt.Sprintf("%+.2g points", 100*change)
	}
	return fmt.Sprintf("%+.1f %%", 100*change)
}
