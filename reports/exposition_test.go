package reports

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func exposed(t *testing.T, tally *analysis.Tally) string {
	t.Helper()
	answer := httptest.NewRecorder()
	Exposition(func() analysis.Load { return tally.Load(nil) }).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 200 {
		t.Fatalf("%d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func TestExposition(t *testing.T) {
	schedule := attack.Constant{Rate: 10, Lasts: 10 * time.Second}
	tally := analysis.NewTally(analysis.Layout{
		Span:    10 * time.Second,
		Streams: []analysis.LayoutStream{{Name: `a "b"`, Labels: []string{"GET /"}, Schedule: schedule}},
	})
	if begun := exposed(t, tally); !strings.Contains(begun, `looptest_requests_sent_total{stream="a \"b\""} 0`) || strings.Contains(begun, "NaN") {
		t.Errorf("before anything came:\n%s", begun)
	}
	for i := range 10 {
		due := time.Duration(i) * 100 * time.Millisecond
		s := attack.Sample{Seq: i, Intended: due, Sent: due, Done: due + 20*time.Millisecond, Code: 200}
		if i == 9 {
			s.Code, s.Err = 500, attack.ErrStatus
		}
		tally.Add(s)
	}
	tally.AddLag([]target.LagReading{{Due: time.Second, Ran: time.Second + 8*time.Millisecond}})
	got := exposed(t, tally)
	for _, want := range []string{
		`looptest_requests_sent_total{stream="a \"b\""} 10`,
		`looptest_answers_good_total{stream="a \"b\""} 9`,
		`looptest_errors_total{kind="status",stream="a \"b\""} 1`,
		`looptest_response_seconds_count{stream="a \"b\""} 10`,
		`looptest_target_lag_seconds_count 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in:\n%s", want, got)
		}
	}
}
