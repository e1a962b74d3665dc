package reports

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Table writes the load's parts as a table, then the verdict with its budgets,
// what went wrong, what the generator and the target say of themselves, the
// footnotes and where the charts are.
func (a Attack) Table(w io.Writer, s Style) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "\n%s   %s\n", s.paint(ansiBold, strings.ToUpper(a.Command)), plain(a.Title))
		if len(a.Load.Layout.Streams) > 0 {
			if err := a.grid().write(w, s); err != nil {
				return err
			}
		}
		outcome := a.Outcome()
		fmt.Fprintf(w, "\n  %s   %s\n", s.judged(outcome, string(outcome)), a.finding())
		if _, reasons := a.conduct(); outcome != analysis.Pass {
			for _, reason := range reasons {
				fmt.Fprintf(w, "  %s %s\n", s.paint(ansiRed, "!"), plainLine(reason))
			}
		}
		if err := a.budgetTable(w, s); err != nil {
			return err
		}
		a.facts(w)
		for _, warning := range a.warnings() {
			fmt.Fprintf(w, "  %s %s\n", s.paint(ansiYellow, "!"), plainLine(string(warning)))
		}
		for _, note := range a.footnotes() {
			fmt.Fprintf(w, "  · %s\n", note)
		}
		if len(a.Charts) > 0 {
			fmt.Fprintf(w, "  see %s\n", strings.Join(a.Charts, ", "))
		}
		return nil
	})
}

// facts are the lines below the verdict, each with what it is about.
func (a Attack) facts(w io.Writer) {
	for _, f := range slices.Concat(a.errorFacts(), a.stallFacts(), a.generatorFacts(), a.targetFacts()) {
		fmt.Fprintf(w, "  %-10s %s\n", f.about, f.text)
	}
}

// fact is a line of a report.
type fact struct{ about, text string }

// errorKinds say in words what went wrong.
var errorKinds = map[attack.ErrorKind]string{
	attack.ErrStatus:      "unexpected code",
	attack.ErrBody:        "unexpected body",
	attack.ErrTimeout:     "no answer in time",
	attack.ErrRefused:     "nobody listens there",
	attack.ErrUnreachable: "no way to that host",
	attack.ErrReset:       "connection closed midway",
	attack.ErrCanceled:    "interrupted",
	attack.ErrFiles:       "the generator ran out of file descriptors",
	attack.ErrPorts:       "the generator ran out of local ports",
	attack.ErrName:        "the host's name can't be resolved",
	attack.ErrTLS:         "no secure connection",
	attack.ErrGarbage:     "not HTTP",
	attack.ErrTooLarge:    "body too long",
}

// errorFacts say which requests failed, how, and with which codes.
func (a Attack) errorFacts() []fact {
	_, streams := a.parts()
	var facts []fact
	for _, p := range streams {
		if failed(p.row) == 0 {
			continue
		}
		text := errorsText(p.row)
		if len(streams) > 1 {
			text = plain(p.name) + ": " + text
		}
		facts = append(facts, fact{"errors", text})
	}
	return facts
}

func errorsText(r analysis.LoadRow) string {
	var parts []string
	for _, kind := range byCount(r.Errors) {
		text := fmt.Sprintf("%s %s", kind, thousands(r.Errors[kind]))
		if words := errorKinds[kind]; words != "" {
			text += " (" + words + ")"
		}
		parts = append(parts, text)
	}
	if len(r.Codes) > 0 {
		parts = append(parts, "codes "+codesText(r.Codes))
	}
	return strings.Join(parts, between)
}

func codesText(codes map[int]int) string {
	var parts []string
	for _, code := range byCount(codes) {
		parts = append(parts, strconv.Itoa(code)+" × "+thousands(codes[code]))
	}
	return strings.Join(parts, ", ")
}

// mostStallFacts is how many stalls a table tells of.
const mostStallFacts = 3

func (a Attack) stallFacts() []fact {
	stalls := a.Load.Stalls
	var parts []string
	for _, s := range stalls[:min(len(stalls), mostStallFacts)] {
		parts = append(parts, fmt.Sprintf("%s from %s (about %s%s waiting)",
			analysis.Human(s.Lasts), moment(s.Begins), about(s.Waiting), a.requestsOf(s.Stream)))
	}
	if left := len(stalls) - mostStallFacts; left > 0 {
		parts = append(parts, fmt.Sprintf("and %d shorter ones", left))
	}
	if len(parts) == 0 {
		return nil
	}
	return []fact{{"stalls", strings.Join(parts, between)}}
}

// generatorFacts say how far the generator can be trusted.
func (a Attack) generatorFacts() []fact {
	all := a.all()
	if a.NoIntended || all.SendLag.N() == 0 {
		return nil
	}
	word := "on time"
	switch {
	case len(a.Load.Health.Invalid) > 0:
		word = "can't be trusted"
	case len(a.Load.Health.Warnings) > 0:
		word = "weak"
	}
	lag := fmt.Sprintf("%s: send lag p50 %s, p99 %s, max %s", word,
		quantileText(all.SendLag, 0.5), quantileText(all.SendLag, 0.99), analysis.Human(all.SendLag.Max()))
	parts := nonEmpty([]string{lag, thousands(all.Unsent) + " unsent", memoryText(a.PeakMemory)})
	return []fact{{"generator", strings.Join(parts, between)}}
}

// targetFacts are what the target shows of itself.
func (a Attack) targetFacts() []fact {
	var facts []fact
	if lag := a.Load.Lag; lag.N > 0 {
		facts = append(facts, fact{"loop lag", fmt.Sprintf("p50 %s, p99 %s, max %s", analysis.Human(lag.P50), analysis.Human(lag.P99), analysis.Human(lag.Max))})
	}
	u := a.Target
	if u == nil {
		return facts
	}
	var parts []string
	if !u.Unseen {
		parts = append(parts, fmt.Sprintf("loop busy %.0f %%", 100*u.Utilization))
		if u.Longest > 0 {
			parts = append(parts, fmt.Sprintf("longest callback %s %s", analysis.Human(u.Longest), plain(bracketed(u.Phase, u.Label))))
		}
	}
	parts = append(parts, fmt.Sprintf("CPU %s", cpuText(u.CPU, a.took())), memoryText(u.PeakMemory))
	return append(facts, fact{"target", strings.Join(nonEmpty(parts), between)})
}

// took is how long the load kept the target busy: its span, or until the last good
// answer if that came later.
func (a Attack) took() time.Duration {
	all := a.all()
	if all.AchievedRate == 0 {
		return a.Load.Span
	}
	return max(a.Load.Span, time.Duration(float64(all.Good)/all.AchievedRate*float64(time.Second)))
}

func bracketed(parts ...string) string {
	if parts = nonEmpty(parts); len(parts) > 0 {
		return "(" + strings.Join(parts, ", ") + ")"
	}
	return ""
}

// cpuText says how much of one core a process took.
func cpuText(cpu, over time.Duration) string {
	if over <= 0 {
		return analysis.Human(cpu)
	}
	return fmt.Sprintf("%s (%.0f %% of a core)", analysis.Human(cpu), 100*cpu.Seconds()/over.Seconds())
}

// memoryText is empty when the memory isn't known.
func memoryText(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	return fmt.Sprintf("memory %.0f MiB at most", float64(bytes)/(1<<20))
}
