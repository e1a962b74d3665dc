package detect

import (
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/target"
)

func TestParseRule(t *testing.T) {
	for text, want := range map[string]Rule{
		"blocking":           {Kind: target.Blocking},
		"unsure":             {Kind: target.Unsure},
		"blocking>10ms":      {target.Blocking, 10 * ms},
		" stall  >  1.5s ":   {AnyStall, 1500 * ms},
		"partly-blocking>1s": {target.PartlyBlocking, time.Second},
	} {
		if got, err := ParseRule(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"bloking":       `"bloking" is no kind (did you mean blocking?); there are blocking, partly-blocking, cooperative, off-loop, waiting, trivial, sheds, processes, unsure, and stall for whatever holds the loop`,
		"":              `"" is no kind; there are`,
		"blocking>fast": `"fast" is no length of a stall; write it as blocking>10ms`,
		"blocking>-1ms": `"-1ms" is no length`,
		"blocking>0s":   `"0s" is no length`,
		"blocking>":     `"" is no length`,
		"waiting>10ms":  "waiting work has no stall; leave >10ms out, or write stall>10ms",
	} {
		if _, err := ParseRule(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func held(kind target.Kind, value, low, high time.Duration) Finding {
	return Finding{Kind: kind, Stall: Stall{Found: value > 0, Length: analysis.Estimate{Value: float64(value), Low: float64(low), High: float64(high)}}}
}

func TestRules(t *testing.T) {
	endless := Finding{Kind: target.Blocking, Service: analysis.Distribution{P50: 10 * time.Second}} // it never returned
	for _, c := range []struct {
		rule string
		f    Finding
		want analysis.Outcome
	}{
		{"blocking", held(target.Blocking, 2*ms, ms, 3*ms), analysis.Fail},
		{"blocking", held(target.PartlyBlocking, 2*ms, ms, 3*ms), analysis.Pass},
		{"blocking>10ms", held(target.Blocking, 12*ms, 11*ms, 13*ms), analysis.Fail},
		{"blocking>10ms", held(target.Blocking, 12*ms, 9*ms, 13*ms), analysis.Inconclusive},
		{"blocking>10ms", held(target.Blocking, 9*ms, 8*ms, 10*ms), analysis.Pass}, // not longer
		{"blocking>10ms", endless, analysis.Fail},
		{"stall>1ms", held(target.Cooperative, 5*ms, 4*ms, 6*ms), analysis.Fail},
		{"stall", held(target.Waiting, 0, 0, 0), analysis.Pass},
		{"waiting", held(target.Waiting, 0, 0, 0), analysis.Fail},
		{"trivial", held(target.Unsure, 0, 0, 0), analysis.Inconclusive},
		{"unsure", held(target.Unsure, 0, 0, 0), analysis.Fail},
	} {
		r, err := ParseRule(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := Judge([]Finding{c.f}, []Rule{r}); got != c.want {
			t.Errorf("%s of %s for %v: %s, want %s", c.rule, c.f.Kind, c.f.Held(), got, c.want)
		}
	}
	if got := Judge(nil, nil); got != analysis.Invalid {
		t.Errorf("nothing judged is %s", got)
	}
}

func TestHarm(t *testing.T) {
	short, long := held(target.Blocking, 5*ms, 5*ms, 5*ms), held(target.Blocking, 50*ms, 50*ms, 50*ms)
	if short.Harm() >= long.Harm() {
		t.Error("the longer stall does more harm")
	}
	short.Endpoint.Often, long.Endpoint.Often = 20, 1 // 100 ms a second, and 50
	if short.Harm() <= long.Harm() {
		t.Error("what is asked for more often does more harm")
	}
}
