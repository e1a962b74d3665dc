package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/looptest/looptest/analysis"
)

// AnnotationKind is how loud an annotation is.
type AnnotationKind string

// The kinds that GitHub knows.
const (
	AnnotateError   AnnotationKind = "error"
	AnnotateWarning AnnotationKind = "warning"
	AnnotateNotice  AnnotationKind = "notice"
)

// Annotation is a line that GitHub shows above a job and beside a pull request.
type Annotation struct {
	Kind    AnnotationKind
	Title   string
	Message string
}

// AnnotationsMost is how many annotations of each kind GitHub shows of a step.
// It drops the others without a word.
const AnnotationsMost = 10

// annotationLong is how many bytes of a message are written.
const annotationLong = 4 << 10

// Annotate writes workflow commands, at most ten of each kind: where there are
// more, the tenth says how many. A step must call it once.
func Annotate(w io.Writer, annotations []Annotation) error {
	return whole(w, func(w io.Writer) error {
		for _, a := range shownAnnotations(annotations) {
			fmt.Fprintf(w, "::%s title=%s::%s\n", a.Kind, annotationProperty(a.Title), annotationData(a.Message))
		}
		return nil
	})
}

// shownAnnotations gives those that GitHub shows, in their order.
func shownAnnotations(all []Annotation) []Annotation {
	of, seen := map[AnnotationKind]int{}, map[AnnotationKind]int{}
	for _, a := range all {
		of[a.Kind]++
	}
	var shown []Annotation
	for _, a := range all {
		seen[a.Kind]++
		last := seen[a.Kind] == AnnotationsMost
		switch left := of[a.Kind] - AnnotationsMost + 1; {
		case seen[a.Kind] > AnnotationsMost:
		case last && left > 1:
			shown = append(shown, Annotation{a.Kind, "and more", fmt.Sprintf("%d more of this kind; the report has them all", left)})
		default:
			shown = append(shown, a)
		}
	}
	return shown
}

var (
	dataSigns     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertySigns = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// annotationData escapes a message, so that nothing in it ends the command or
// begins another one.
func annotationData(s string) string { return dataSigns.Replace(clippedText(s)) }

// annotationProperty escapes a property's value.
func annotationProperty(s string) string { return propertySigns.Replace(clippedText(s)) }

// clippedText shortens what is too long, between letters.
func clippedText(s string) string {
	if len(s) > annotationLong {
		s = strings.ToValidUTF8(s[:annotationLong], "") + "…"
	}
	return s
}

// annotationKinds say how loud an outcome is.
var annotationKinds = map[analysis.Outcome]AnnotationKind{
	analysis.Pass: AnnotateNotice, analysis.Inconclusive: AnnotateWarning, analysis.Fail: AnnotateError, analysis.Invalid: AnnotateError,
}

// Annotations writes the outcome as a GitHub annotation, then one for each metric
// that didn't pass and for each warning.
func (g Gate) Annotations(w io.Writer) error { return Annotate(w, g.annotations()) }

func (g Gate) annotations() []Annotation {
	kind := func(o analysis.Outcome) AnnotationKind { return annotationKinds[o] }
	lines := []Annotation{{kind(g.Outcome()), "looptest gate: " + string(g.Outcome()), strings.Join(append([]string{g.finding()}, g.outlook()...), "\n")}}
	for _, row := range g.rows() {
		if decides(row) && row.Outcome != analysis.Pass && kind(row.Outcome) != "" {
			lines = append(lines, Annotation{kind(row.Outcome), metricTitle(row.Metric) + ": " + string(row.Outcome), metricReason(row)})
		}
	}
	for _, note := range append(g.notes(), g.lostTexts()...) {
		lines = append(lines, Annotation{AnnotateWarning, "looptest gate", note})
	}
	return lines
}
