package reports

import (
	"io"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
)

// The documents' shape.
type (
	watchDocument struct {
		Version     int                      `json:"version"`
		Command     string                   `json:"command"`
		Verdict     verdictDocument          `json:"verdict"`
		Finding     string                   `json:"finding"`
		Environment gateHostDocument         `json:"environment"`
		Measured    string                   `json:"measured"` // when it began, RFC 3339
		Took        float64                  `json:"took_ms"`
		Looptest    string                   `json:"looptest"` // version
		Probe       string                   `json:"probe"`
		Rate        float64                  `json:"rate_rps"`
		Shortest    float64                  `json:"shortest_ms"` // stall that is told
		FailOn      []string                 `json:"fail_on"`
		Partial     bool                     `json:"partial"`
		Error       string                   `json:"error,omitempty"`
		Count       int                      `json:"stall_count"`
		Longest     float64                  `json:"longest_ms"`
		Share       float64                  `json:"stalled_share"` // of the time
		Stalls      []seenDocument           `json:"stalls"`        // the longest
		Response    distributionDocument     `json:"service_ms"`    // of the probes
		Sent        int                      `json:"sent"`
		Errors      map[attack.ErrorKind]int `json:"errors"`
		Endpoints   []endpointDocument       `json:"endpoints"` // none: a watch judges stalls alone
	}
	seenDocument struct {
		At      string           `json:"at"` // RFC 3339
		Begins  float64          `json:"begins_ms"`
		Stall   intervalDocument `json:"stall_ms"`
		Probes  int              `json:"probes"` // that waited
		Partly  bool             `json:"some_connections"`
		Lasting bool             `json:"lasting"` // not over yet
		Error   attack.ErrorKind `json:"error,omitempty"`
	}
)

// JSON writes what was seen as one object.
func (v Watch) JSON(w io.Writer) error { return writeJSON(w, v.document()) }

// JSONLine writes the same on one line, after those of StallJSON.
func (v Watch) JSONLine(w io.Writer) error {
	return writeLine(w, struct {
		Type string `json:"type"`
		watchDocument
	}{"summary", v.document()})
}

// StallJSON writes a stall as a line of JSON.
func (v Watch) StallJSON(w io.Writer, s detect.Seen) error {
	return writeLine(w, struct {
		Type string `json:"type"`
		seenDocument
	}{"stall", v.describe(s)})
}

func (v Watch) describe(s detect.Seen) seenDocument {
	d := seenDocument{
		At: v.Began.Add(s.Begins).Format(time.RFC3339Nano), Begins: inMS(s.Begins), Stall: *estimateInMS(s.Length),
		Probes: s.Waiting, Partly: s.Partly, Lasting: s.Lasting, Error: s.Failed,
	}
	d.Stall.N = s.Waiting
	return d
}

func (v Watch) document() watchDocument {
	w := v.Watched
	d := watchDocument{
		Version: FormatVersion, Command: "detect", Finding: v.finding(),
		Verdict:     verdictDocument{v.Outcome(), append([]analysis.Warning{}, v.warnings()...), v.reasons()},
		Environment: gateHostDocument{describeMachine(v.Environment), v.Target},
		Measured:    rfc3339(v.Began), Took: inMS(w.Took), Looptest: v.Version, Probe: v.Probe, Rate: v.Rate,
		Shortest: inMS(detect.ShortestSeen(v.Rate)), FailOn: []string{}, Partial: v.Partial, Error: v.Error,
		Count: w.Stalls, Longest: inMS(w.Longest()), Share: v.share(), Stalls: []seenDocument{},
		Response: describeDistribution(w.Response), Sent: w.Sent, Errors: map[attack.ErrorKind]int{}, Endpoints: []endpointDocument{},
	}
	for _, r := range v.Rules {
		d.FailOn = append(d.FailOn, r.String())
	}
	for _, s := range w.Worst {
		d.Stalls = append(d.Stalls, v.describe(s))
	}
	for kind, n := range w.Errors {
		d.Errors[kind] = n
	}
	return d
}
