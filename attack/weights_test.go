package attack

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCycle(t *testing.T) {
	for _, c := range []struct {
		weights []int
		want    cycle
	}{
		{[]int{0}, cycle{0}},
		{[]int{0, 0, 0}, cycle{0, 1, 2}},      // in turn
		{[]int{7, 7}, cycle{0, 1}},            // as 1 and 1
		{[]int{2, 1}, cycle{0, 1, 0}},         // at ¼, ½, ¾
		{[]int{4, 2}, cycle{0, 1, 0}},         // as 2 and 1
		{[]int{3, 1}, cycle{0, 0, 1, 0}},      // at ⅙, ½ (the first goes first), ½, ⅚
		{[]int{1, 3}, cycle{1, 0, 1, 1}},      // at ½; at ⅙, ½, ⅚
		{[]int{1, 0, 2}, cycle{2, 0, 1, 2}},   // none given is 1
		{[]int{60, 40}, cycle{0, 1, 0, 1, 0}}, // 3 at ⅙, ½, ⅚ and 2 at ¼, ¾
	} {
		requests := make([]Request, len(c.weights))
		for i, w := range c.weights {
			requests[i].Weight = w
		}
		if got, err := newCycle(requests); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("weights %v: %v, %v; want %v", c.weights, got, err, c.want)
		}
	}
}

// A cycle gives each request exactly its share, and at no point of it is one
// far from its share so far.
func TestCycleIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(1, 30), 1, 6).Draw(t, "weights")
		requests := make([]Request, len(weights))
		sum := 0
		for i, w := range weights {
			requests[i].Weight = w
			sum += w
		}
		c, err := newCycle(requests)
		if err != nil || sum%len(c) != 0 {
			t.Fatalf("a cycle of %d for weights of %d together: %v", len(c), sum, err)
		}
		sent := make([]float64, len(weights))
		for n := range 2 * len(c) {
			sent[c.at(n)]++
			for i, w := range weights {
				if off := sent[i] - float64(n+1)*float64(w)/float64(sum); math.Abs(off) > 0.5+float64(len(weights))/2 {
					t.Fatalf("weights %v: after %d, request %d was sent %v times", weights, n+1, i, sent[i])
				}
			}
		}
		for i, w := range weights {
			if want := 2 * float64(w) * float64(len(c)) / float64(sum); sent[i] != want {
				t.Fatalf("weights %v: request %d was sent %v times in two cycles, want %v", weights, i, sent[i], want)
			}
		}
	})
}

func TestBadWeights(t *testing.T) {
	for _, c := range []struct {
		weights []int
		says    string
	}{
		{[]int{-1}, `request "GET /0" has the weight -1`},
		{[]int{1, 1 << 20}, "too far apart"},
		{[]int{math.MaxInt, math.MaxInt - 1}, "too far apart"},
	} {
		var requests []Request
		for i, w := range c.weights {
			requests = append(requests, Request{URL: fmt.Sprintf("/%d", i), Weight: w})
		}
		if _, err := newCycle(requests); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("weights %v: %v, want %q", c.weights, err, c.says)
		}
	}
}
