package claims

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// insertRuns are blocks in which the request takes so long one by one, and in
// batches.
func insertRuns(blocks int, single, batch time.Duration) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, synthetic("single", b, probes{ms, 2 * ms}, single), synthetic("batch", b, probes{ms, ms}, batch))
	}
	return runs
}

func TestInsert(t *testing.T) {
	// Of 2000 rows: 500 ms at 0.25 ms a row.
	s := settings(2)
	s.Insert = 250 * time.Microsecond
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"fifty times as fast", insertRuns(6, 400*ms, 8*ms), expect{outcome: analysis.Pass, blocks: 6, headline: "batches insert 5000 → 250000 rows a second, 50×"}},
		{"twice as fast, and no more", insertRuns(6, 400*ms, 200*ms), expect{outcome: analysis.Fail, blocks: 6, headline: "5000 → 10000 rows a second, 2.0×"}},
		{"as fast", insertRuns(6, 400*ms, 400*ms), expect{outcome: analysis.Fail, blocks: 6, headline: "1.00×"}},
		// Three blocks with three times, three with once.
		{"now and then", append(insertRuns(3, 300*ms, 100*ms), insertRuns(6, 300*ms, 300*ms)[6:]...), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "rows a second",
			reasons: []string{"rows a second: the interval of 1.7× (1.00–3.0×) crosses 2.0×; more blocks would narrow it"},
		}},
		{"five blocks", insertRuns(5, 400*ms, 8*ms), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "50×", warnings: tooFew(5)}},
		{"nothing run", nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, dbInsert().judge(s, c.runs)) })
	}
}

func TestInsertShows(t *testing.T) {
	s := settings(2)
	s.Insert = 250 * time.Microsecond
	r := dbInsert().judge(s, insertRuns(6, 400*ms, 8*ms))
	if f := r.Figures[0]; f.Unit != "rows/s" || f.Values["single"] != 5000 || f.Values["batch"] != 250_000 {
		t.Errorf("got figures %+v", f)
	}
	if got, want := r.Verdict.Findings[0].Statement, "5000 rows a second one by one, 250000 in batches of up to 1000, 50× (50–50×)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c := r.Charts[0]
	if c.Kind != Dots || len(c.Measures) != 3 || c.Subtitle != "2000 rows in one request, one insert after the other or batches of up to 1000 · embedded SQLite · probe /ok at 200/s · 6 blocks" {
		t.Errorf("got %s %q with %d measures", c.Kind, c.Subtitle, len(c.Measures))
	}
	for i, want := range [][2]float64{{5000, 250_000}, {400, 8}, {2, 1}} {
		m := c.Measures[i]
		if got := [2]float64{m.Values[0].Y.Value, m.Values[1].Y.Value}; !slices.Equal(got[:], want[:]) || m.Values[0].Arm != "single" || m.Values[1].Arm != "batch" {
			t.Errorf("%s: got %v of %s and %s, want %v", m.Label, got, m.Values[0].Arm, m.Values[1].Arm, want)
		}
	}
}

// About half a second of inserts one by one, in whole batches where that is more
// than one.
func TestInsertLoad(t *testing.T) {
	for each, want := range map[time.Duration]int{
		0:                      2000, // not measured: 0.2 ms
		10 * time.Microsecond:  5000,
		150 * time.Microsecond: 3000, // of 3333
		200 * time.Microsecond: 2000, // of 2500
		600 * time.Microsecond: 833,
		10 * ms:                50,
		time.Second:            20,
	} {
		s := settings(2)
		s.Insert = each
		if rows, _, _ := insertLoad(s); rows != want {
			t.Errorf("%v a row: %d rows, want %d", each, rows, want)
		}
	}
}

func TestThreeDigits(t *testing.T) {
	for v, want := range map[float64]float64{0: 0, 7: 7, 4354: 4350, 140_877: 141_000, 999.6: 1000, 12.345: 12.3} {
		if got := threeDigits(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v: got %v, want %v", v, got, want)
		}
	}
}
