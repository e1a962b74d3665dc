package target

import (
	"math"
	"runtime"
	"strings"
	"testing"
)

// An object of the size of the rate is counted with the probability 1 − 1/e, so
// one that is seen stands for 1.58; a small one stands for rate/size, and a large
// one for itself.
func TestUnsampled(t *testing.T) {
	for _, c := range []struct {
		held heapUse
		rate int
		want heapUse
	}{
		{heapUse{100_000, 1}, 100_000, heapUse{158_197, 1}},
		{heapUse{1_000, 1}, 100_000, heapUse{100_500, 100}},     // 1/(1 − e^(−1/100)) = 100.5
		{heapUse{5_000_000, 5}, 100_000, heapUse{5_000_227, 5}}, // 1/(1 − e⁻¹⁰) = 1.0000454
		{heapUse{1_000, 1}, 1, heapUse{1_000, 1}},
		{heapUse{0, 0}, 100_000, heapUse{}},
	} {
		if got := unsampled(c.held, c.rate); math.Abs(float64(got.Bytes-c.want.Bytes)) > 1 || got.Objects != c.want.Objects {
			t.Errorf("%+v at %d: got %+v, want %+v", c.held, c.rate, got, c.want)
		}
	}
}

// hereStack is this function's own call stack.
func hereStack() (s callStack) {
	runtime.Callers(1, s[:])
	return s
}

func otherStack() callStack { return hereStack() }

func TestHoldings(t *testing.T) {
	a, b, c := hereStack(), otherStack(), callStack{1}
	before := heapHolding{a: {100, 1}, b: {50, 5}}
	after := heapHolding{a: {300, 3}, c: {40, 4}}
	more := after.minus(before)
	if more[a] != (heapUse{200, 2}) || more[b] != (heapUse{-50, -5}) || more[c] != (heapUse{40, 4}) {
		t.Errorf("more is held by %v", more)
	}
	least := more.least(heapHolding{a: {150, 1}, b: {70, 7}})
	if least[a] != (heapUse{150, 1}) || least[b] != (heapUse{-50, -5}) || least[c] != (heapUse{}) {
		t.Errorf("the least is %v", least)
	}
	// Both stacks end in hereStack: what one lets go of counts against the other.
	sites := more.bySite()
	if len(sites) != 1 || !strings.HasSuffix(sites[0].Function, "target.hereStack") || sites[0].heapUse != (heapUse{150, -3}) || sites[0].File != "target/heapsites_test.go" {
		t.Errorf("by site: %+v", sites)
	}
}
