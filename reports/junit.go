package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack/scenario"
)

// JUnit's shape, as CI servers read it.
type (
	junitDocument struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}
	junitCounts struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"` // seconds
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Output     string          `xml:"system-out,omitempty"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class      string           `xml:"classname,attr"`
		Name       string           `xml:"name,attr"`
		Time       string           `xml:"time,attr"`
		Properties *junitProperties `xml:"properties"`
		Failure    *junitReason     `xml:"failure"`
		Error      *junitReason     `xml:"error"`
		Skipped    *junitReason     `xml:"skipped"`
		Output     string           `xml:"system-out,omitempty"`
	}
	junitProperties struct { // a pointer to them, so that none leave no empty element
		All []junitProperty `xml:"property"`
	}
	junitReason struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes a test case for each budget, after one for the load itself, so
// that a run without budgets is a test too: a failure when it is broken, an error
// when the generator can't be trusted, and skipped when it could not be judged.
func (a Attack) JUnit(w io.Writer) error { return a.junit().write(w) }

// write writes the suite as a document of its own.
func (s junitSuite) write(w io.Writer) error {
	return whole(w, func(w io.Writer) error {
		io.WriteString(w, xml.Header)
		e := xml.NewEncoder(w)
		e.Indent("", "  ")
		if err := e.Encode(junitDocument{Name: s.Name, junitCounts: s.junitCounts, Suites: []junitSuite{s}}); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	})
}

func (a Attack) junit() junitSuite {
	own, reasons := a.conduct()
	s := junitSuite{
		Name: "looptest " + a.Command, Timestamp: rfc3339(a.Began), Properties: a.junitProperties(),
		junitCounts: junitCounts{Time: fmt.Sprintf("%.3f", a.Load.Span.Seconds())},
	}
	var warnings strings.Builder
	for _, warning := range a.warnings() {
		fmt.Fprintf(&warnings, "%s\n", warning)
	}
	s.Output = warnings.String()
	s.add(junitCase{Class: "looptest", Name: "the load itself"}, own, strings.Join(reasons, "; "), a.finding())
	for _, r := range a.Budgets {
		class := strings.Join(nonEmpty([]string{"looptest", strings.ReplaceAll(budgetPart(r.Budget), ".", "_")}), ".")
		s.add(junitCase{Class: class, Name: junitName(r.Budget)}, r.Outcome, r.Statement, r.Statement)
	}
	return s
}

// add adds a test case with its outcome and counts it: the output is what a pass
// says, the reason what anything else does.
func (s *junitSuite) add(c junitCase, o analysis.Outcome, reason, output string) {
	c.Time = "0"
	s.Tests++
	switch o {
	case analysis.Pass:
		c.Output = output
	case analysis.Fail:
		s.Failures++
		c.Failure = &junitReason{reason}
	case analysis.Inconclusive, gate.Informational:
		s.Skipped++
		c.Skipped = &junitReason{reason}
	default:
		s.Errors++
		c.Error = &junitReason{reason}
	}
	s.Cases = append(s.Cases, c)
}

// junitName names a budget so that no two test cases have the same name.
func junitName(b scenario.Budget) string {
	if b.Stream == "" && b.Phase == "" {
		return b.String()
	}
	return b.String() + " (" + budgetPart(b) + ")"
}

func (a Attack) junitProperties() []junitProperty {
	all := a.all()
	properties := []junitProperty{
		{"looptest", a.Version}, {"title", a.Title}, {"outcome", string(a.Outcome())},
		{"machine", a.Environment.Machine()}, {"target", a.Environment.Target},
		{"offered", strconv.Itoa(all.Offered)}, {"sent", strconv.Itoa(all.Sent)}, {"unsent", strconv.Itoa(all.Unsent)},
		{"failed", strconv.Itoa(failed(all))},
		{"offered_rps", fmt.Sprintf("%.6g", all.OfferedRate)}, {"achieved_rps", fmt.Sprintf("%.6g", all.AchievedRate)},
	}
	if a.NoIntended {
		return append(properties, junitTimes("service", all.Service)...)
	}
	return append(append(properties, junitTimes("response", all.Response)...), junitTimes("service", all.Service)...)
}

// junitTimes are the quantiles that there are answers enough for.
func junitTimes(of string, h analysis.Histogram) []junitProperty {
	var properties []junitProperty
	for _, q := range []struct {
		name string
		q    float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}} {
		if enough(h, q.q) {
			properties = append(properties, junitProperty{of + "_" + q.name + "_ms", fmt.Sprintf("%.6g", inMS(h.Quantile(q.q)))})
		}
	}
	return properties
}
