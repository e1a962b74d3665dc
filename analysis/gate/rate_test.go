package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// limited is a server that answers one request at a time, and so many a second.
type limited struct {
	perSecond float64
	code      int
}

func (l limited) String() string { return fmt.Sprintf("%v/s", l.perSecond) }

func (l limited) Start(context.Context) (target.Target, error) {
	if l.perSecond == 0 {
		return nil, errors.New("no such program")
	}
	var mu sync.Mutex
	free := time.Now()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		if now := time.Now(); free.Before(now) {
			free = now
		}
		free = free.Add(time.Duration(float64(time.Second) / l.perSecond))
		until := free
		mu.Unlock()
		time.Sleep(time.Until(until))
		w.WriteHeader(l.code)
	}))
	return limitedTarget{s}, nil
}

type limitedTarget struct{ *httptest.Server }

func (t limitedTarget) URL() string             { return t.Server.URL }
func (limitedTarget) Observer() target.Observer { return nil }
func (limitedTarget) Gone() <-chan struct{}     { return nil }
func (limitedTarget) Err() error                { return nil }
func (t limitedTarget) Stop() error             { t.Close(); return nil }

func armAt(name string, perSecond float64, code int) attack.Arm {
	return attack.Arm{
		Name: name, Target: limited{perSecond, code}, Warmup: attack.Warmup{Lasts: 50 * time.Millisecond, AsLoad: true},
		Streams: []attack.Stream{{Name: "a", Requests: []attack.Request{{URL: "/"}}}, {Name: "b", Requests: []attack.Request{{URL: "/"}}}},
	}
}

// The rate is below what the slower arm can do, whichever that is. What a busy
// machine makes of it may be less.
func TestFindRate(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	for _, arms := range [][]attack.Arm{
		{armAt("base", 400, 200), armAt("head", 2000, 200)},
		{armAt("base", 2000, 200), armAt("head", 400, 200)},
	} {
		r, err := FindRate(t.Context(), arms)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(r.Why, r.Climbs)
		if r.PerSecond < 1 || r.PerSecond > 400*0.6 || len(r.Climbs) != 2 || r.Why == "" {
			t.Errorf("%+v", r)
		}
	}
}

func TestFindRateOfASlowServer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	r, err := FindRate(t.Context(), []attack.Arm{armAt("only", 30, 200)})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r.Why, r.Climbs)
	if r.PerSecond < 1 || r.PerSecond > 15 {
		t.Errorf("%+v", r)
	}
}

func TestFindRateFails(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, c := range []struct {
		arm  attack.Arm
		says string
	}{
		{armAt("x", 0, 200), `arm "x": no such program`},
		{armAt("x", 1e6, 500), "had no answer or an unexpected one; give one with --rate"},
	} {
		if _, err := FindRate(t.Context(), []attack.Arm{c.arm}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want %q", err, c.says)
		}
	}
	if _, err := FindRate(t.Context(), nil); err == nil {
		t.Error("a rate for no arm")
	}
}

func TestChosenRate(t *testing.T) {
	up := func(name string, kept float64, broke ...analysis.Rung) analysis.Rungs {
		return analysis.Rungs{Arm: name, Rungs: append([]analysis.Rung{{Offered: kept, Kept: true}}, broke...)}
	}
	for _, c := range []struct {
		climbs []analysis.Rungs
		rate   float64
		why    string
	}{
		{[]analysis.Rungs{up("base", 1000, analysis.Rung{Offered: 1414, Why: "its p99 grew"}), up("head", 1000)}, 450,
			"450/s: 45% of 1000/s, the most that base kept; at 1414/s its p99 grew"},
		{[]analysis.Rungs{up("base", 1000), up("head", 400, analysis.Rung{Offered: 800, Generator: true})}, 180,
			"180/s: 45% of 400/s; at 800/s the generator fell behind, so how much head can do is unknown"},
		{[]analysis.Rungs{up("base", 12800)}, 2000, "2000/s: all arms kept 12800/s, and more than 2000/s is never chosen"},
		{[]analysis.Rungs{up("base", 100)}, 50, "50/s: 50% of 100/s, which all arms kept; there was no time to go higher"},
		{[]analysis.Rungs{up("base", 25, analysis.Rung{Offered: 50, Why: "it answered 30 a second"})}, 12.5,
			"12/s: 50% of 25/s, the most that base kept; at 50/s it answered 30 a second"},
	} {
		r := Rate{Climbs: c.climbs}
		r.choose()
		if r.PerSecond != c.rate || r.Why != c.why {
			t.Errorf("%v, %q; want %v, %q", r.PerSecond, r.Why, c.rate, c.why)
		}
	}
}
