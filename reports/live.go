package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
)

// Moment is how a load goes just now, for those who watch.
type Moment struct {
	Elapsed time.Duration // of the measured part
	Span    time.Duration // as scheduled
	Phase   string        // under way; empty when phases have no names
	Recent  analysis.Recent
	Trend   []time.Duration // the p99 of the response time lately, oldest first; negative where nothing was answered
	Lag     time.Duration   // the longest of the target's heartbeats lately; negative when there was none
	Silent  bool            // there was none lately, although the target shows them
	Waiting int             // requests whose answer is still to come when the load's span is over
	Broken  []string        // budgets that can't be kept any more, and why
	Budgets int             // how many there are
	Failed  int             // requests without a good answer so far
}

// recentRate is a count of the recent interval as a rate.
func (m Moment) recentRate(n int) float64 {
	if m.Recent.Span <= 0 {
		return 0
	}
	return float64(n) / m.Recent.Span.Seconds()
}

// LiveLine writes the moment as one line, for logs.
func (m Moment) LiveLine(w io.Writer) error {
	parts := nonEmpty([]string{clockText(m.Elapsed), m.Phase, m.loadText(), m.latencyText(), m.lagText(), m.budgetText()})
	if m.over() {
		parts = append(parts[:1:1], append([]string{m.waitingText()}, parts[1:]...)...)
	}
	_, err := fmt.Fprintln(w, strings.Join(parts, " · "))
	return err
}

// LiveView writes the moment as a few lines for a terminal, and gives how many
// lines it took.
func (m Moment) LiveView(w io.Writer, s Style) (lines int, err error) {
	bar := progressBar(m.Elapsed, m.Span, 24)
	left := clockText(max(0, m.Span-m.Elapsed)) + " left"
	if m.over() {
		left = m.waitingText()
	}
	view := []string{
		fmt.Sprintf("  %s  %s", bar, strings.Join(nonEmpty([]string{left, m.Phase}), " · ")),
		"  load      " + m.loadText(),
		"  response  " + m.latencyText(),
	}
	if trend := sparkline(m.Trend); trend != "" {
		view = append(view, "  p99       "+trend)
	}
	if lag := m.lagText(); lag != "" {
		view = append(view, "  target    "+lag)
	}
	if m.Budgets > 0 {
		view = append(view, "  budgets   "+m.budgetText())
	}
	for i, line := range view {
		view[i] = cut(line, s.Width)
	}
	if last := len(view) - 1; len(m.Broken) > 0 {
		view[last] = s.paint(ansiRed, view[last])
	}
	_, err = io.WriteString(w, strings.Join(view, "\n")+"\n")
	return len(view), err
}

// over says that all is sent.
func (m Moment) over() bool { return m.Elapsed > m.Span }

func (m Moment) waitingText() string {
	return fmt.Sprintf("waiting for the last %s", analysis.Count(m.Waiting, "answer"))
}

func (m Moment) loadText() string {
	text := fmt.Sprintf("%s offered, %s achieved", rateText(m.recentRate(m.Recent.Offered)), rateText(m.recentRate(m.Recent.Good)))
	if m.Failed > 0 {
		text += fmt.Sprintf(", %s failed so far", thousands(m.Failed))
	}
	return text
}

func (m Moment) latencyText() string {
	d := m.Recent.Response
	if d.N == 0 {
		return "no answer lately"
	}
	return fmt.Sprintf("p50 %s, p99 %s, max %s", analysis.Human(d.P50), analysis.Human(d.P99), analysis.Human(d.Max))
}

func (m Moment) lagText() string {
	switch {
	case m.Silent:
		return "no heartbeat of its loop lately"
	case m.Lag < 0:
		return ""
	}
	return "loop lag " + analysis.Human(m.Lag)
}

func (m Moment) budgetText() string {
	switch {
	case m.Budgets == 0:
		return ""
	case len(m.Broken) == 1:
		return "✗ " + m.Broken[0]
	case len(m.Broken) > 1:
		return fmt.Sprintf("✗ %d of %d are broken; %s", len(m.Broken), m.Budgets, m.Broken[0])
	}
	return fmt.Sprintf("✓ none of %d is broken so far", m.Budgets)
}

// momentDocument is a line of --json-lines.
type momentDocument struct {
	Type     string               `json:"type"`
	Elapsed  float64              `json:"elapsed_ms"`
	Span     float64              `json:"span_ms"`
	Phase    string               `json:"phase,omitempty"`
	Window   float64              `json:"window_ms"` // that the following is of
	Offered  float64              `json:"offered_rps"`
	Achieved float64              `json:"achieved_rps"`
	Failed   int                  `json:"failed"` // within the window
	Response distributionDocument `json:"response_ms"`
	Waiting  int                  `json:"waiting"` // for their answers, when all is sent
	Lag      *float64             `json:"lag_max_ms"`
	Broken   []string             `json:"broken_budgets"`
}

// LiveJSON writes the moment as a line of JSON.
func (m Moment) LiveJSON(w io.Writer) error {
	d := momentDocument{
		Type: "progress", Elapsed: inMS(m.Elapsed), Span: inMS(m.Span), Phase: m.Phase, Window: inMS(m.Recent.Span),
		Offered: significant(m.recentRate(m.Recent.Offered), 4), Achieved: significant(m.recentRate(m.Recent.Good), 4),
		Failed: m.Recent.Failed, Waiting: m.Waiting,
		Response: describeDistribution(m.Recent.Response), Broken: append([]string{}, m.Broken...),
	}
	if m.Lag >= 0 {
		lag := inMS(m.Lag)
		d.Lag = &lag
	}
	return writeLine(w, d)
}

// writeLine writes a document as one line of JSON.
func writeLine(w io.Writer, document any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(document)
}

// clockText writes a duration as minutes and seconds.
func clockText(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func progressBar(done, total time.Duration, width int) string {
	full := 0
	if total > 0 {
		full = min(width, int(float64(width)*float64(done)/float64(total)))
	}
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

var sparks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws durations as bars from zero to the longest of them, and what
// isn't known as a dot.
func sparkline(values []time.Duration) string {
	if len(values) < 2 {
		return ""
	}
	highest := max(1, slices.Max(values))
	var line strings.Builder
	for _, v := range values {
		if v < 0 {
			line.WriteRune('·')
			continue
		}
		line.WriteRune(sparks[int(int64(v)*int64(len(sparks)-1)/int64(highest))])
	}
	return line.String()
}

// cut shortens a line to a terminal's width; 0 is no terminal.
func cut(line string, width int) string {
	letters := []rune(line)
	if width <= 0 || len(letters) <= width {
		return line
	}
	return string(letters[:max(0, width-1)]) + "…"
}
