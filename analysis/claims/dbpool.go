package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// dbPool proves the guide's connection pool: ten queries at once, on pools of
// several sizes.
func dbPool() Claim {
	return Claim{
		Name:   "db-pool",
		Title:  "a pool of connections gains throughput up to the number of queries at once",
		Proves: "queries that wait for their database gain throughput with every connection, up to as many as there are queries at once",
		Arms:   connectionArms,
		Judge:  judgeConnections,
		Extra:  true,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, querying.arm(1), burstTime) / 2
		},
	}
}

// queriesAtOnce is the guide's own pool: what it is large enough for.
const queriesAtOnce = 10

var querying = poolWork{
	name: "querying", prefix: "connections:", unit: "queries/s", of: "connection", look: attack.LookPool,
	sizes: []int{1, 2, 5, 10, 20}, worth: 1.2, // a connection costs the database more than a thread costs us
}

// queryHold is how long each query holds its connection.
func queryHold(s Settings) time.Duration {
	if s.Quick {
		return 35 * time.Millisecond
	}
	return 50 * time.Millisecond
}

// queryRounds is how many queries each connection carries out one after the
// other, at most.
func queryRounds(size int) time.Duration { return time.Duration((queriesAtOnce + size - 1) / size) }

func connectionArms(s Settings) []attack.Arm {
	var arms []attack.Arm
	for _, size := range querying.sizes {
		arms = append(arms, connectionArm(s, size))
	}
	return arms
}

func connectionArm(s Settings, size int) attack.Arm {
	hold, times := queryHold(s), 2
	if s.Quick {
		times = 1
	}
	if queryRounds(size) == 1 {
		times *= 2 // these are short, and must be seen not to differ
	}
	every := (queryRounds(size)*hold*5/4 + 60*time.Millisecond).Round(10 * time.Millisecond)
	lasts := time.Duration(times)*every + 20*time.Millisecond
	url := fmt.Sprintf("/db/scan?rows=10&hold_ms=%d", hold.Milliseconds())
	return attack.Arm{
		Name: querying.arm(size), Look: querying.look, Target: databaseTarget(s, size), Takes: lasts,
		Warmup:  warmupAsLoad(s, 0),
		Streams: []attack.Stream{probe(s, lasts), databaseJobs(url, queriesAtOnce, times, every)},
	}
}

func judgeConnections(s Settings, blocks []analysis.Block) Judgement {
	steps, knee := doublings(blocks, querying, queriesAtOnce)
	whole := analysis.Compare("query throughput", blocks, throughput, querying.arm(queriesAtOnce), querying.arm(1)).Above(atLeast)
	rate := func(size int) string { return analysis.Digits(typical(blocks, querying.arm(size), throughput)) }
	whole.Statement = fmt.Sprintf("%d queries at once: %s a second on 1 connection, %s on %d, %s",
		queriesAtOnce, rate(1), rate(queriesAtOnce), queriesAtOnce, analysis.TimesWithin(whole.Effect))

	v := analysis.Verdict{Findings: append([]analysis.Finding{whole}, steps...)}
	v.Headline = fmt.Sprintf("%d queries at once gain up to %s: %s → %s a second, %s",
		queriesAtOnce, analysis.Count(knee, "connection"), rate(1), rate(max(knee, 1)), analysis.Times(whole.Effect.Value))
	v.Settle()
	switch knee {
	case 0:
		v.Headline = "where throughput stops growing is not settled"
	case queriesAtOnce:
	default:
		v.Reasons = append(v.Reasons, fmt.Sprintf("throughput was expected to grow up to %d connections", queriesAtOnce))
	}
	return Judgement{
		Verdict:         v,
		Recommendations: recommendConnections(blocks, knee),
		Figures:         []Figure{figure("throughput", querying.unit, blocks, throughput, querying.arms()...)},
		Charts:          []Chart{connectionCurve(s, blocks, v, knee)},
	}
}

func recommendConnections(blocks []analysis.Block, knee int) []Recommendation {
	if knee == 0 {
		return nil
	}
	return []Recommendation{{
		Setting: "connections to the database", Value: float64(knee), Unit: "connections",
		Reason: fmt.Sprintf("%s %s with 1, %s with %d: each carries one query at a time, so take as many as there are queries at once, and no more than the database can work on",
			analysis.Digits(typical(blocks, querying.arm(1), throughput)), querying.unit, analysis.Digits(typical(blocks, querying.arm(knee), throughput)), knee),
	}}
}

// connectionCurve is throughput and p99 of the queries against the pool's size.
func connectionCurve(s Settings, blocks []analysis.Block, v analysis.Verdict, knee int) Chart {
	c := Chart{
		Kind: Curves, Name: "db-pool-curve", Setting: "connections in the pool (log scale)", Title: v.Headline,
		Subtitle: fmt.Sprintf("%d queries at once on %s, each holds its connection for %d ms (%s) · %d blocks, intervals over blocks",
			queriesAtOnce, databaseName(s), queryHold(s).Milliseconds(), holdsBy(s), len(blocks)),
		Panels: []Panel{
			{Label: "throughput while busy", Unit: querying.unit, Lines: []Line{querying.line(blocks, throughput, 1)}},
			{
				Label: "p99 of the queries' response time", Unit: "ms", Log: true,
				Lines: []Line{querying.line(blocks, jobP99, inMS)},
			},
		},
	}
	if knee != 0 {
		c.Marks = []Mark{{X: float64(knee), Text: fmt.Sprintf("%d queries at once", knee), Recommended: true}}
	}
	return c
}

// holdsBy says how: an embedded database has no server that could be slow.
func holdsBy(s Settings) string {
	if embedded(s) {
		return "a wait that stands for a server's"
	}
	return "pg_sleep"
}
