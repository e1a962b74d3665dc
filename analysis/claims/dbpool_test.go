package claims

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// connectionRuns are blocks in which ten queries take so many ms by the pool's
// size, and up to 2 % more, each pool in other blocks.
func connectionRuns(blocks int, took map[int]float64) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		for _, size := range querying.sizes {
			last := time.Duration(took[size] * (1 + 0.01*float64((size+b)%3)) * 1e6)
			jobs := make([]time.Duration, queriesAtOnce)
			for i := range jobs {
				jobs[i] = last * time.Duration(i+1) / queriesAtOnce
			}
			runs = append(runs, synthetic(querying.arm(size), b, probes{ms, ms}, jobs...))
		}
	}
	return runs
}

// A query holds its connection for 50 ms: ten, five, two rounds, and one.
var waitingQueries = map[int]float64{1: 500, 2: 250, 5: 100, 10: 50, 20: 50}

func TestConnections(t *testing.T) {
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"up to the queries at once", connectionRuns(6, waitingQueries), expect{outcome: analysis.Pass, blocks: 6, headline: "10 queries at once gain up to 10 connections: 20 → 198 a second, 10×"}},
		{"beyond them", connectionRuns(6, map[int]float64{1: 500, 2: 250, 5: 100, 10: 50, 20: 25}), expect{
			outcome: analysis.Fail, blocks: 6, headline: "gain up to 20 connections", reasons: []string{"throughput was expected to grow up to 10 connections"},
		}},
		{"a database that works on two at a time", connectionRuns(6, map[int]float64{1: 500, 2: 250, 5: 250, 10: 250, 20: 250}), expect{
			outcome: analysis.Fail, blocks: 6, headline: "gain up to 2 connections: 20 → 40 a second", reasons: []string{"throughput was expected to grow up to 10 connections"},
		}},
		{"one that gains nothing", connectionRuns(6, map[int]float64{1: 50, 2: 50, 5: 50, 10: 50, 20: 50}), expect{
			outcome: analysis.Fail, blocks: 6, headline: "gain up to 1 connection:", reasons: []string{"throughput was expected to grow up to 10 connections"},
		}},
		// 50 to 41.6 ms is 1.20 times the throughput, times 1.01/1.02, 1.02/1.00 and
		// 1.00/1.01 by the block.
		{"one that gains about a fifth", connectionRuns(6, map[int]float64{1: 500, 2: 250, 5: 100, 10: 50, 20: 41.6}), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "where throughput stops growing is not settled",
			reasons: []string{"throughput, connections: 20 against connections: 10: the interval of 1.2× (1.19–1.2×) crosses 1.20×; more blocks would narrow it"},
		}},
		{"five blocks", connectionRuns(5, waitingQueries), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "not settled", warnings: tooFew(5)}},
		{"nothing run", nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, dbPool().judge(settings(2), c.runs)) })
	}
}

func TestConnectionsShow(t *testing.T) {
	r := dbPool().judge(settings(2), connectionRuns(6, waitingQueries))
	for arm, want := range map[string]float64{"connections: 1": 19.8, "connections: 10": 198, "connections: 20": 198} {
		if got := r.Figures[0].Values[arm]; math.Abs(got/want-1) > 0.001 {
			t.Errorf("%s: got %v queries/s, want %v", arm, got, want)
		}
	}
	if f := r.Verdict.Findings[1]; f.Statement != "querying from 1 to 2 connections: throughput 2.0× (2.0–2.0×), grows" {
		t.Errorf("got %q", f.Statement)
	}
	if a := r.Recommendations; len(a) != 1 || a[0].Value != 10 {
		t.Errorf("got recommendations %+v", a)
	}
	c := r.Charts[0]
	if len(c.Panels) != 2 || len(c.Panels[0].Lines[0].Points) != 5 || len(c.Marks) != 1 || c.Marks[0].X != 10 {
		t.Errorf("got %+v", c)
	}
	for database, how := range map[string]string{"": "on embedded SQLite, each holds its connection for 50 ms (a wait that stands for a server's)", "postgres://127.0.0.1/x": "on Postgres, each holds its connection for 50 ms (pg_sleep)"} {
		s := settings(2)
		s.Database = target.DSN(database)
		if got := dbPool().judge(s, connectionRuns(6, waitingQueries)).Charts[0].Subtitle; !strings.Contains(got, how) {
			t.Errorf("%q lacks %q", got, how)
		}
	}
}
