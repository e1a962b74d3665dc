package claims

import (
	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// ChartKind names a picture that reports can draw.
type ChartKind string

// The kinds of picture.
const (
	Timeline    ChartKind = "timeline"    // response times and lag over time, a panel an arm
	Percentiles ChartKind = "percentiles" // response time against quantile, a line an arm
	Staircase   ChartKind = "staircase"   // completions of a burst, a panel an arm
	Curves      ChartKind = "curves"      // measures against one setting, a panel a measure
	Forest      ChartKind = "forest"      // effects with their intervals, a row each
	Dots        ChartKind = "dots"        // measures of each arm with their intervals, a panel a measure
	Memory      ChartKind = "memory"      // the target's memory over time, a line an arm
)

// Chart is a picture as data: reports draws it.
type Chart struct {
	Kind     ChartKind
	Name     string // file name without its ending: "chunking-timeline"
	Title    string // the finding, with its number
	Subtitle string // what was compared, n, blocks, offered rate
	Foot     string // target, machine, date, seed
	// Outcome is that of what the title says; the claim's own when empty.
	Outcome analysis.Outcome

	// Of timelines, percentiles and staircases, which are drawn from runs:
	Arms   []string    // the arms shown, in order; all when empty
	Stream attack.Role // whose samples are drawn

	// Of curves:
	Setting string  // the x axis' label, with its unit
	Panels  []Panel // above each other, with a shared x axis
	Marks   []Mark

	// Of forests: sorted by effect when drawn.
	Rows []Row

	// Of dots: measures side by side, each with a row for every arm, in order.
	Measures []Measure
}

// Measure is one number of several arms.
type Measure struct {
	Label  string // with its unit: "probe p99, ms"
	Unit   string // of a value, for its ticks and labels: "ms", "%", "requests/s", "bytes" (told in MiB)
	Log    bool   // a logarithmic axis; otherwise linear, from zero
	Limit  *Limit // drawn dashed
	Values []ArmValue
}

// ArmValue is one arm's number, with its interval over blocks.
type ArmValue struct {
	Arm  string
	Look attack.Look
	Y    analysis.Estimate
}

// Panel is one measure against the chart's setting.
type Panel struct {
	Label string // the y axis' label, with its unit
	Unit  string // of a value, for its ticks and labels: "ms", "%", "jobs/s"
	Log   bool   // a logarithmic y axis; otherwise linear, from zero where no value is below it
	Limit *Limit // drawn dashed
	Lines []Line
}

// Limit is a value not to be passed, such as a budget.
type Limit struct {
	Value float64
	Text  string
}

// Line is one measure of one kind of work.
type Line struct {
	Name   string
	Look   attack.Look
	Points []Point // by X
}

// Point is a measure at one value of the setting, with its interval (none when
// its N is 0).
type Point struct {
	X float64
	Y analysis.Estimate
}

// Mark is a value of the setting that is pointed out.
type Mark struct {
	X           float64
	Text        string // "2 cores", "recommended: 8 ms"
	Recommended bool   // drawn stronger
}

// Row is one effect of a forest: a ratio, shown around 1×.
type Row struct {
	Name      string // "chunking"
	Text      string // what the effect is: "probe p99, block against chunk"
	Effect    analysis.Estimate
	Threshold float64 // the ratio that the effect had to pass, 0 for none
	Outcome   string  // in words: "proven"
}
