package target_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/looptest/looptest/target"
)

// measure mirrors a measure in the document of /measures.
type measure struct {
	Name  string
	Start float64 `json:"start_ms"`
	Took  float64 `json:"duration_ms"`
}

func measures(t *testing.T, s *running, query string) []measure {
	t.Helper()
	var d struct{ Measures []measure }
	getJSON(t, s.URL+"/measures"+query, &d)
	if d.Measures == nil {
		t.Errorf("/measures%s has no list", query)
	}
	return d.Measures
}

func names(all []measure) string {
	var n []string
	for _, m := range all {
		n = append(n, m.Name)
	}
	return strings.Join(n, " ")
}

// The newest measures can be asked for, by name and time; who asked observes no
// longer.
func TestMeasures(t *testing.T) {
	s := serve(t, target.Config{})
	if got := measures(t, s, ""); len(got) != 0 {
		t.Errorf("before all requests there are %+v", got)
	}
	for _, path := range []string{"/slow?n=1", "/ok", "/items?n=20", "/slow?n=1", "/items?n=0", "/nowhere"} {
		get(t, s.URL+path)
	}
	all := measures(t, s, "")
	if names(all) != "/slow /items /slow" {
		t.Fatalf("got measures of %s", names(all))
	}
	if got := names(measures(t, s, "?name=/slow")); got != "/slow /slow" {
		t.Errorf("of /slow: got %s", got)
	}
	second := all[1]
	if got := measures(t, s, fmt.Sprintf("?since_ms=%.0f", math.Floor(second.Start+second.Took))); names(got) != "/items /slow" || got[0] != second {
		t.Errorf("since the second one's end: got %+v, want %+v", got, all[1:])
	}
	if got := measures(t, s, "?since_ms=1000000000"); len(got) != 0 {
		t.Errorf("of the future: got %+v", got)
	}
	s.stop()
	<-s.end
	if n := target.Observers(s.server); n != 1 {
		t.Errorf("%d observers are left, want the metrics' alone", n)
	}
}

// Prometheus is told of the measures, by name.
func TestMeasuresAreExported(t *testing.T) {
	s := serve(t, target.Config{})
	for _, path := range []string{"/slow?n=1", "/slow?n=1", "/compute?mode=block&n=1", "/ok", "/nowhere", "/slow?n=0"} {
		get(t, s.URL+path)
	}
	measures(t, s, "") // answered in a check phase, as the metrics were before it
	_, text := get(t, s.ObserveURL+"/metrics")
	for _, line := range []string{`measure_duration_seconds_count{name="/slow"} 2`, `measure_duration_seconds_count{name="/compute"} 1`} {
		if !strings.Contains(text, line) {
			t.Errorf("the metrics have no %q", line)
		}
	}
	if n := strings.Count(text, "measure_duration_seconds_count"); n != 2 {
		t.Errorf("%d names are exported, want 2", n)
	}
}
