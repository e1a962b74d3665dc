package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// FormatVersion is the version of the JSON documents.
const FormatVersion = 1

// Bench is what a bench found, for its JSON.
type Bench struct {
	Results     []claims.Result
	Charts      map[string][]string // by claim: paths of its pictures
	Overview    string              // path of the picture of all claims
	Environment attack.Environment
	Settings    claims.Settings
	Version     string // of looptest
	PeakMemory  int64  // of the generator, bytes
	Partial     bool
	Error       string // why it is partial
}

// Outcome is the worst of the claims'.
func (b Bench) Outcome() analysis.Outcome {
	if len(b.Results) == 0 {
		return analysis.Invalid
	}
	outcomes := make([]analysis.Outcome, len(b.Results))
	for i, r := range b.Results {
		outcomes[i] = r.Verdict.Outcome
	}
	return analysis.Worst(outcomes...)
}

// The document's shape. Durations are milliseconds and end in _ms; an estimate
// is a value with its interval.
type (
	benchDocument struct {
		Version     int                 `json:"version"`
		Command     string              `json:"command"`
		Verdict     verdictDocument     `json:"verdict"`
		Environment environmentDocument `json:"environment"`
		Measured    string              `json:"measured"` // when it began, RFC 3339
		Looptest    string              `json:"looptest"` // version
		Seed        string              `json:"seed"`
		Rate        float64             `json:"rate_rps"` // of the probe
		LagBudget   float64             `json:"lag_budget_ms"`
		Quick       bool                `json:"quick"`
		Partial     bool                `json:"partial"`
		Error       string              `json:"error,omitempty"`
		Overview    string              `json:"overview,omitempty"` // path of the picture of all claims
		Claims      []claimDocument     `json:"claims"`
	}
	verdictDocument struct {
		Outcome  analysis.Outcome   `json:"outcome"`
		Warnings []analysis.Warning `json:"warnings"`
		Reasons  []string           `json:"reasons,omitempty"` // why it is not a pass
	}
	environmentDocument struct {
		machineDocument
		UnitAdditions int   `json:"unit_additions"`
		PeakMemory    int64 `json:"generator_peak_memory_bytes"`
	}
	machineDocument struct {
		OS        string  `json:"os"`
		Kernel    string  `json:"kernel"`
		CPUs      int     `json:"cpus"`
		CPUModel  string  `json:"cpu_model"`
		GoVersion string  `json:"go_version"`
		Load1     float64 `json:"load_1"`
	}
	claimDocument struct {
		Name            string                   `json:"name"`
		Proves          string                   `json:"proves"`
		Outcome         string                   `json:"outcome"`
		Headline        string                   `json:"headline"`
		Effect          *estimateDocument        `json:"effect"`
		Findings        []findingDocument        `json:"findings"`
		Arms            []armDocument            `json:"arms"`
		Recommendations []recommendationDocument `json:"recommendations"`
		Warnings        []analysis.Warning       `json:"warnings"`
		Reasons         []string                 `json:"reasons"`
		Blocks          int                      `json:"blocks"`
		Planned         int                      `json:"planned_blocks"`
		Order           [][]string               `json:"order"` // of the arms in each block
		Took            float64                  `json:"took_ms"`
		Partial         bool                     `json:"partial"`
		Charts          []string                 `json:"charts"`
	}
	recommendationDocument struct {
		Setting string  `json:"setting"`
		Value   float64 `json:"value"`
		Unit    string  `json:"unit"`
		Reason  string  `json:"reason"`
	}
	findingDocument struct {
		Metric    string            `json:"metric"`
		Base      string            `json:"base"`
		Head      string            `json:"head"`
		Ratio     *estimateDocument `json:"ratio,omitempty"` // absent when it is a count
		P         *float64          `json:"p,omitempty"`     // likewise
		Ratios    []float64         `json:"block_ratios"`
		Count     *countDocument    `json:"count,omitempty"`
		Threshold float64           `json:"threshold,omitempty"`
		Expected  string            `json:"expected,omitempty"` // above or below the threshold
		Outcome   analysis.Outcome  `json:"outcome,omitempty"`  // absent when it is only reported
		Statement string            `json:"statement"`
	}
	// countDocument is of what is not to happen.
	countDocument struct {
		Times  int     `json:"times"`
		Trials int     `json:"trials"`
		AtMost float64 `json:"at_most"` // the bound of its share, when it never happened
	}
	estimateDocument struct {
		Value      float64 `json:"value"`
		Low        float64 `json:"low"`
		High       float64 `json:"high"`
		Confidence float64 `json:"confidence"`
		Blocks     int     `json:"blocks"`
	}
	armDocument struct {
		Name          string                `json:"name"`
		streamNumbers                       // the probe's, or the first stream's
		Lag           *distributionDocument `json:"lag_ms"`
		Utilization   *float64              `json:"utilization"`
		Longest       float64               `json:"longest_callback_ms"`
		CPU           float64               `json:"target_cpu_ms"`
		PeakMemory    int64                 `json:"target_peak_memory_bytes"`
		Procs         int                   `json:"target_procs"`
		Figures       []figureDocument      `json:"figures,omitempty"`
		Streams       []streamDocument      `json:"streams"`
	}
	figureDocument struct {
		Name  string  `json:"name"`
		Unit  string  `json:"unit"`
		Value float64 `json:"value"`
	}
	streamDocument struct {
		Name string `json:"name"`
		Role string `json:"role"`
		streamNumbers
	}
	streamNumbers struct {
		Response     distributionDocument `json:"response_ms"`
		Service      distributionDocument `json:"service_ms"`
		SendLag      distributionDocument `json:"send_lag_ms"`
		OfferedRate  float64              `json:"offered_rps"`
		AchievedRate float64              `json:"achieved_rps"`
		Offered      int                  `json:"offered"`
		Sent         int                  `json:"sent"`
		Unsent       int                  `json:"unsent"`
		Bad          int                  `json:"bad"`
		Shed         int                  `json:"shed,omitempty"`        // turned away, as expected
		TurnedAway   int                  `json:"turned_away,omitempty"` // by a target that was asked to end
		Lost         int                  `json:"lost,omitempty"`        // by it
		Samples      int                  `json:"samples"`
	}
)

// JSON writes the bench as one JSON object.
func (b Bench) JSON(w io.Writer) error {
	d := benchDocument{
		Version: FormatVersion, Command: "bench", Measured: b.measured(), Looptest: b.Version,
		Seed: fmt.Sprintf("%x", b.Settings.Seed), Rate: b.Settings.Rate, LagBudget: inMS(b.Settings.LagBudget), Quick: b.Settings.Quick,
		Partial: b.Partial, Error: b.Error, Overview: b.Overview,
		Verdict: verdictDocument{Outcome: b.Outcome(), Warnings: []analysis.Warning{}},
		Environment: environmentDocument{
			machineDocument: describeMachine(b.Environment), UnitAdditions: int(b.Settings.Target.Unit), PeakMemory: b.PeakMemory,
		},
		Claims: []claimDocument{},
	}
	for _, r := range b.Results {
		d.Claims = append(d.Claims, describeClaim(r, b.Charts[r.Claim.Name]))
		for _, warning := range r.Verdict.Warnings {
			d.Verdict.Warnings = append(d.Verdict.Warnings, analysis.Warning(r.Claim.Name+": ")+warning)
		}
	}
	return writeJSON(w, d)
}

func describeMachine(e attack.Environment) machineDocument {
	return machineDocument{OS: e.OS, Kernel: e.Kernel, CPUs: e.CPUs, CPUModel: e.CPUModel, GoVersion: e.GoVersion, Load1: e.Load1}
}

func writeJSON(w io.Writer, document any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}

func describeClaim(r claims.Result, charts []string) claimDocument {
	v := r.Verdict
	d := claimDocument{
		Name: r.Claim.Name, Proves: r.Claim.Proves, Outcome: claims.Word(v.Outcome), Headline: v.Headline,
		Findings: []findingDocument{}, Arms: []armDocument{},
		Warnings: append([]analysis.Warning{}, v.Warnings...), Reasons: append([]string{}, v.Reasons...),
		Blocks: v.Blocks, Planned: r.Planned, Order: orders(r.Runs), Took: inMS(r.Took), Partial: r.Partial, Charts: append([]string{}, charts...),
	}
	for i, f := range v.Findings {
		described := describeFinding(f)
		if i == 0 {
			d.Effect = described.Ratio
		}
		d.Findings = append(d.Findings, described)
	}
	for _, arm := range r.Arms {
		d.Arms = append(d.Arms, describeArm(arm, r.Figures))
	}
	d.Recommendations = []recommendationDocument{}
	for _, recommendation := range r.Recommendations {
		d.Recommendations = append(d.Recommendations, recommendationDocument(recommendation))
	}
	return d
}

func describeFinding(f analysis.Finding) findingDocument {
	d := findingDocument{
		Metric: f.Metric, Base: f.Base, Head: f.Head, Ratios: append([]float64{}, f.Ratios...),
		Threshold: f.Threshold, Expected: expected(f), Outcome: f.Outcome, Statement: f.Statement,
	}
	if in := f.Incidence; in != nil {
		d.Count = &countDocument{in.Times, in.Trials, in.AtMost}
		return d
	}
	d.P = &f.P
	d.Ratio = &estimateDocument{f.Effect.Value, f.Effect.Low, f.Effect.High, f.Effect.Confidence, f.Effect.N}
	return d
}

func expected(f analysis.Finding) string {
	switch {
	case f.Threshold == 0:
		return ""
	case f.Below:
		return "below"
	}
	return "above"
}

// measured is when the first run began; empty when there is none.
func (b Bench) measured() string {
	var first time.Time
	for _, r := range b.Results {
		for _, run := range r.Runs {
			if first.IsZero() || run.Began.Before(first) {
				first = run.Began
			}
		}
	}
	if first.IsZero() {
		return ""
	}
	return first.Format(time.RFC3339)
}

// orders gives the order in which each block ran the claim's arms.
func orders(runs []attack.Run) [][]string {
	orders := [][]string{}
	last := -1
	for _, r := range runs {
		if r.Block != last {
			orders, last = append(orders, nil), r.Block
		}
		orders[len(orders)-1] = append(orders[len(orders)-1], r.Arm)
	}
	return orders
}

func describeArm(a analysis.ArmSummary, figures []claims.Figure) armDocument {
	d := armDocument{Name: a.Arm, PeakMemory: a.PeakMemory, Procs: a.Procs, Longest: inMS(a.Longest), CPU: inMS(a.CPU)}
	if a.Lag.N > 0 {
		lag := describeDistribution(a.Lag)
		d.Lag, d.Utilization = &lag, &a.Utilization
	}
	for _, f := range figures {
		if value, known := f.Values[a.Arm]; known {
			d.Figures = append(d.Figures, figureDocument{f.Name, f.Unit, value})
		}
	}
	for i, s := range a.Streams {
		numbers := describeStream(s)
		if i == 0 || s.Role == attack.Probe {
			d.streamNumbers = numbers
		}
		d.Streams = append(d.Streams, streamDocument{s.Name, string(s.Role), numbers})
	}
	return d
}

func describeStream(s analysis.StreamSummary) streamNumbers {
	return streamNumbers{
		Response: describeDistribution(s.Response), Service: describeDistribution(s.Service), SendLag: describeDistribution(s.SendLag),
		OfferedRate: s.OfferedRate, AchievedRate: s.AchievedRate,
		Offered: s.Offered, Sent: s.Sent, Unsent: s.Unsent, Bad: s.Bad, Shed: s.Shed,
		TurnedAway: s.TurnedAway, Lost: s.Lost, Samples: s.Response.N,
	}
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
