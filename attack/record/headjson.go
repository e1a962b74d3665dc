package record

import (
	"encoding/json"
	"math"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// headJSON is run.json. Fields may be added within a version; a change of
// meaning makes a new one.
type headJSON struct {
	Version     int             `json:"version"`
	Command     string          `json:"command,omitempty"`
	Looptest    string          `json:"looptest,omitempty"`
	Unfinished  bool            `json:"unfinished,omitempty"`
	Partial     bool            `json:"partial,omitempty"`
	Failure     string          `json:"failure,omitempty"`
	Lost        int             `json:"lost,omitempty"`
	NoIntended  bool            `json:"no_intended,omitempty"`
	NoTimes     bool            `json:"no_times,omitempty"`
	Began       time.Time       `json:"began,omitzero"`
	SpanMS      float64         `json:"span_ms,omitempty"`
	Environment environmentJSON `json:"environment,omitzero"`
	Streams     []Stream        `json:"streams"`
	Phases      []phaseJSON     `json:"phases,omitempty"`
	Counts      []countJSON     `json:"counts,omitempty"`
	Target      *usageJSON      `json:"target,omitempty"`
	Scenario    string          `json:"scenario,omitempty"`
	Summary     json.RawMessage `json:"summary,omitempty"`
}

type environmentJSON struct {
	OS        string  `json:"os,omitempty"`
	Kernel    string  `json:"kernel,omitempty"`
	CPUs      int     `json:"cpus,omitempty"`
	CPUModel  string  `json:"cpu_model,omitempty"`
	GoVersion string  `json:"go_version,omitempty"`
	Load1     float64 `json:"load1"`
	Target    string  `json:"target,omitempty"`
}

type phaseJSON struct {
	Name     string  `json:"name"`
	BeginsMS float64 `json:"begins_ms"`
	LastsMS  float64 `json:"lasts_ms"`
}

type countJSON struct {
	Name    string      `json:"name"`
	Role    attack.Role `json:"role,omitempty"`
	Labels  []string    `json:"requests,omitempty"`
	Offered int         `json:"offered"`
	Sent    int         `json:"sent"`
	Unsent  int         `json:"unsent"`
	Bad     int         `json:"bad"`
	SpanMS  float64     `json:"span_ms"`
}

type usageJSON struct {
	Utilization float64 `json:"utilization"`
	LongestMS   float64 `json:"longest_ms"`
	Phase       string  `json:"phase,omitempty"`
	Label       string  `json:"label,omitempty"`
	CPUMS       float64 `json:"cpu_ms"`
	PeakMemory  int64   `json:"peak_memory_bytes"`
	Procs       int     `json:"procs"`
	Unseen      bool    `json:"loop_unseen,omitempty"`
}

func toJSON(h Head) headJSON {
	j := headJSON{
		Version: h.Version, Command: h.Command, Looptest: h.Looptest, Scenario: h.Scenario, Summary: h.Summary,
		Unfinished: h.Unfinished, Partial: h.Partial, Failure: h.Failure, Lost: h.Lost,
		NoIntended: h.NoIntended, NoTimes: h.NoTimes, Began: h.Began, SpanMS: toMS(h.Span),
		Environment: environmentJSON(h.Environment), Streams: h.Streams,
	}
	for _, p := range h.Phases {
		j.Phases = append(j.Phases, phaseJSON{p.Name, toMS(p.Begins), toMS(p.Lasts)})
	}
	for _, c := range h.Counts {
		j.Counts = append(j.Counts, countJSON{c.Name, c.Role, c.Labels, c.Offered, c.Sent, c.Unsent, c.Bad, toMS(c.Span)})
	}
	if u := h.Target; u != nil {
		j.Target = &usageJSON{u.Utilization, toMS(u.Longest), u.Phase, u.Label, toMS(u.CPU), u.PeakMemory, u.Procs, u.Unseen}
	}
	return j
}

func (j headJSON) head() Head {
	h := Head{
		Version: j.Version, Command: j.Command, Looptest: j.Looptest, Scenario: j.Scenario, Summary: j.Summary,
		Unfinished: j.Unfinished, Partial: j.Partial, Failure: j.Failure, Lost: j.Lost,
		NoIntended: j.NoIntended, NoTimes: j.NoTimes, Began: j.Began, Span: fromMS(j.SpanMS),
		Environment: attack.Environment(j.Environment), Streams: j.Streams,
	}
	for _, p := range j.Phases {
		h.Phases = append(h.Phases, attack.Phase{Name: p.Name, Begins: fromMS(p.BeginsMS), Lasts: fromMS(p.LastsMS)})
	}
	for _, c := range j.Counts {
		h.Counts = append(h.Counts, attack.StreamCount{
			Name: c.Name, Role: c.Role, Labels: c.Labels, Offered: c.Offered, Sent: c.Sent, Unsent: c.Unsent, Bad: c.Bad, Span: fromMS(c.SpanMS),
		})
	}
	if u := j.Target; u != nil {
		h.Target = &target.Usage{
			Utilization: u.Utilization, Longest: fromMS(u.LongestMS), Phase: u.Phase, Label: u.Label,
			CPU: fromMS(u.CPUMS), PeakMemory: u.PeakMemory, Procs: u.Procs, Unseen: u.Unseen,
		}
	}
	return h
}

// toMS is exact to the nanosecond for spans of up to three months.
func toMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func fromMS(ms float64) time.Duration {
	return time.Duration(math.Round(ms * float64(time.Millisecond)))
}
