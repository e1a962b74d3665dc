package claims

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// dbInsert proves the guide's batch operations: the same rows in batches of a
// thousand, against one after the other.
func dbInsert() Claim {
	return Claim{
		Name:    "db-insert",
		Title:   "a batch saves a round trip and a commit for every row",
		Proves:  "inserting rows in batches of 1000 takes a fraction of the time that one insert after the other takes",
		Arms:    insertArms,
		Judge:   judgeInsert,
		Prepare: prepareInsert,
		Extra:   true,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "single", offenderService) - typicalTime(blocks, "batch", offenderService)
		},
	}
}

const (
	insertBatch  = 1000                   // rows
	insertLasts  = 500 * time.Millisecond // about, one by one
	preparedRows = 50
	// typicalInsert is how long a row takes by itself when it wasn't measured.
	typicalInsert = 200 * time.Microsecond
)

// prepareInsert measures how long a row takes by itself: most of that is the
// disk's.
func prepareInsert(ctx context.Context, s *Settings) error {
	took, err := jobTakes(ctx, *s, fmt.Sprintf("/db/insert?mode=single&rows=%d", preparedRows))
	s.Insert = took / preparedRows
	return err
}

// insertLoad is how many rows a request inserts: what takes a good while one by
// one. It is the same for both arms.
func insertLoad(s Settings) (rows int, each time.Duration, times int) {
	each, times = cmp.Or(s.Insert, typicalInsert), 2
	if s.Quick {
		times = 1
	}
	rows = min(max(int(insertLasts/each), 20), 5000)
	if rows > insertBatch {
		rows = rows / insertBatch * insertBatch // whole batches
	}
	return rows, each, times
}

func insertArms(s Settings) []attack.Arm {
	return []attack.Arm{insertArm(s, "single", attack.LookBase), insertArm(s, "batch", attack.LookHead)}
}

func insertArm(s Settings, mode string, look attack.Look) attack.Arm {
	rows, each, times := insertLoad(s)
	every := (time.Duration(rows)*each*3/2 + 50*time.Millisecond).Round(10 * time.Millisecond)
	lasts := time.Duration(times)*every + 20*time.Millisecond
	url := fmt.Sprintf("/db/insert?mode=%s&rows=%d", mode, rows)
	return attack.Arm{
		Name: mode, Look: look, Target: databaseTarget(s, target.DefaultDatabasePool), Takes: lasts,
		Warmup:  warmupAsLoad(s, 0),
		Streams: []attack.Stream{probe(s, lasts), databaseJobs(url, 1, times, every)},
	}
}

func judgeInsert(s Settings, blocks []analysis.Block) Judgement {
	rows, _, _ := insertLoad(s)
	inserted := func(r attack.Run) float64 { return throughput(r) * float64(rows) }
	rate := func(arm string) string { return analysis.Digits(threeDigits(within95(blocks, arm, inserted).Value)) }

	faster := analysis.Compare("rows a second", blocks, inserted, "batch", "single").Above(atLeast)
	faster.Statement = fmt.Sprintf("%s rows a second one by one, %s in batches of up to 1000, %s",
		rate("single"), rate("batch"), analysis.TimesWithin(faster.Effect))
	lag := analysis.Finding{Comparison: analysis.Compare("loop lag, longest", blocks, worstLag, "single", "batch")}
	lag.Statement = fmt.Sprintf("both leave the loop free: its longest lag is %s with single inserts, %s with batches",
		analysis.Human(typicalTime(blocks, "single", worstLag)), analysis.Human(typicalTime(blocks, "batch", worstLag)))

	v := analysis.Verdict{Findings: []analysis.Finding{faster, lag}}
	v.Headline = fmt.Sprintf("batches insert %s → %s rows a second, %s", rate("single"), rate("batch"), analysis.Times(faster.Effect.Value))
	v.Settle()
	arms := []string{"single", "batch"}
	return Judgement{
		Verdict: v,
		Figures: []Figure{figure("inserted", "rows/s", blocks, inserted, arms...)},
		Charts: []Chart{{
			Kind: Dots, Name: "db-insert-dots", Title: v.Headline, Outcome: faster.Outcome,
			Subtitle: fmt.Sprintf("%s in one request, one insert after the other or batches of up to 1000 · %s · probe /ok at %g/s · %d blocks",
				analysis.Count(rows, "row"), databaseName(s), s.Rate, len(blocks)),
			Measures: []Measure{
				withLog(measure("rows inserted a second", "rows/s", 1, blocks, inserted, arms...)),
				waits("the request's service time, ms", blocks, offenderService, arms...),
				milliseconds("probe p99, ms", blocks, probeP99, arms...),
			},
		}},
	}
}

// threeDigits is the number without what no measurement holds.
func threeDigits(v float64) float64 {
	if v <= 0 {
		return v
	}
	step := math.Pow10(int(math.Floor(math.Log10(v))) - 2)
	return math.Round(v/step) * step
}
