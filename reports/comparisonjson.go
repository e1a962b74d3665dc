package reports

import (
	"io"
	"time"

	"github.com/looptest/looptest/analysis"
)

type (
	comparisonDocument struct {
		Version     int              `json:"version"`
		Command     string           `json:"command"`
		Verdict     verdictDocument  `json:"verdict"`
		Finding     string           `json:"finding"`
		Environment machineDocument  `json:"environment"` // of head
		Looptest    string           `json:"looptest"`
		Base        runDocument      `json:"base"`
		Head        runDocument      `json:"head"`
		Streams     []changeDocument `json:"streams"`
		Charts      []string         `json:"charts"`
	}
	runDocument struct {
		Name     string           `json:"name"`
		Title    string           `json:"title"`
		Measured string           `json:"measured,omitempty"`
		Outcome  analysis.Outcome `json:"outcome"`
		Sent     int              `json:"sent"`
		Partial  bool             `json:"partial"`
	}
	changeDocument struct {
		Name    string           `json:"name"` // of the stream; empty for all
		Metrics []metricDocument `json:"metrics"`
	}
	// metricDocument has null for what isn't known.
	metricDocument struct {
		Name      string          `json:"name"`
		Unit      string          `json:"unit"` // of base and head: ms, share or rps
		Base      *float64        `json:"base"`
		Head      *float64        `json:"head"`
		Change    *float64        `json:"change"` // head/base − 1; of shares head − base
		Within    *piecesDocument `json:"within"` // the same over pieces of the runs; what varies between runs is not in it
		Differs   bool            `json:"differs_within"`
		Statement string          `json:"statement"`
	}
	piecesDocument struct {
		Value      float64 `json:"value"`
		Low        float64 `json:"low"`
		High       float64 `json:"high"`
		Confidence float64 `json:"confidence"`
		Pieces     int     `json:"pieces"` // pairs of pieces of the runs' time
	}
)

// JSON writes the comparison as one JSON object.
func (c Comparison) JSON(w io.Writer) error {
	d := comparisonDocument{
		Version: FormatVersion, Command: "compare", Finding: c.finding(), Looptest: c.Version,
		Verdict:     verdictDocument{Outcome: c.Outcome(), Warnings: append([]analysis.Warning{}, c.Warnings...)},
		Environment: describeMachine(c.Head.Environment),
		Base:        describeRun(c.BaseName, c.Base), Head: describeRun(c.HeadName, c.Head),
		Streams: []changeDocument{}, Charts: append([]string{}, c.Charts...),
	}
	for i, change := range c.Changes {
		if i == 0 || c.Changes[i-1].Stream != change.Stream {
			d.Streams = append(d.Streams, changeDocument{Name: change.Stream})
		}
		last := &d.Streams[len(d.Streams)-1]
		last.Metrics = append(last.Metrics, describeChange(change))
	}
	return writeJSON(w, d)
}

func describeRun(name string, a Attack) runDocument {
	return runDocument{name, a.Title, rfc3339(a.Began), a.Outcome(), a.all().Sent, a.Partial}
}

func describeChange(c analysis.RunChange) metricDocument {
	d := metricDocument{Name: c.Metric, Unit: budgetUnit(c.Metric), Differs: c.Differs(), Statement: c.Statement}
	if c.Known {
		d.Base, d.Head = &c.Base, &c.Head
		if c.HasChange {
			d.Change = &c.Change
		}
	}
	if e := c.Within; e.N > 0 {
		d.Within = &piecesDocument{e.Value, e.Low, e.High, e.Confidence, e.N}
	}
	return d
}

func inTime(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
