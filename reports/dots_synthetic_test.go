package reports

import (
	"math"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// armValues makes the values of arms, with intervals of that share of them.
func armValues(arms []claims.ArmValue, share float64, values ...float64) []claims.ArmValue {
	of := make([]claims.ArmValue, len(values))
	for i, v := range values {
		of[i] = claims.ArmValue{Arm: arms[i].Arm, Look: arms[i].Look, Y: within(v, share)}
	}
	return of
}

// sheddingDots are four measures of a server that sheds load and of one that
// doesn't.
func sheddingDots() claims.Chart {
	arms := []claims.ArmValue{
		{Arm: "half load", Look: attack.LookIdle}, {Arm: "twice the load, all accepted", Look: attack.LookBlock},
		{Arm: "twice the load, shed from 70 ms lag", Look: attack.LookWorker},
	}
	return claims.Chart{
		Kind: claims.Dots, Name: "shedding-dots",
		Title:    "at twice the saturation, shedding keeps good answers at 96 ms, without it they wait 2.1 s",
		Subtitle: "/work at half and twice the saturation of 840 requests/s · n 14,200 in 6 blocks",
		Foot:     "target: own loop · linux/amd64, 2 cores, Go 1.26 · 2026-01-02 · seed 1",
		Measures: []claims.Measure{
			{Label: "p99 of good answers, ms", Unit: "ms", Log: true, Limit: &claims.Limit{Value: 100, Text: "budget 100 ms"},
				Values: armValues(arms, 0.09, 21, 2140, 96)},
			{Label: "good answers, requests/s", Unit: "requests/s", Values: armValues(arms, 0.03, 420, 512, 803)},
			{Label: "refused, %", Unit: "%", Values: armValues(arms, 0.05, 0, 0, 48.5)},
			{Label: "peak memory, MiB", Unit: "bytes", Values: armValues(arms, 0.06, 48<<20, 412<<20, 61<<20)},
		},
	}
}

// manyDots are ten arms with long names, one without any value.
func manyDots() claims.Chart {
	c := sheddingDots()
	names := []string{
		"one query at a time, on the loop", "one query at a time, on the pool", "batches of 10, on the loop", "batches of 10, on the pool",
		"batches of 100, on the loop", "batches of 100, on the pool", "joined into one query, on the loop", "joined into one query, on the pool",
		"from a cache", "from a cache that is always cold",
	}
	var arms []claims.ArmValue
	for i, name := range names {
		arms = append(arms, claims.ArmValue{Arm: name, Look: []attack.Look{attack.LookBlock, attack.LookPool, attack.LookIdle}[i%3]})
	}
	values := []float64{2100, 1900, 480, 460, 112, 108, 61, 58, 1.2, 400}
	rates := []float64{12, 12, 55, 54, 230, 231, 512, 509, 10480, 61}
	c.Measures = []claims.Measure{
		{Label: "response time p99, ms", Unit: "ms", Log: true, Limit: &claims.Limit{Value: 50}, Values: armValues(arms, 0.2, values...)},
		{Label: "throughput, requests/s", Unit: "requests/s", Log: true, Values: armValues(arms, 0.05, rates...)},
		{Label: "loop busy, %", Unit: "%", Values: armValues(arms, 0.1, 90, math.NaN(), 85, 4, 80, 5, 77, 5, 2, 60)},
	}
	return c
}
