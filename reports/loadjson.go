package reports

import (
	"io"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// The document's shape. Durations are milliseconds and end in _ms.
type (
	attackDocument struct {
		Version     int                   `json:"version"`
		Command     string                `json:"command"`
		Verdict     verdictDocument       `json:"verdict"`
		Finding     string                `json:"finding"` // the load in a line
		Environment hostDocument          `json:"environment"`
		Title       string                `json:"title"`              // what was driven
		Measured    string                `json:"measured,omitempty"` // when it began, RFC 3339
		Looptest    string                `json:"looptest"`           // version
		Span        float64               `json:"span_ms"`
		ServiceOnly bool                  `json:"service_only"` // the records don't say when requests were meant to be sent
		Partial     bool                  `json:"partial"`
		Error       string                `json:"error,omitempty"`
		Whole       loadNumbers           `json:"whole"`
		Phases      []phaseDocument       `json:"phases"` // over all streams
		Streams     []loadStreamDocument  `json:"streams"`
		Budgets     []budgetDocument      `json:"budgets"`
		Stalls      []stallDocument       `json:"stalls"` // the longest first
		Lag         *distributionDocument `json:"lag_ms"` // of the target's loop; null when it isn't shown
		Target      *usageDocument        `json:"target"`
		Series      seriesDocument        `json:"series"`
		Charts      []string              `json:"charts"`
	}
	hostDocument struct {
		machineDocument
		Target     string `json:"target"`
		PeakMemory int64  `json:"generator_peak_memory_bytes"`
	}
	loadNumbers struct {
		streamNumbers
		Good      int                      `json:"good"`
		CutOff    int                      `json:"cut_off"` // given up at their timeout; among the response times
		ErrorRate float64                  `json:"error_rate"`
		Bytes     int64                    `json:"bytes"`
		Span      float64                  `json:"span_ms"`
		Codes     map[int]int              `json:"codes"`
		Errors    map[attack.ErrorKind]int `json:"errors"`
	}
	phaseDocument struct {
		Name   string                `json:"name"`
		Begins float64               `json:"begins_ms"`
		Lag    *distributionDocument `json:"lag_ms,omitempty"`
		loadNumbers
	}
	requestDocument struct {
		Name string `json:"name"`
		loadNumbers
	}
	loadStreamDocument struct {
		Name string `json:"name"`
		Role string `json:"role,omitempty"`
		loadNumbers
		Phases   []phaseDocument   `json:"phases"`
		Requests []requestDocument `json:"requests"`
	}
	budgetDocument struct {
		Budget    string           `json:"budget"`
		Metric    string           `json:"metric"`
		Op        string           `json:"op"`
		Limit     float64          `json:"limit"`
		Unit      string           `json:"unit"` // of limit and measured: ms, share or rps
		Stream    string           `json:"stream,omitempty"`
		Phase     string           `json:"phase,omitempty"`
		Outcome   analysis.Outcome `json:"outcome"`
		Measured  *float64         `json:"measured"` // null when it isn't known
		Statement string           `json:"statement"`
	}
	stallDocument struct {
		Stream  string  `json:"stream"`
		Begins  float64 `json:"begins_ms"`
		Lasts   float64 `json:"lasts_ms"`
		Waiting int     `json:"waiting"` // requests without an answer when it ended; about
	}
	usageDocument struct {
		Utilization *float64 `json:"utilization"` // null when the loop can't be seen
		Longest     float64  `json:"longest_callback_ms"`
		Phase       string   `json:"longest_callback_phase,omitempty"`
		Label       string   `json:"longest_callback_label,omitempty"`
		CPU         float64  `json:"cpu_ms"`
		PeakMemory  int64    `json:"peak_memory_bytes"`
		Procs       int      `json:"procs"`
	}
	seriesDocument struct {
		Window  float64          `json:"window_ms"`
		Windows []windowDocument `json:"windows"`
	}
	windowDocument struct {
		Begins   float64  `json:"begins_ms"`
		Offered  int      `json:"offered"`
		Sent     int      `json:"sent"`
		Achieved int      `json:"achieved"`
		Failed   int      `json:"failed"`
		P50      *float64 `json:"p50_ms"` // of the response time; null when nothing was answered
		P99      *float64 `json:"p99_ms"`
		Max      *float64 `json:"max_ms"`
		Lag      float64  `json:"lag_max_ms"`
	}
)

// JSON writes the attack as one JSON object. A folder's run.json holds the same
// as its summary.
func (a Attack) JSON(w io.Writer) error { return writeJSON(w, a.document()) }

// JSONLine writes the same object on one line, after those of Moment.LiveJSON.
func (a Attack) JSONLine(w io.Writer) error {
	return writeLine(w, struct {
		Type string `json:"type"`
		attackDocument
	}{"summary", a.document()})
}

func (a Attack) document() attackDocument {
	outcome := a.Outcome()
	_, reasons := a.conduct()
	all, streams := a.parts()
	d := attackDocument{
		Version: FormatVersion, Command: a.Command, Title: a.Title, Measured: rfc3339(a.Began), Looptest: a.Version,
		Verdict: verdictDocument{Outcome: outcome, Warnings: a.warnings(), Reasons: slices.Concat(reasons, a.budgetReasons())},
		Finding: a.finding(), Span: inMS(a.Load.Span), ServiceOnly: a.NoIntended, Partial: a.Partial, Error: a.Error,
		Environment: hostDocument{describeMachine(a.Environment), a.Environment.Target, a.PeakMemory},
		Whole:       a.numbers(all.row), Phases: a.describePhases(all.phases, a.Load.LagByPhase),
		Streams: []loadStreamDocument{}, Budgets: []budgetDocument{}, Stalls: []stallDocument{},
		Target: describeUsage(a.Target), Series: describeSeries(a.Load.Series), Charts: append([]string{}, a.Charts...),
	}
	if a.Load.Lag.N > 0 {
		lag := describeDistribution(a.Load.Lag)
		d.Lag = &lag
	}
	for _, p := range streams {
		d.Streams = append(d.Streams, a.describePart(p))
	}
	for _, r := range a.Budgets {
		d.Budgets = append(d.Budgets, describeBudget(r))
	}
	for _, s := range a.Load.Stalls {
		d.Stalls = append(d.Stalls, stallDocument{s.Stream, inMS(s.Begins), inMS(s.Lasts), s.Waiting})
	}
	return d
}

// budgetReasons are the budgets that are not held.
func (a Attack) budgetReasons() []string {
	var reasons []string
	for _, r := range a.Budgets {
		if r.Outcome != analysis.Pass {
			reasons = append(reasons, r.Statement)
		}
	}
	return reasons
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func (a Attack) numbers(r analysis.LoadRow) loadNumbers {
	n := loadNumbers{
		streamNumbers: streamNumbers{
			Response: describeDistribution(r.Response.Distribution()), Service: describeDistribution(r.Service.Distribution()),
			SendLag:     describeDistribution(r.SendLag.Distribution()),
			OfferedRate: r.OfferedRate, AchievedRate: r.AchievedRate,
			Offered: r.Offered, Sent: r.Sent, Unsent: r.Unsent, Bad: failed(r), Samples: r.Response.N(),
		},
		Good: r.Good, CutOff: r.CutOff, ErrorRate: r.ErrorRate(), Bytes: r.Bytes, Span: inMS(r.Span), Codes: r.Codes, Errors: r.Errors,
	}
	if a.NoIntended {
		n.Response, n.SendLag = distributionDocument{}, distributionDocument{}
	}
	if n.Codes == nil {
		n.Codes = map[int]int{}
	}
	if n.Errors == nil {
		n.Errors = map[attack.ErrorKind]int{}
	}
	return n
}

func (a Attack) describePart(p part) loadStreamDocument {
	d := loadStreamDocument{
		Name: p.name, Role: string(p.role), loadNumbers: a.numbers(p.row),
		Phases: a.describePhases(p.phases, nil), Requests: []requestDocument{},
	}
	for _, r := range p.requests {
		d.Requests = append(d.Requests, requestDocument{r.Request, a.numbers(r)})
	}
	return d
}

// describePhases describes rows of phases, with the target's lags of the load's
// phases where they are wanted.
func (a Attack) describePhases(rows []analysis.LoadRow, lags []analysis.Distribution) []phaseDocument {
	phases := []phaseDocument{}
	for i, r := range rows {
		d := phaseDocument{Name: r.Phase, loadNumbers: a.numbers(r)}
		if i < len(a.Load.Layout.Phases) {
			d.Begins = inMS(a.Load.Layout.Phases[i].Begins)
		}
		if i < len(lags) && lags[i].N > 0 {
			lag := describeDistribution(lags[i])
			d.Lag = &lag
		}
		phases = append(phases, d)
	}
	return phases
}

func describeBudget(r analysis.BudgetResult) budgetDocument {
	b := r.Budget
	d := budgetDocument{
		Budget: b.String(), Metric: b.Metric, Op: b.Op, Limit: b.Value, Unit: budgetUnit(b.Metric),
		Stream: b.Stream, Phase: b.Phase, Outcome: r.Outcome, Statement: r.Statement,
	}
	if r.Known {
		d.Measured = &r.Measured
	}
	return d
}

func describeUsage(u *target.Usage) *usageDocument {
	if u == nil {
		return nil
	}
	d := usageDocument{CPU: inMS(u.CPU), PeakMemory: u.PeakMemory, Procs: u.Procs}
	if !u.Unseen {
		d.Utilization, d.Longest, d.Phase, d.Label = &u.Utilization, inMS(u.Longest), u.Phase, u.Label
	}
	return &d
}

func describeSeries(s analysis.Series) seriesDocument {
	d := seriesDocument{Window: inMS(s.Window), Windows: []windowDocument{}}
	for _, w := range s.Windows {
		window := windowDocument{
			Begins: inMS(w.Begins), Offered: w.Offered, Sent: w.Sent, Achieved: w.Achieved, Failed: w.Failed, Lag: inMS(w.Lag),
		}
		if w.Max > 0 {
			p50, p99, most := inMS(w.P50), inMS(w.P99), inMS(w.Max)
			window.P50, window.P99, window.Max = &p50, &p99, &most
		}
		d.Windows = append(d.Windows, window)
	}
	return d
}
