package attack_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
)

// All steps go to one process, on connections that stay open.
func TestClimb(t *testing.T) {
	s := newStarter(t, answer)
	steps, err := attack.Climb(t.Context(), plan(s, probe(1, time.Second)).Arms[0], func(steps []attack.Run) []attack.Stream {
		if len(steps) == 3 {
			return nil
		}
		return []attack.Stream{probe(100*float64(len(steps)+1), 100*time.Millisecond)}
	})
	if err != nil || len(steps) != 3 || s.started.Load() != 1 || s.stopped.Load() != 1 {
		t.Fatalf("%d steps, %v; started %d, stopped %d", len(steps), err, s.started.Load(), s.stopped.Load())
	}
	for i, r := range steps {
		if want := 10 * (i + 1); r.Block != i || r.Streams[0].Sent != want || len(r.Samples) != want || r.Partial {
			t.Errorf("step %d: %+v, %d samples", i, r.Streams[0], len(r.Samples))
		}
	}
}

func TestClimbWhenTheTargetDies(t *testing.T) {
	var s *starter
	s = newStarter(t, func(w http.ResponseWriter, r *http.Request) { close(s.gone); answer(w, r) })
	one := probe(1, time.Hour)
	steps, err := attack.Climb(t.Context(), plan(s, one).Arms[0], func([]attack.Run) []attack.Stream { return []attack.Stream{one} })
	if err == nil || !strings.Contains(err.Error(), `arm "arm": the fake is gone`) || len(steps) != 1 || !steps[0].Partial {
		t.Errorf("%d steps, %v", len(steps), err)
	}
}
