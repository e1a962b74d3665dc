package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
)

// JUnit writes a test case for each endpoint, after one for the scan itself: a
// failure when the endpoint breaks a rule, and skipped when it can't be told.
func (d Detect) JUnit(w io.Writer) error { return d.junit().write(w) }

func (d Detect) junit() junitSuite {
	var warnings []string
	for _, warning := range d.Warnings {
		warnings = append(warnings, plainLine(string(warning)))
	}
	s := junitSuite{
		Name: "looptest detect", Timestamp: rfc3339(d.Began), Properties: d.junitProperties(),
		junitCounts: junitCounts{Time: fmt.Sprintf("%.3f", d.Took.Seconds())}, Output: strings.Join(warnings, "\n"),
	}
	own, why := d.conduct()
	s.add(junitCase{Class: "looptest.detect", Name: "the scan itself"}, own, why, d.finding())
	for _, f := range d.ranked() {
		var remarks []string
		for _, r := range explained(f) {
			remarks = append(remarks, r.text)
		}
		reason := headline(f)
		if broken, open := f.Broken(d.Rules); len(broken)+len(open) > 0 {
			reason += ", against " + append(broken, open...)[0].String()
		}
		s.add(junitCase{Class: "looptest.detect", Name: label(f), Properties: &junitProperties{findingProperties(f)}},
			f.Outcome(d.Rules), reason, strings.Join(append([]string{headline(f)}, remarks...), "\n"))
	}
	return s
}

// conduct is how the scan went, but for what the endpoints' own test cases say.
func (d Detect) conduct() (analysis.Outcome, string) {
	switch {
	case d.Partial:
		return analysis.Inconclusive, "interrupted"
	case d.Error != "":
		return analysis.Invalid, plainLine(d.Error)
	case len(d.Findings) == 0:
		return analysis.Invalid, d.finding()
	}
	return analysis.Pass, ""
}

func findingProperties(f detect.Finding) []junitProperty {
	properties := []junitProperty{{"kind", string(f.Kind)}}
	if f.Stall.Found {
		properties = append(properties, junitProperty{"stall_ms", fmt.Sprintf("%.6g", inMS(f.Held()))})
	}
	if f.Service.N > 0 {
		properties = append(properties, junitProperty{"service_p50_ms", fmt.Sprintf("%.6g", inMS(f.Service.P50))})
	}
	if f.Capacity.Value > 0 {
		properties = append(properties, junitProperty{"capacity", fmt.Sprint(f.Capacity.Value)})
	}
	return properties
}

func (d Detect) junitProperties() []junitProperty {
	rules := make([]string, len(d.Rules))
	for i, r := range d.Rules {
		rules[i] = r.String()
	}
	return []junitProperty{
		{"looptest", d.Version}, {"outcome", string(d.Outcome())}, {"target", d.Target}, {"probe", d.Probe.Label()},
		{"fail_on", strings.Join(rules, ", ")}, {"machine", d.Environment.Machine()}, {"seed", fmt.Sprintf("%x", d.Seed)},
	}
}
