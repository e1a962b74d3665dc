package reports

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/target"
)

// The document's shape. What can't be told, or is of another kind of work, is null.
type (
	detectDocument struct {
		Version     int                `json:"version"`
		Command     string             `json:"command"`
		Verdict     verdictDocument    `json:"verdict"`
		Finding     string             `json:"finding"`
		Environment gateHostDocument   `json:"environment"`
		Measured    string             `json:"measured,omitempty"` // when it began, RFC 3339
		Took        float64            `json:"took_ms"`
		Looptest    string             `json:"looptest"` // version
		Seed        string             `json:"seed"`
		Probe       string             `json:"probe"`
		FailOn      []string           `json:"fail_on"`
		Partial     bool               `json:"partial"`
		Error       string             `json:"error,omitempty"`
		Endpoints   []endpointDocument `json:"endpoints"` // the most harmful first
		Charts      []string           `json:"charts"`
	}
	endpointDocument struct {
		Method     string                `json:"method"`
		URL        string                `json:"url"`
		Name       string                `json:"name,omitempty"`
		Kind       target.Kind           `json:"kind"`
		Because    string                `json:"because"`
		Confidence float64               `json:"confidence"` // share of the evidence that gives the same kind, from 0 to 1
		Outcome    analysis.Outcome      `json:"outcome"`    // by fail_on
		Broken     []string              `json:"broken"`     // of fail_on
		Service    *distributionDocument `json:"service_ms"` // of a request by itself
		// Stall is 0 when none was found; its high end is then how long one may be that
		// was not seen.
		Stall         *intervalDocument  `json:"stall_ms"`
		StallFound    bool               `json:"stall_found"`
		Late          bool               `json:"stalls_late"` // not at the request's beginning
		Share         *float64           `json:"stall_share"` // of the service time
		P             *float64           `json:"p"`           // of there being no stall
		Pairs         int                `json:"pairs"`
		Chunk         *float64           `json:"chunk_ms"`
		ChunkWithin   *intervalDocument  `json:"chunk_interval_ms"`
		Capacity      *int               `json:"capacity"` // how many run at once
		CapacityRange *capacityDocument  `json:"capacity_interval"`
		Processes     *int               `json:"processes"`
		PerSecond     *float64           `json:"per_second"` // by the scenario
		Advice        string             `json:"advice"`
		Culprits      []struct{}         `json:"culprits"`
		Warnings      []analysis.Warning `json:"warnings"`
		Requests      int                `json:"requests"` // that were sent to it
		Took          float64            `json:"took_ms"`
		Partial       bool               `json:"partial"`
	}
	// intervalDocument is an estimate that stands on so many shots.
	intervalDocument struct {
		Value      float64 `json:"value"`
		Low        float64 `json:"low"`
		High       float64 `json:"high"`
		Confidence float64 `json:"confidence"`
		N          int     `json:"n"`
	}
	capacityDocument struct {
		Low  int                   `json:"low"`
		High *int                  `json:"high"` // null for no bound
		By   detect.CapacityMethod `json:"by"`
	}
)

// JSON writes the document.
func (d Detect) JSON(w io.Writer) error { return writeJSON(w, d.document()) }

func (d Detect) document() detectDocument {
	doc := detectDocument{
		Version: FormatVersion, Command: "detect", Finding: d.finding(),
		Verdict:     verdictDocument{d.Outcome(), append([]analysis.Warning{}, d.Warnings...), d.reasons()},
		Environment: gateHostDocument{machineDocument: describeMachine(d.Environment), Target: d.Target},
		Measured:    rfc3339(d.Began), Took: inMS(d.Took), Looptest: d.Version, Seed: fmt.Sprintf("%x", d.Seed),
		FailOn: []string{}, Partial: d.Partial, Error: d.Error, Endpoints: []endpointDocument{}, Charts: append([]string{}, d.Charts...),
	}
	if d.Probe.URL != "" {
		doc.Probe = d.Probe.Label()
	}
	for _, r := range d.Rules {
		doc.FailOn = append(doc.FailOn, r.String())
	}
	for _, f := range d.ranked() {
		doc.Endpoints = append(doc.Endpoints, d.describe(f))
	}
	return doc
}

func (d Detect) describe(f detect.Finding) endpointDocument {
	request := f.Endpoint.Request
	e := endpointDocument{
		Method: cmp.Or(request.Method, http.MethodGet), URL: request.URL, Name: request.Name,
		Kind: f.Kind, Because: f.Because, Confidence: f.Confidence, Outcome: f.Outcome(d.Rules), Broken: []string{},
		StallFound: f.Stall.Found, Late: f.Stall.Late, Pairs: f.Stall.Pairs, Advice: f.Advice, Culprits: []struct{}{},
		Warnings: append([]analysis.Warning{}, f.Warnings...), Requests: f.Sent, Took: inMS(f.Took), Partial: f.Partial,
	}
	broken, _ := f.Broken(d.Rules)
	for _, r := range broken {
		e.Broken = append(e.Broken, r.String())
	}
	if f.Service.N > 0 {
		service := describeDistribution(f.Service)
		e.Service = &service
	}
	if f.Stall.Pairs > 0 {
		e.P = &f.Stall.P
	}
	if d.Rates && f.Endpoint.Often > 0 {
		e.PerSecond = &f.Endpoint.Often
	}
	e.describeStall(f)
	e.describeWork(f)
	return e
}

func (e *endpointDocument) describeStall(f detect.Finding) {
	unseen, told := f.Stall.Unseen()
	switch {
	case f.Stall.Found:
		e.Stall = estimateInMS(f.Stall.Length)
		share := f.Stall.Length.Value / float64(max(f.Service.P50, 1))
		e.Share = &share
	case f.Held() > 0: // at least
		e.Stall = &intervalDocument{Value: inMS(f.Held()), Low: inMS(f.Held()), High: inMS(f.Held()), N: f.Service.N}
	case told:
		e.Stall = &intervalDocument{High: inMS(unseen), N: f.Stall.Pairs}
	}
}

// describeWork describes what only some kinds of work have.
func (e *endpointDocument) describeWork(f detect.Finding) {
	if f.Kind == target.Cooperative && f.Chunk.Value > 0 {
		chunk := inMS(time.Duration(f.Chunk.Value))
		e.Chunk, e.ChunkWithin = &chunk, estimateInMS(f.Chunk)
	}
	if c := f.Capacity; f.Kind == target.OffLoop && c.By != "" {
		e.CapacityRange = &capacityDocument{Low: c.Low, By: c.By}
		if c.Value > 0 {
			e.Capacity = &c.Value
		}
		if c.High > 0 {
			e.CapacityRange.High = &c.High
		}
	}
	if f.Processes > 0 {
		e.Processes = &f.Processes
	}
}

// estimateInMS is an estimate that is in ns.
func estimateInMS(e analysis.Estimate) *intervalDocument {
	return &intervalDocument{e.Value / 1e6, max(0, e.Low/1e6), e.High / 1e6, e.Confidence, e.N}
}
