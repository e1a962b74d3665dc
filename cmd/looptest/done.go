package main

import (
	"encoding/json"
	"io"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/reports"
)

// done is what plot and convert print with --json: what they made.
type done struct {
	Version int    `json:"version"`
	Command string `json:"command"`
	Verdict struct {
		Outcome  analysis.Outcome   `json:"outcome"`
		Warnings []analysis.Warning `json:"warnings"`
	} `json:"verdict"`
	Charts  []string `json:"charts,omitempty"`
	Inputs  []string `json:"inputs,omitempty"`
	Output  string   `json:"output,omitempty"`
	Format  string   `json:"format,omitempty"`
	Latency string   `json:"latency,omitempty"` // what it means, where the format has only one
}

func newDone(command string, warnings []analysis.Warning) done {
	d := done{Version: reports.FormatVersion, Command: command}
	d.Verdict.Outcome, d.Verdict.Warnings = analysis.Pass, append([]analysis.Warning{}, warnings...)
	return d
}

func (d done) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}
