package reports

import (
	"fmt"
	"io"
	"math"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// The document's shape. What isn't known, or is no finite number, is null.
type (
	gateDocument struct {
		Version     int                  `json:"version"`
		Command     string               `json:"command"`
		Verdict     verdictDocument      `json:"verdict"`
		Finding     string               `json:"finding"` // the answer in a line
		Environment gateHostDocument     `json:"environment"`
		Title       string               `json:"title"` // what was driven
		Base        string               `json:"base"`  // the command or git ref of each arm
		Head        string               `json:"head"`
		Measured    string               `json:"measured,omitempty"` // when it began, RFC 3339
		Took        float64              `json:"took_ms"`
		Looptest    string               `json:"looptest"` // version
		Seed        string               `json:"seed"`
		Rate        *float64             `json:"rate_rps"` // offered to each arm
		RateFrom    string               `json:"rate_from,omitempty"`
		Partial     bool                 `json:"partial"`
		Error       string               `json:"error,omitempty"`
		Judged      int                  `json:"judged_blocks"` // that the verdict stands on
		Outlook     []string             `json:"outlook"`       // what a pass rules out, or what would settle an open metric
		Metrics     []gateMetricDocument `json:"metrics"`
		Blocks      []gateBlockDocument  `json:"blocks"`
		Null        []nullDocument       `json:"null"`
		Alpha       *float64             `json:"alpha"`  // of the whole gate
		Family      int                  `json:"family"` // metrics that Holm's correction counted
		Looks       []lookDocument       `json:"looks"`
		Charts      []string             `json:"charts"`
	}
	gateHostDocument struct {
		machineDocument
		Target string `json:"target"`
	}
	// boundsDocument is an estimate with one-sided bounds.
	boundsDocument struct {
		Value *float64 `json:"value"`
		Low   *float64 `json:"low"`
		High  *float64 `json:"high"`
	}
	gateMetricDocument struct {
		Name     string           `json:"name"`
		Title    string           `json:"title"`
		Unit     string           `json:"unit"` // of base and head: ms, bytes or share
		Base     *float64         `json:"base"` // medians over blocks
		Head     *float64         `json:"head"`
		Change   *boundsDocument  `json:"change"`   // a ratio − 1, or a difference of an absolute metric
		Absolute bool             `json:"absolute"` // change and delta are differences in the unit
		Delta    *float64         `json:"delta"`
		Outcome  analysis.Outcome `json:"outcome"` // or "informational"
		P        *float64         `json:"p"`
		Adjusted *float64         `json:"p_adjusted"`
		Level    *float64         `json:"level"` // what p_adjusted is held against
		Gated    bool             `json:"gated"`
		Reason   string           `json:"reason"`
		// Detectable is the change that so many blocks find with a power of 80 %.
		Detectable *float64 `json:"detectable"`
		// Needed is how many blocks should settle an open metric; null when no
		// reasonable number does, or when it is settled.
		Needed *int `json:"blocks_needed"`
	}
	gateBlockDocument struct {
		Number  int                          `json:"number"` // from 1
		Order   []string                     `json:"order"`  // of the slices: base, head, or both
		Judged  bool                         `json:"judged"`
		Metrics map[string]gateValueDocument `json:"metrics"`
		Lost    *lostDocument                `json:"lost"` // null when it is not
	}
	gateValueDocument struct {
		Base *float64 `json:"base"`
		Head *float64 `json:"head"`
	}
	lostDocument struct {
		Arm    string `json:"arm,omitempty"`
		Reason string `json:"reason"`
	}
	nullDocument struct {
		Metric string         `json:"metric"`
		Change boundsDocument `json:"change"` // of the second half of each block against the first
		P      *float64       `json:"p"`
		Failed bool           `json:"failed"`
		Within *float64       `json:"within"`
		Reason string         `json:"reason,omitempty"`
	}
	lookDocument struct {
		Blocks    int               `json:"blocks"`
		Alpha     *float64          `json:"alpha"`
		Clear     *float64          `json:"clear"` // so many δ an effect must have to fail here
		Extension bool              `json:"extension"`
		Outcome   *analysis.Outcome `json:"outcome"` // null when it was not taken
	}
)

// JSON writes the gate as one JSON object. A folder's gate.json is the same.
func (g Gate) JSON(w io.Writer) error { return writeJSON(w, g.document()) }

func (g Gate) document() gateDocument {
	v := g.Verdict
	d := gateDocument{
		Version: FormatVersion, Command: "gate", Finding: g.finding(), Title: g.Title, Base: g.BaseName, Head: g.HeadName,
		Verdict:     verdictDocument{Outcome: g.Outcome(), Warnings: append([]analysis.Warning{}, v.Warnings...), Reasons: v.Reasons},
		Environment: gateHostDocument{describeMachine(g.Environment), g.Environment.Target},
		Measured:    rfc3339(g.Began), Took: inMS(g.Took), Looptest: g.Version, Seed: fmt.Sprintf("%x", v.Seed), RateFrom: g.RateFrom,
		Partial: g.partial(), Error: g.Error, Judged: v.Blocks, Outlook: append([]string{}, g.outlook()...), Alpha: finite(v.Design.Alpha), Family: v.Family,
		Metrics: []gateMetricDocument{}, Blocks: []gateBlockDocument{}, Null: []nullDocument{}, Looks: []lookDocument{},
		Charts: append([]string{}, g.Charts...),
	}
	d.Environment.Load1 = orZero(d.Environment.Load1)
	if g.Rate > 0 {
		d.Rate = finite(g.Rate)
	}
	for _, row := range v.Metrics {
		d.Metrics = append(d.Metrics, g.describeMetric(row))
	}
	for _, b := range g.blocks() {
		d.Blocks = append(d.Blocks, b.describe())
	}
	for _, n := range v.Null {
		d.Null = append(d.Null, nullDocument{n.Metric, describeBounds(n.Change), finite(n.P), n.Failed, finite(n.Within), n.Reason})
	}
	for i, l := range v.Design.Looks {
		look := lookDocument{Blocks: l.Blocks, Alpha: finite(l.Alpha), Clear: finite(l.Clear), Extension: l.Extension}
		if i < len(v.Looks) {
			look.Outcome = &v.Looks[i].Outcome
		}
		d.Looks = append(d.Looks, look)
	}
	return d
}

// finite is null for what JSON can't hold.
func finite(v float64) *float64 {
	if !isFinite(v) {
		return nil
	}
	return &v
}

func orZero(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

func describeBounds(e analysis.Estimate) boundsDocument {
	return boundsDocument{finite(e.Value), finite(e.Low), finite(e.High)}
}

func (g Gate) describeMetric(row gate.MetricVerdict) gateMetricDocument {
	d := gateMetricDocument{
		Name: row.Name, Title: row.Title, Unit: row.Unit, Absolute: row.Absolute, Delta: finite(row.Delta),
		Outcome: row.Outcome, Gated: row.Gated, Reason: row.Reason,
	}
	if len(row.Pairs) == 0 {
		return d
	}
	change := describeBounds(row.Change)
	d.Base, d.Head, d.Change = finite(row.Base), finite(row.Head), &change
	d.P, d.Adjusted, d.Level = finite(row.P), finite(row.Adjusted), finite(row.Level)
	if found, ok := g.detectable(row); ok {
		d.Detectable = &found
	}
	if g.open(row) {
		if n, ok := g.blocksNeeded(row); ok {
			d.Needed = &n
		}
	}
	return d
}

func (b gateBlock) describe() gateBlockDocument {
	d := gateBlockDocument{Number: b.number + 1, Order: b.order(), Judged: len(b.pairs) > 0, Metrics: map[string]gateValueDocument{}}
	for name, p := range b.pairs {
		d.Metrics[name] = gateValueDocument{finite(p.Base), finite(p.Head)}
	}
	if b.lost != nil {
		d.Lost = &lostDocument{b.lost.Arm, b.lost.Reason}
	}
	return d
}
