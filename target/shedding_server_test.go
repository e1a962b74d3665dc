package target_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// lagging starts a server with that limit and gives what sets its smoothed lag,
// which no sample changes.
func lagging(t *testing.T, most time.Duration) (s *running, set func(time.Duration)) {
	t.Helper()
	server := listen(t, target.Config{MaxLag: most})
	target.LookEvery(server, time.Hour)
	return start(t, server), func(lag time.Duration) { target.SetLag(server, lag) }
}

// From twice the limit on every route but /health is turned away, a wrong
// request too, and each is counted.
func TestTurnsAwayWhileBusy(t *testing.T) {
	s, set := lagging(t, target.GuideMaxLag)
	turned := 0
	for _, lag := range []time.Duration{0, target.GuideMaxLag, 2 * target.GuideMaxLag, 0} {
		set(lag)
		for path, usual := range map[string]int{"/ok": 200, "/": 200, "/slow?n=1": 200, "/slow?n=0": 400, "/nowhere": 404, "/health": 200} {
			want := usual
			if lag > target.GuideMaxLag && path != "/health" {
				want = http.StatusServiceUnavailable
				turned++
			}
			code, body := get(t, s.URL+path)
			if code != want || (body == "Server is too busy right now") != (want == http.StatusServiceUnavailable) {
				t.Errorf("at a lag of %v %s answered %d %q, want %d", lag, path, code, body, want)
			}
		}
	}
	var stats struct {
		Shed int
		Lag  float64 `json:"smoothed_lag_ms"`
	}
	set(12 * time.Millisecond)
	if getJSON(t, s.ObserveURL+"/stats", &stats); stats.Shed != turned || stats.Lag != 12 {
		t.Errorf("/stats tells %+v; %d were turned away", stats, turned)
	}
	_, text := get(t, s.ObserveURL+"/metrics")
	for _, line := range []string{fmt.Sprintf("requests_shed_total %d", turned), "loop_smoothed_lag_seconds 0.012"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the metrics have no %q", line)
		}
	}
	if strings.Contains(text, "nowhere") {
		t.Error("a path that is no route is a label of the metrics")
	}
}

func TestHealth(t *testing.T) {
	s, set := lagging(t, target.GuideMaxLag)
	for lag, want := range map[time.Duration]string{
		0:                       `{"lag":0,"status":"normal"}`,
		70 * time.Millisecond:   `{"lag":70,"status":"normal"}`,
		70_600_000:              `{"lag":71,"status":"busy"}`,
		1234 * time.Millisecond: `{"lag":1234,"status":"busy"}`,
	} {
		set(lag)
		if code, body := get(t, s.URL+"/health"); code != http.StatusOK || body != want+"\n" {
			t.Errorf("at a lag of %v: %d %s, want %s", lag, code, body, want)
		}
	}
}

// A server that was not asked to turns nobody away, and tells that it is busy.
func TestTurnsAwayOnlyWhenAsked(t *testing.T) {
	s, set := lagging(t, 0)
	set(time.Hour)
	answersOthers(t, s)
	if _, body := get(t, s.URL+"/health"); !strings.Contains(body, "busy") {
		t.Errorf("/health tells %s", body)
	}
}

// /.well-known/looptest is answered beside the loop, however busy that is.
func TestAnnouncesWhileBusy(t *testing.T) {
	s, set := lagging(t, target.GuideMaxLag)
	set(time.Hour)
	var announced struct {
		ObserveURL string `json:"observe_url"`
	}
	if getJSON(t, s.URL+"/.well-known/looptest", &announced); announced.ObserveURL != s.ObserveURL {
		t.Errorf("the server announces %q", announced.ObserveURL)
	}
}

// A handler that holds the loop makes it turn requests away, and when nothing
// holds it any more it serves again.
func TestHeldLoopIsFelt(t *testing.T) {
	server := listen(t, target.Config{MaxLag: target.LeastMaxLag})
	target.LookEvery(server, 20*time.Millisecond)
	target.Handle(server, "/held", func(x *target.Exchange) {
		time.Sleep(300 * time.Millisecond) // a sample is due meanwhile
		x.Reply(http.StatusOK, "held")
	})
	s := start(t, server)
	answers := func(code int) bool {
		got, _ := get(t, s.URL+"/ok")
		return got == code
	}
	until(func() bool {
		get(t, s.URL+"/held")
		return answers(http.StatusServiceUnavailable)
	})
	until(func() bool { return answers(http.StatusOK) })
	ends(t, s)
}
