package reports

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Comparison is two single runs side by side.
type Comparison struct {
	Base, Head         Attack
	BaseName, HeadName string // folders or files, as they were given
	Changes            []analysis.RunChange
	Warnings           []analysis.Warning
	Version            string   // of looptest
	Charts             []string // paths of its pictures
}

// Compare sets two runs against each other.
func Compare(baseName string, base Attack, headName string, head Attack) Comparison {
	c := Comparison{
		Base: base, Head: head, BaseName: baseName, HeadName: headName, Version: head.Version,
		Changes: analysis.CompareRuns(base.Load, head.Load), Warnings: analysis.ComparisonWarnings(base.Load, head.Load),
	}
	if base.NoIntended != head.NoIntended {
		c.Warnings = append(c.Warnings, "one of the runs doesn't say when requests were meant to be sent: its service time is set against the other's response time")
	}
	if b, h := base.machine(), head.machine(); b != "" && h != "" && b != h {
		c.Warnings = append(c.Warnings, analysis.Warning(fmt.Sprintf("measured on two machines: %s; %s", b, h)))
	}
	return c
}

// Outcome is never a pass or a failure: one run of each can't tell a change of the
// target from what varies between runs. It is invalid when a run can't be trusted
// or the runs have no stream in common.
func (c Comparison) Outcome() analysis.Outcome {
	invalid := func(a Attack) bool { return len(a.Load.Health.Invalid) > 0 }
	if len(c.Changes) == 0 || invalid(c.Base) || invalid(c.Head) {
		return analysis.Invalid
	}
	return analysis.Inconclusive
}

// metricName is how tables name a change's metric.
func metricName(metric string) string {
	switch metric {
	case "throughput":
		return "good answers"
	case "error_rate":
		return "failed"
	}
	return "response " + metric
}

// overTime words what a change's pieces say.
func overTime(c analysis.RunChange) string {
	switch {
	case !c.Known:
		return "too few requests"
	case c.Within.N == 0:
		return "can't tell"
	case !c.Differs():
		return "no clear difference"
	case c.HasChange && c.Change*c.Within.Value < 0:
		return "mostly the other way"
	case c.Within.Value > 0:
		return "higher most of the time"
	}
	return "lower most of the time"
}

// intervalText is a change with its interval over the pieces; empty when there is
// none.
func intervalText(c analysis.RunChange) string {
	if c.Within.N == 0 {
		return ""
	}
	return changeText(c.Metric, c.Within.Low) + " to " + changeText(c.Metric, c.Within.High)
}

// changeText writes a change with its sign: in percent, of shares in points, and
// from ten times on as a ratio.
func changeText(metric string, change float64) string {
	switch {
	case metric == "error_rate":
		return signed(100*change) + " points"
	case change >= 9:
		return analysis.Times(1 + change)
	}
	return signed(100*change) + " %"
}

// signed writes a number with two digits and no more than two decimals.
func signed(v float64) string {
	if math.Abs(v) < 0.005 {
		return "0"
	}
	v = significant(v, 2)
	return minus(plus(v) + strconv.FormatFloat(v, 'f', -1, 64))
}

func valueText(metric string, v float64) string {
	switch metric {
	case "error_rate":
		return percentText(v)
	case "throughput":
		return rateText(v)
	}
	return analysis.Human(inTime(v))
}

func (c Comparison) grid() grid {
	g := grid{
		header: []string{"stream", "metric", "base", "head", "change", "within the runs", "over time"},
		names:  2, spare: []string{"within the runs"},
	}
	last := ""
	for i, change := range c.Changes {
		name := streamName(change.Stream, c.Base)
		cells := []string{plain(name), metricName(change.Metric), "–", "–", "", intervalText(change), overTime(change)}
		if i > 0 && name == last {
			cells[0] = ""
		}
		if change.Known {
			cells[2], cells[3] = valueText(change.Metric, change.Base), valueText(change.Metric, change.Head)
			if change.HasChange {
				cells[4] = changeText(change.Metric, change.Change)
			}
		}
		g.rows, last = append(g.rows, cells), name
	}
	return g
}

// streamName names a row's stream, or all of them.
func streamName(stream string, a Attack) string {
	if stream == "" && len(a.Load.Layout.Streams) > 1 {
		return "all streams"
	}
	return stream
}

// finding is the change of the tail in a line: of the stream where it is largest.
func (c Comparison) finding() string {
	most, found := analysis.RunChange{}, false
	for _, metric := range []string{"p99", "p90", "p50"} { // the farthest out that is known
		for _, change := range c.Changes {
			if change.Metric != metric || !change.Known || !change.HasChange {
				continue
			}
			if !found || math.Abs(change.Change) > math.Abs(most.Change) {
				most, found = change, true
			}
		}
		if found {
			break
		}
	}
	if !found {
		return "the runs have too few answers in common to be compared"
	}
	of := ""
	if len(c.Base.Load.Layout.Streams) > 1 {
		of = " of " + plain(streamName(most.Stream, c.Base))
	}
	return fmt.Sprintf("response %s%s %s → %s (%s); %s", most.Metric, of,
		valueText(most.Metric, most.Base), valueText(most.Metric, most.Head), changeText(most.Metric, most.Change), overTime(most))
}

// Table writes the changes as a table, then what they do and don't say.
func (c Comparison) Table(w io.Writer, s Style) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "\n%s   base %s, head %s\n", s.paint(ansiBold, "COMPARE"), plain(c.BaseName), plain(c.HeadName))
		if len(c.Changes) > 0 {
			if err := c.grid().write(w, s); err != nil {
				return err
			}
		}
		outcome := c.Outcome()
		fmt.Fprintf(w, "\n  %s   %s\n", s.judged(outcome, string(outcome)), c.finding())
		for _, warning := range c.Warnings {
			fmt.Fprintf(w, "  %s %s\n", s.paint(ansiYellow, "!"), plainLine(string(warning)))
		}
		if len(c.Charts) > 0 {
			fmt.Fprintf(w, "  see %s\n", strings.Join(c.Charts, ", "))
		}
		return nil
	})
}

// Markdown writes the comparison for reading in a pull request.
func (c Comparison) Markdown(w io.Writer) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "# looptest compare: %s\n\nbase %s, head %s\n\n**%s**\n", c.Outcome(), inMarkdown(c.BaseName), inMarkdown(c.HeadName), inMarkdown(c.finding()))
		if len(c.Changes) > 0 {
			fmt.Fprintln(w)
			if err := c.grid().inMarkdown().markdown(w); err != nil {
				return err
			}
		}
		fmt.Fprintln(w)
		for _, warning := range c.Warnings {
			fmt.Fprintf(w, "- ! %s\n", inMarkdown(string(warning)))
		}
		for _, chart := range c.Charts {
			fmt.Fprintf(w, "\n%s\n", picture("curves of both runs", chart))
		}
		return nil
	})
}

// Draw writes the response times of both runs as curves in one picture, in one of
// Formats: a panel for each stream that both have.
func (c Comparison) Draw(w io.Writer, format string) error {
	if !slices.Contains(Formats, format) {
		return unknownFormat(format)
	}
	var panels []tailPanel
	_, heads := c.Head.parts()
	streams, note := c.Base.shown()
	for _, b := range streams {
		i := slices.IndexFunc(heads, func(h part) bool { return h.name == b.name })
		if i < 0 || b.row.Response.N() == 0 || heads[i].row.Response.N() == 0 {
			continue
		}
		panels = append(panels, comparePanel(b, heads[i]))
	}
	if len(panels) == 0 {
		return fmt.Errorf("%w: %w", ErrNothingToDraw, errNoneInCommon)
	}
	f := tailFigure(panels, tailsYLabel)
	f.title = c.finding()
	f.subtitle = fmt.Sprintf("base: %s%shead: %s%stwo single runs: what varies from run to run is not known", plain(c.BaseName), between, plain(c.HeadName), between)
	f.foot = strings.Join(nonEmpty([]string{c.Head.foot(), note, f.foot}), between)
	return f.write(w, format)
}

var errNoneInCommon = errors.New("the runs have no stream in common that was answered in both")

func comparePanel(base, head part) tailPanel {
	b, h := lookColour(attack.LookBase), lookColour(attack.LookHead)
	return tailPanel{
		name:    plain(base.name),
		numbers: []string{"base: " + strings.Join(countsText(base.row), ", "), "head: " + strings.Join(countsText(head.row), ", ")},
		tails:   tailSet{histogramTail("base", base.row.Response, 0, b, b), histogramTail("head", head.row.Response, 1, h, h)},
	}
}
