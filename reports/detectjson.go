package reports

import (
	"cmp"
	"fmt"
	"io"
	"net/http"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/target"
)

// The document's shape.
type (
	detectDocument struct {
		Version     int                `json:"version"`
		Command     string             `json:"command"`
		Verdict     verdictDocument    `json:"verdict"`
		Environment gateHostDocument   `json:"environment"`
		Measured    string             `json:"measured"`
		Took        float64            `json:"took_ms"`
		Looptest    string             `json:"looptest"`
		Seed        string             `json:"seed"`
		Probe       string             `json:"probe"`
		Partial     bool               `json:"partial"`
		Error       string             `json:"error,omitempty"`
		Endpoints   []endpointDocument `json:"endpoints"`
		Charts      []string           `json:"charts"`
	}
	endpointDocument struct {
		Method     string                `json:"method"`
		URL        string                `json:"url"`
		Kind       target.Kind           `json:"kind"`
		Because    string                `json:"because"`
		Confidence float64               `json:"confidence"`
		Service    *distributionDocument `json:"service_ms"`
		Stall      *estimateDocument     `json:"stall_ms"` // null when none was found
		Late       bool                  `json:"stalls_late"`
		Share      *float64              `json:"stall_share"` // of the service time
		P          float64               `json:"p"`
		Pairs      int                   `json:"pairs"`
		Chunk      *estimateDocument     `json:"chunk_ms"`
		Capacity   *capacityDocument     `json:"capacity"`
		Processes  *int                  `json:"processes"`
		Advice     string                `json:"advice"`
		Culprits   []struct{}            `json:"culprits"`
		Warnings   []analysis.Warning    `json:"warnings"`
		Requests   int                   `json:"requests"` // that were sent to it
		Took       float64               `json:"took_ms"`
		Partial    bool                  `json:"partial"`
	}
	capacityDocument struct {
		Value *int                  `json:"value"` // null when it can't be told
		Low   int                   `json:"low"`
		High  *int                  `json:"high"` // null for no bound
		By    detect.CapacityMethod `json:"by"`
	}
)

// JSON writes the document.
func (d Detect) JSON(w io.Writer) error { return writeJSON(w, d.document()) }

func (d Detect) document() detectDocument {
	doc := detectDocument{
		Version: FormatVersion, Command: "detect", Verdict: verdictDocument{d.Outcome, d.Warnings, d.Reasons},
		Environment: gateHostDocument{machineDocument: describeMachine(d.Environment), Target: d.Target},
		Measured:    rfc3339(d.Began), Took: inMS(d.Took), Looptest: d.Version, Seed: fmt.Sprintf("%x", d.Seed), Probe: d.Probe.Label(),
		Partial: d.Partial, Error: d.Error, Endpoints: []endpointDocument{}, Charts: append([]string{}, d.Charts...),
	}
	if doc.Verdict.Warnings == nil {
		doc.Verdict.Warnings = []analysis.Warning{}
	}
	for _, f := range d.Ranked() {
		doc.Endpoints = append(doc.Endpoints, describeEndpoint(f))
	}
	return doc
}

func describeEndpoint(f detect.Finding) endpointDocument {
	e := endpointDocument{
		Method: cmp.Or(f.Endpoint.Request.Method, http.MethodGet), URL: f.Endpoint.Request.URL, Kind: f.Kind, Because: f.Because, Confidence: f.Confidence,
		Late: f.Stall.Late, P: f.Stall.P, Pairs: f.Stall.Pairs, Advice: f.Advice, Culprits: []struct{}{},
		Warnings: append([]analysis.Warning{}, f.Warnings...), Requests: f.Sent, Took: inMS(f.Took), Partial: f.Partial,
	}
	if f.Service.N > 0 {
		service := describeDistribution(f.Service)
		e.Service = &service
	}
	if f.Stall.Found {
		e.Stall = estimateInMS(f.Stall.Length)
		share := f.Stall.Length.Value / float64(max(f.Service.P50, 1))
		e.Share = &share
	}
	if f.Kind == target.Cooperative && f.Chunk.N > 0 {
		e.Chunk = estimateInMS(f.Chunk)
	}
	if c := f.Capacity; f.Kind == target.OffLoop && c.By != "" {
		e.Capacity = &capacityDocument{Low: c.Low, By: c.By}
		if c.Value > 0 {
			e.Capacity.Value = &c.Value
		}
		if c.High > 0 {
			e.Capacity.High = &c.High
		}
	}
	if f.Processes > 0 {
		e.Processes = &f.Processes
	}
	return e
}

// estimateInMS is an estimate that is in ns.
func estimateInMS(e analysis.Estimate) *estimateDocument {
	d := estimateDocument{e.Value / 1e6, e.Low / 1e6, e.High / 1e6, e.Confidence, e.N}
	return &d
}
