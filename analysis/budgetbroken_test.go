package analysis_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/target"
)

// Of 1,000 requests at 100/s, after which one is a budget lost?
func TestBroken(t *testing.T) {
	l := oneStream(attack.Constant{Rate: 100, Lasts: 10 * time.Second})
	slow := func(s *attack.Sample) { s.Done = s.Intended + 100*ms }
	refuse := func(s *attack.Sample) { s.Err, s.Code = attack.ErrRefused, 0 }
	cases := []struct {
		name, budget string
		spoil        func(*attack.Sample)
		from         int // which requests are spoilt
		want         int // how many came when it is lost; 0 for never
		says         string
	}{
		{"none is slow", "p99 < 50ms", slow, 1000, 0, ""},
		// The 990th may not be slow: 10 may, and a p99 needs 100 requests.
		{"all are slow", "p99 < 50ms", slow, 0, 100, "11 of 1000 requests took 100 ms or longer"},
		{"slow from 300 on", "p99 < 50ms", slow, 300, 311, "p99 < 50ms can't be held any more"},
		{"only the last 10 are slow", "p99 < 50ms", slow, 990, 0, ""},
		{"p50", "p50 < 50ms", slow, 0, 501, ""},
		{"max", "max < 50ms", slow, 400, 401, ""},
		{"within", "p99 < 200ms", slow, 0, 0, ""},
		{"refused from 300 on", "p99 < 50ms", refuse, 300, 311, "11 of 1000 requests had no answer"},
		{"mean: 1 ms each, then 100: 0.3 + 0.1·98 > 10", "mean < 10ms", slow, 300, 398, ""},
		{"errors: 1 of 1000 is 0.1 %", "error_rate < 0.1%", refuse, 300, 301, "1 of 1000 requests have failed"},
		{"errors within", "error_rate < 60%", refuse, 500, 0, ""},
		{"throughput: 90/s needs 900, so 100 may fail", "throughput > 90/s", refuse, 0, 100, "900 of 1000 requests can still succeed"},
		{"a lower bound on a time is never lost early", "p50 > 50ms", slow, 1000, 0, ""},
		{"an upper bound on throughput neither", "throughput < 1/s", slow, 0, 0, ""},
	}
	for _, c := range cases {
		tally := analysis.NewTally(l)
		b := budget(t, c.budget, "", "")
		got, why := 0, ""
		for i, s := range answered(l, always(ms)) {
			if i >= c.from {
				c.spoil(&s)
			}
			tally.Add(s)
			var broken bool
			if why, broken = analysis.Broken(b, tally); broken {
				got = i + 1
				break
			}
		}
		if got != c.want || !strings.Contains(why, c.says) {
			t.Errorf("%s, %s: lost after %d, %q; want %d, %q", c.name, c.budget, got, why, c.want, c.says)
		}
	}
}

func TestBrokenInParts(t *testing.T) {
	l, samples := graded()
	tally := tallied(l, samples)
	for _, c := range []struct {
		budget, stream, phase string
		want                  bool
	}{
		{"max < 500ms", "a", "warm", false},
		{"max < 500ms", "a", "hot", true},
		{"max < 500ms", "b", "hot", false},
		{"max < 500ms", "", "", true},
		{"p90 < 500ms", "a", "hot", true},
		{"error_rate < 1%", "", "hot", false},
		{"throughput > 101/s", "a", "hot", true},
		{"max < 500ms", "c", "", false},
		{"max < 500ms", "a", "cold", false},
	} {
		if why, got := analysis.Broken(budget(t, c.budget, c.stream, c.phase), tally); got != c.want {
			t.Errorf("%s of %q in %q: got %t (%s), want %t", c.budget, c.stream, c.phase, got, why, c.want)
		}
	}
}

// Of what has no known total, the run so far is judged, after 5 s.
func TestBrokenSoFar(t *testing.T) {
	tally := analysis.NewTally(analysis.Layout{Streams: []analysis.LayoutStream{{Name: "a"}}})
	lost := func(text string) bool {
		_, broken := analysis.Broken(budget(t, text, "", ""), tally)
		return broken
	}
	if lost("p99 < 50ms") || lost("lag.max < 1ms") || lost("throughput > 1/s") {
		t.Error("nothing came, and a budget is lost")
	}
	for i := range 600 {
		due := time.Duration(i) * 10 * ms
		if i == 400 && (lost("p99 < 50ms") || lost("lag.p99 < 20ms") || !lost("lag.max < 20ms")) {
			t.Error("after 4 s: want lag.max alone to be lost")
		}
		tally.Add(attack.Sample{Intended: due, Sent: due, Done: due + 60*ms})
		tally.AddLag([]target.LagReading{{Due: due, Ran: due + 30*ms}})
	}
	if !lost("p99 < 50ms") || !lost("lag.p99 < 20ms") || lost("lag.p99 < 40ms") || lost("p99 < 70ms") {
		t.Error("after 6 s: want what is broken so far to be lost, and only that")
	}
}

// A run that would keep a budget in the end is never ended by it.
func TestBrokenNeverHidesAPass(t *testing.T) {
	l := oneStream(attack.Constant{Rate: 20, Lasts: 10 * time.Second})
	var budgets []scenario.Budget
	for _, text := range []string{"p50 < 50ms", "p90 < 50ms", "p99 <= 50ms", "max < 50ms", "mean < 50ms", "service.p90 < 50ms", "error_rate < 10%", "throughput > 18/s", "throughput >= 15/s"} {
		budgets = append(budgets, budget(t, text, "", ""))
	}
	rapid.Check(t, func(t *rapid.T) {
		slow := rapid.IntRange(0, 100).Draw(t, "percent slow")
		bad := rapid.IntRange(0, 20).Draw(t, "percent bad")
		tally := analysis.NewTally(l)
		lost := map[string]string{}
		for i, s := range answered(l, always(ms)) {
			if rapid.IntRange(1, 100).Draw(t, "slow") <= slow {
				s.Done = s.Intended + 50*ms
			}
			if rapid.IntRange(1, 100).Draw(t, "bad") <= bad {
				s.Err = attack.ErrRefused
			}
			tally.Add(s)
			if i%20 != 19 {
				continue
			}
			for _, b := range budgets {
				if why, broken := analysis.Broken(b, tally); broken {
					lost[b.Text] = why
				}
			}
		}
		load := tally.Load([]attack.StreamCount{{Name: "a", Offered: 200, Sent: 200, Span: 10 * time.Second}})
		for _, b := range budgets {
			if why, r := lost[b.Text], analysis.Judge(b, load); why != "" && r.Outcome != analysis.Fail {
				t.Fatalf("%s: lost midway (%s), and in the end %s: %s", b.Text, why, r.Outcome, r.Statement)
			}
		}
	})
}

func TestLost(t *testing.T) {
	r := analysis.BudgetResult{Outcome: analysis.Pass, Measured: 3, Known: true}.Lost("why")
	if r.Outcome != analysis.Fail || r.Statement != "why" || r.Measured != 3 {
		t.Errorf("got %+v", r)
	}
	if r := (analysis.BudgetResult{Outcome: analysis.Invalid}).Lost("why"); r.Outcome != analysis.Invalid {
		t.Errorf("got %+v", r)
	}
}
