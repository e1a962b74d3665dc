package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Detect is what a scan found. Its reports are Table, Brief, JSON, JUnit, Markdown,
// Summary and the pictures of Pictures.
type Detect struct {
	Findings []detect.Finding // in the order in which they were judged
	Rules    []detect.Rule    // what must not be found
	Rates    bool             // Endpoint.Often is in requests a second

	Target      string
	Probe       attack.Request
	Warnings    []analysis.Warning // about all of it
	Environment attack.Environment
	Began       time.Time // zero when unknown
	Took        time.Duration
	Seed        uint64
	Version     string   // of looptest
	Charts      []string // paths of its pictures

	// Partial is set when it was interrupted. Without it, an Error says that the scan
	// could not be carried out to its end, as when the server died.
	Partial bool
	Error   string
}

// Outcome is a fail when a rule is broken, inconclusive when something stayed open
// or the scan was interrupted, and invalid when it could not be carried out.
func (d Detect) Outcome() analysis.Outcome {
	o := detect.Judge(d.Findings, d.Rules)
	switch {
	case d.Error != "" && !d.Partial:
		return analysis.Worst(o, analysis.Invalid)
	case d.Partial:
		return analysis.Worst(o, analysis.Inconclusive)
	}
	return o
}

// ranked are the findings by harm: what makes others wait most comes first.
func (d Detect) ranked() []detect.Finding {
	ranked := slices.Clone(d.Findings)
	slices.SortStableFunc(ranked, func(a, b detect.Finding) int {
		return cmp.Or(cmp.Compare(b.Harm(), a.Harm()), cmp.Compare(harmless(a), harmless(b)))
	})
	return ranked
}

// harmless orders what holds the loop no longer than anything else: what can't be
// told first, and what is trivial last.
func harmless(f detect.Finding) int {
	switch f.Kind {
	case target.Unsure:
		return 0
	case target.Trivial:
		return 2
	}
	return 1
}

// finding is the answer in a line.
func (d Detect) finding() string {
	if d.Partial {
		return "interrupted; by then: " + d.found()
	}
	return d.found()
}

func (d Detect) found() string {
	ranked := d.ranked()
	for _, f := range ranked {
		if broken, _ := f.Broken(d.Rules); len(broken) > 0 {
			return fmt.Sprintf("%s, against %s", headline(f), broken[0])
		}
	}
	switch holding := countOf(ranked, func(f detect.Finding) bool { return f.Held() > 0 }); {
	case d.Error != "" && !d.Partial:
		return "it could not be carried out to its end: " + plainLine(d.Error)
	case len(ranked) == 0:
		return "nothing was judged"
	case holding == 0:
		return fmt.Sprintf("none of %s is seen to hold the loop", analysis.Count(len(ranked), "endpoint"))
	case holding == 1:
		return headline(ranked[0])
	default:
		return fmt.Sprintf("%d of %s hold the loop; most of all: %s", holding, analysis.Count(len(ranked), "endpoint"), headline(ranked[0]))
	}
}

func countOf(findings []detect.Finding, is func(detect.Finding) bool) int {
	n := 0
	for _, f := range findings {
		if is(f) {
			n++
		}
	}
	return n
}

// reasons are why it is not a pass, without what the finding says already.
func (d Detect) reasons() []string {
	reasons := d.breaches()
	for _, f := range d.ranked() {
		if f.Kind == target.Unsure {
			reasons = append(reasons, headline(f))
		}
	}
	return reasons
}

// breaches are the reasons without the endpoints that are unsure, which a reader
// finds below.
func (d Detect) breaches() []string {
	var reasons []string
	if d.Error != "" {
		reasons = append(reasons, plainLine(d.Error))
	}
	for _, f := range d.ranked() {
		broken, open := f.Broken(d.Rules)
		for _, r := range broken {
			reasons = append(reasons, fmt.Sprintf("%s, against %s", headline(f), r))
		}
		for _, r := range open {
			reasons = append(reasons, fmt.Sprintf("%s, which may be against %s: the interval crosses it", headline(f), r))
		}
	}
	finding := d.finding()
	return slices.DeleteFunc(reasons, func(reason string) bool { return strings.HasSuffix(finding, reason) })
}

// label is what an endpoint is called.
func label(f detect.Finding) string { return plain(f.Endpoint.Request.Label()) }

// headline is a finding in a sentence, with its number.
func headline(f detect.Finding) string { return label(f) + " " + deed(f) }

// deed is what an endpoint does, to follow its name.
func deed(f detect.Finding) string {
	stall := ""
	if f.Stall.Found {
		stall = " for " + stallWords(f.Stall.Length)
	}
	switch f.Kind {
	case target.Blocking:
		if !f.Stall.Found {
			return fmt.Sprintf("blocks the loop for %s or more: it gave no answer", analysis.Human(f.Held()))
		}
		return "blocks the loop" + stall
	case target.PartlyBlocking:
		return fmt.Sprintf("holds the loop%s of its %s", stall, analysis.Human(f.Service.P50))
	case target.Cooperative:
		return cooperates(f)
	case target.OffLoop:
		return strings.Join(nonEmpty([]string{"runs off the loop", capacityWords(f.Capacity)}), ", ")
	case target.Waiting:
		return "only waits: it holds nobody up"
	case target.Trivial:
		return "is trivial: it takes " + analysis.Human(f.Service.P50)
	case target.Sheds:
		return "is turned away when there is too much of it"
	case target.Processes:
		return fmt.Sprintf("blocks one of %s%s", processWords(f), stall)
	}
	return "can't be told: " + plainLine(f.Because)
}

func cooperates(f detect.Finding) string {
	switch {
	case f.Chunk.Value > 0:
		return fmt.Sprintf("gives the loop back every %s", human(f.Chunk.Value))
	case f.Stall.Found:
		return "gives the loop back, at the latest after " + human(f.Stall.Length.Value)
	}
	return "gives the loop back in between"
}

func processWords(f detect.Finding) string {
	if f.Processes > 1 {
		return fmt.Sprintf("about %d processes", f.Processes)
	}
	return "several processes"
}

// stallWords is a stall's length with its interval: "48 ms (47–49)".
func stallWords(e analysis.Estimate) string { return withinWords(e.Value, e.Low, e.High) }

// withinWords writes ns with their interval, the unit once where it is the same.
func withinWords(value, low, high float64) string {
	v, l, h := human(value), human(low), human(high)
	if v == l && v == h {
		return v
	}
	_, unit, _ := strings.Cut(v, " ")
	shortLow, lowCut := strings.CutSuffix(l, " "+unit)
	shortHigh, highCut := strings.CutSuffix(h, " "+unit)
	if lowCut && highCut {
		return fmt.Sprintf("%s (%s–%s)", v, shortLow, shortHigh)
	}
	return fmt.Sprintf("%s (%s–%s)", v, l, h)
}

// human writes ns for a reader.
func human(ns float64) string { return analysis.Human(time.Duration(ns)) }

// worksBy is the figure that belongs to the kind.
func worksBy(f detect.Finding) string {
	switch {
	case f.Kind == target.Cooperative && f.Chunk.Value > 0:
		return "chunks of " + human(f.Chunk.Value)
	case f.Kind == target.OffLoop:
		return capacityWords(f.Capacity)
	case f.Kind == target.Processes && f.Processes > 0:
		return fmt.Sprintf("%d processes", f.Processes)
	}
	return ""
}

func capacityWords(c detect.Capacity) string {
	switch {
	case c.Value == 0 && c.Low == 0:
		return ""
	case c.Value == 0:
		return fmt.Sprintf("%d or more at once", c.Low)
	case c.Low < c.High:
		return fmt.Sprintf("%d at once (%d–%d)", c.Value, c.Low, c.High)
	}
	return fmt.Sprintf("%d at once", c.Value)
}

// Line is a finding in a line, as it is told while a scan goes on.
func Line(f detect.Finding) string { return fmt.Sprintf("%s: %s", f.Kind, headline(f)) }
