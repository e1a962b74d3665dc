package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// A gate's test cases have properties of their own, for the interval.
type (
	gateSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []gateSuite `xml:"testsuite"`
	}
	gateSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []gateCase      `xml:"testcase"`
		Output     string          `xml:"system-out,omitempty"`
	}
	gateCase struct {
		Class      string          `xml:"classname,attr"`
		Name       string          `xml:"name,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Failure    *junitReason    `xml:"failure"`
		Error      *junitReason    `xml:"error"`
		Skipped    *junitReason    `xml:"skipped"`
		Output     string          `xml:"system-out,omitempty"`
	}
)

// wholeCase is the test case of the comparison as a whole: it says so when the
// gate was invalid, or stayed open, for a reason that is none of a metric.
const wholeCase = "the comparison itself"

// JUnit writes a test case for each metric, after one for the comparison itself:
// a failure is a regression, an error is what could not be judged, and skipped is
// what stayed open or is only reported. The change with its interval is in the
// case's properties.
func (g Gate) JUnit(w io.Writer) error {
	return whole(w, func(w io.Writer) error {
		io.WriteString(w, xml.Header)
		e := xml.NewEncoder(w)
		e.Indent("", "  ")
		if err := e.Encode(g.junit()); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	})
}

func (g Gate) junit() gateSuites {
	s := gateSuite{
		Name: "looptest gate", Timestamp: rfc3339(g.Began), Properties: g.junitProperties(),
		junitCounts: junitCounts{Time: fmt.Sprintf("%.3f", g.Took.Seconds())},
		Output:      strings.Join(append(g.notes(), g.lostTexts()...), "\n"),
	}
	s.add(gateCase{Name: wholeCase}, g.conduct(), strings.Join(append([]string{g.finding()}, g.reasons()...), "; "))
	for _, row := range g.rows() {
		s.add(gateCase{Name: row.Name, Properties: metricProperties(row)}, row.Outcome, metricReason(row))
	}
	return gateSuites{Name: s.Name, junitCounts: s.junitCounts, Suites: []gateSuite{s}}
}

// conduct is the outcome of the comparison but for what it has from a metric,
// which has a test case of its own.
func (g Gate) conduct() analysis.Outcome {
	o := g.Outcome()
	of := func(row gate.MetricVerdict) bool { return row.Outcome == o }
	switch {
	case !slices.ContainsFunc(g.Verdict.Metrics, of):
		return o
	case g.Error != "" && !g.Partial:
		return analysis.Invalid
	case g.partial():
		return analysis.Inconclusive
	}
	return analysis.Pass
}

// add adds a test case and counts it.
func (s *gateSuite) add(c gateCase, o analysis.Outcome, text string) {
	c.Class, c.Time = "looptest.gate", "0"
	s.Tests++
	switch o {
	case analysis.Pass:
		c.Output = text
	case analysis.Fail:
		s.Failures++
		c.Failure = &junitReason{text}
	case analysis.Inconclusive:
		s.Skipped++
		c.Skipped = &junitReason{"inconclusive: " + text}
	case gate.Informational:
		s.Skipped++
		c.Skipped = &junitReason{"informational: " + text}
	default:
		s.Errors++
		c.Error = &junitReason{text}
	}
	s.Cases = append(s.Cases, c)
}

// metricReason is the metric's change, and what is said of it.
func metricReason(row gate.MetricVerdict) string {
	reason := realMinus(plainLine(row.Reason))
	if len(row.Pairs) == 0 || strings.Contains(reason, realMinus(row.Statement())) {
		return reason
	}
	return strings.Join(nonEmpty([]string{statement(row), reason}), "; ")
}

func metricProperties(row gate.MetricVerdict) []junitProperty {
	properties := []junitProperty{{"outcome", string(row.Outcome)}, {"gated", fmt.Sprint(row.Gated)}, {"delta", finiteText(row.Delta)}}
	if len(row.Pairs) == 0 {
		return properties
	}
	return append(properties,
		junitProperty{"unit", row.Unit}, junitProperty{"base", finiteText(row.Base)}, junitProperty{"head", finiteText(row.Head)},
		junitProperty{"change", finiteText(row.Change.Value)}, junitProperty{"change_low", finiteText(row.Change.Low)},
		junitProperty{"change_high", finiteText(row.Change.High)},
		junitProperty{"p", finiteText(row.P)}, junitProperty{"p_adjusted", finiteText(row.Adjusted)})
}

// finiteText is empty for what is no number.
func finiteText(v float64) string {
	if !isFinite(v) {
		return ""
	}
	return fmt.Sprintf("%.6g", v)
}

func (g Gate) junitProperties() []junitProperty {
	return []junitProperty{
		{"looptest", g.Version}, {"title", g.Title}, {"outcome", string(g.Outcome())}, {"base", g.BaseName}, {"head", g.HeadName},
		{"machine", g.machine()}, {"target", g.Environment.Target}, {"blocks", fmt.Sprint(g.Verdict.Blocks)},
		{"seed", fmt.Sprintf("%x", g.Verdict.Seed)}, {"rate_rps", finiteText(g.Rate)},
	}
}
