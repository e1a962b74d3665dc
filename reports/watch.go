package reports

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
)

// Watch is what was seen while a server was watched. Its reports are Table, Brief,
// JSON and JSONLine; a stall's are StallLine and StallJSON.
type Watch struct {
	Watched     detect.Watched
	Rules       []detect.Rule
	Target      string
	Probe       string
	Rate        float64 // probes a second
	Began       time.Time
	Environment attack.Environment
	Version     string
	Partial     bool   // it was to go on for longer
	Error       string // it could not be carried out to its end
}

// Outcome is a fail when a stall breaks a rule, and invalid when nothing was
// answered or it could not be carried out.
func (v Watch) Outcome() analysis.Outcome {
	o := analysis.Pass
	if len(v.Watched.Broken(v.Rules)) > 0 {
		o = analysis.Fail
	}
	switch {
	case v.Error != "" || v.Watched.Response.N == 0:
		return analysis.Worst(o, analysis.Invalid)
	case v.Partial:
		return analysis.Worst(o, analysis.Inconclusive)
	}
	return o
}

// finding is the answer in a line.
func (v Watch) finding() string {
	w := v.Watched
	took := watchedText(w.Took)
	switch {
	case w.Sent == 0:
		return "no probe was sent"
	case w.Response.N == 0:
		return fmt.Sprintf("none of %s in %s was answered", analysis.Count(w.Sent, "probe"), took)
	case w.Stalls == 0:
		return fmt.Sprintf("no stall of %s or more in %s", analysis.Human(detect.ShortestSeen(v.Rate)), took)
	}
	longest := w.Worst[0]
	return fmt.Sprintf("%s in %s, the longest %s at %s; %s of the time nobody was served", analysis.Count(w.Stalls, "stall"), took,
		stallOf(longest), clockTime(v.Began.Add(longest.Begins)), percentText(v.share()))
}

// share is which part of the time there was a stall.
func (v Watch) share() float64 {
	return min(1, float64(v.Watched.Blocked)/float64(max(v.Watched.Took, 1)))
}

func watchedText(d time.Duration) string {
	if d < time.Minute {
		return inSeconds(d)
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// stallOf is how long a stall was, as it is told.
func stallOf(s detect.Seen) string {
	if s.Lasting {
		return human(s.Length.Low) + " or more"
	}
	return human(s.Length.Value)
}

func clockTime(t time.Time) string { return t.Format(time.TimeOnly) }

func (v Watch) reasons() (reasons []string) {
	if v.Error != "" {
		reasons = append(reasons, plainLine(v.Error))
	}
	for _, r := range v.Watched.Broken(v.Rules) {
		reasons = append(reasons, fmt.Sprintf("a stall of %s, against %s", stallOf(v.Watched.Worst[0]), r))
	}
	return reasons
}

func (v Watch) warnings() []analysis.Warning {
	warnings := []analysis.Warning{}
	for _, kind := range slices.Sorted(maps.Keys(v.Watched.Errors)) {
		warnings = append(warnings, analysis.Warning(fmt.Sprintf("%s had no answer (%s)", analysis.Count(v.Watched.Errors[kind], "probe"), kind)))
	}
	if late := v.Watched.Late; late > v.Watched.Sent/100 {
		warnings = append(warnings, analysis.Warning(fmt.Sprintf("%d of %d probes left late, since this machine is busy; stalls may be longer than they are told", late, v.Watched.Sent)))
	}
	return warnings
}

// Table writes the sum of what was seen, and the longest stalls.
func (v Watch) Table(w io.Writer, s Style) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "\n%s   %s · probe %s at %s\n", s.paint(ansiBold, "WATCH"), plain(v.Target), plain(v.Probe), rateText(v.Rate))
		g := grid{header: []string{"longest stalls", "", "probes that waited", ""}, names: 2}
		for _, seen := range v.Watched.Worst[:min(len(v.Watched.Worst), shownStalls)] {
			g.rows = append(g.rows, []string{clockTime(v.Began.Add(seen.Begins)), stallOf(seen), fmt.Sprint(seen.Waiting), seenRemark(seen)})
		}
		if len(g.rows) > 0 {
			if err := g.write(w, s); err != nil {
				return err
			}
		}
		s.sentence(w, fmt.Sprintf("\n  %s   ", s.judged(v.Outcome(), markedOutcome(v.Outcome()))), "           ", v.finding())
		for _, reason := range v.reasons() {
			s.sentence(w, "  "+s.paint(ansiRed, "!")+" ", "    ", reason)
		}
		if d := v.Watched.Response; d.N > 0 {
			fmt.Fprintf(w, "  probes   p50 %s, p99 %s, max %s, n %s\n", analysis.Human(d.P50), analysis.Human(d.P99), analysis.Human(d.Max), thousands(d.N))
		}
		for _, warning := range v.warnings() {
			s.sentence(w, "  "+s.paint(ansiYellow, "!")+" ", "    ", string(warning))
		}
		return nil
	})
}

const shownStalls = 10

// seenRemark says what else is known of a stall.
func seenRemark(s detect.Seen) string {
	var parts []string
	if s.Failed != "" {
		parts = append(parts, string(s.Failed))
	}
	if s.Partly {
		parts = append(parts, "only some connections")
	}
	if s.Lasting {
		parts = append(parts, "not over yet")
	}
	return strings.Join(parts, ", ")
}

// Brief writes the outcome in a line.
func (v Watch) Brief(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s: %s\n", v.Outcome(), v.finding())
	return err
}

// StallLine writes a stall as it happens.
func (v Watch) StallLine(w io.Writer, s detect.Seen) error {
	text := fmt.Sprintf("%s  stall of %s", clockTime(v.Began.Add(s.Begins)), stallOf(s))
	parts := nonEmpty([]string{analysis.Count(s.Waiting, "probe") + " waited", seenRemark(s)})
	_, err := fmt.Fprintf(w, "%s (%s)\n", text, strings.Join(parts, ", "))
	return err
}

// StatusLine is how it stands after so long, for a terminal; under is a stall under
// way.
func (v Watch) StatusLine(elapsed time.Duration, sum detect.Watched, under *detect.Seen) string {
	parts := []string{"watching " + plain(v.Target), clockText(elapsed)}
	switch {
	case sum.Stalls > 0:
		parts = append(parts, fmt.Sprintf("%s, the longest %s", analysis.Count(sum.Stalls, "stall"), stallOf(sum.Worst[0])))
	default:
		parts = append(parts, "no stall")
	}
	if under != nil {
		parts = append(parts, UnderWay(*under))
	}
	return strings.Join(parts, between)
}

// UnderWay says that a stall goes on.
func UnderWay(s detect.Seen) string {
	text := fmt.Sprintf("blocked now for %s, %s wait", human(s.Length.Low), analysis.Count(s.Waiting, "probe"))
	if s.Failed != "" {
		text += fmt.Sprintf(" (%s)", s.Failed)
	}
	return text
}
