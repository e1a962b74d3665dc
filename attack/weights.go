package attack

import (
	"cmp"
	"fmt"
	"slices"
)

// mostTurns bounds a cycle, and so its memory.
const mostTurns = 1 << 20

// cycle is the order in which a stream's requests are sent, over and over: each
// as often as its weight, spread evenly.
type cycle []int32

// at is the index of the request that is sent n-th, from 0. It depends on n
// alone, so that a sample's Seq tells its request.
func (c cycle) at(n int) int { return int(c[n%len(c)]) }

// newCycle gives each request as many turns as its weight, divided by what the
// weights have in common. The j-th turn of a request with w turns stands at
// (j + ½)/w of the cycle.
func newCycle(requests []Request) (cycle, error) {
	type turn struct{ request, numerator, weight int }
	var turns []turn
	common := commonDivisor(requests)
	for i, r := range requests {
		if r.Weight < 0 {
			return nil, fmt.Errorf("request %q has the weight %d; it can't be negative", r.Label(), r.Weight)
		}
		weight := r.weight() / common
		if weight > mostTurns-len(turns) {
			return nil, fmt.Errorf("the requests' weights are too far apart: their sum is above %d; use smaller ones", mostTurns)
		}
		for j := range weight {
			turns = append(turns, turn{i, 2*j + 1, weight})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int {
		return cmp.Compare(a.numerator*b.weight, b.numerator*a.weight)
	})
	c := make(cycle, len(turns))
	for i, t := range turns {
		c[i] = int32(t.request)
	}
	return c, nil
}

func (r Request) weight() int { return cmp.Or(r.Weight, 1) }

func commonDivisor(requests []Request) int {
	common := 0
	for _, r := range requests {
		for a, b := common, r.weight(); ; a, b = b, a%b {
			if b == 0 {
				common = a
				break
			}
		}
	}
	return max(common, 1)
}
