package gate

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestBlocksNeeded(t *testing.T) {
	for _, c := range []struct {
		alpha   float64
		metrics int
		want    int
	}{
		{0.01, 1, 7},       // 2^−7 = 0.0078 ≤ 0.01 < 2^−6
		{0.01, 6, 10},      // 2^−10 = 0.00098 ≤ 0.00167
		{0.002, 6, 12},     // 2^−12 = 0.00024 ≤ 0.00033
		{0.5, 1, 1},        // 2^−1
		{0.25, 1, 2},       // exactly 2^−2
		{1. / 1024, 1, 10}, // exactly 2^−10
		{0.01, 0, 7},
	} {
		if got := BlocksNeeded(c.alpha, c.metrics); got != c.want {
			t.Errorf("α = %v, %d metrics: got %d, want %d", c.alpha, c.metrics, got, c.want)
		}
	}
}

func TestDefaultDesign(t *testing.T) {
	s := Default()
	d := s.Design
	if err := s.Check(0); err != nil {
		t.Fatal(err)
	}
	var blocks []int
	spent := 0.0
	for _, l := range d.Looks {
		blocks = append(blocks, l.Blocks)
		spent += l.Alpha
	}
	if s.Gated() != 6 || len(blocks) != 4 || blocks[0] != 14 || blocks[1] != 24 || blocks[2] != 40 || blocks[3] != 80 {
		t.Errorf("%d metrics, looks after %v", s.Gated(), blocks)
	}
	if math.Abs(spent-0.01) > 1e-15 || d.Regular() != 40 || d.Most() != 80 {
		t.Errorf("spends %v, %d and %d blocks", spent, d.Regular(), d.Most())
	}
	if takes := time.Duration(d.Regular()) * DefaultBlock; takes >= 6*time.Minute {
		t.Errorf("the regular plan takes %s", takes)
	}
	// The null control can fail at every look: two-sided, over the 8 metrics that
	// have halves.
	if least := math.Ldexp(2, -d.Looks[0].Blocks); least > NullAlpha/8 {
		t.Errorf("at the first look p is %v at least", least)
	}
}

func TestSmallDesigns(t *testing.T) {
	// 12 blocks: looks after 5 and 8 can't fail, and leave their α to the regular one.
	d := NewDesign(12, 6, false)
	if len(d.Looks) != 1 || d.Looks[0].Blocks != 12 || math.Abs(d.Looks[0].Alpha-0.01) > 1e-15 {
		t.Errorf("%+v", d)
	}
	if err := d.Check(6); err != nil {
		t.Error(err)
	}
	// With its extension: 80 % for 12 blocks, 20 % for 24.
	d = NewDesign(12, 6, true)
	if len(d.Looks) != 2 || !d.Looks[1].Extension || d.Looks[1].Blocks != 24 || math.Abs(d.Looks[1].Alpha-0.002) > 1e-15 {
		t.Errorf("%+v", d)
	}
}

func TestRefusedDesigns(t *testing.T) {
	one := func(blocks int, alpha float64) Design {
		return Design{Alpha: 0.01, Looks: []Look{{Blocks: blocks, Alpha: alpha}}}
	}
	for _, c := range []struct {
		name    string
		design  Design
		metrics int
		says    string
	}{
		{"no metric", Default().Design, 0, "nothing could fail"},
		{"no look", Design{Alpha: 0.01}, 1, "no look"},
		{"one block", one(1, 0.01), 1, "at least 7 blocks"},
		{"six blocks", one(6, 0.01), 1, "at least 7 blocks"},
		{"nine blocks for six metrics", one(9, 0.01), 6, "at least 10 blocks"},
		{"a look that can only pass", Design{Alpha: 0.01, Looks: []Look{{Blocks: 8, Alpha: 0.002}, {Blocks: 40, Alpha: 0.008}}}, 6, "at least 12 blocks"},
		{"more than α", Design{Alpha: 0.01, Looks: []Look{{Blocks: 20, Alpha: 0.01}, {Blocks: 40, Alpha: 0.01}}}, 1, "spend an α of 2%"},
		{"out of order", Design{Alpha: 0.01, Looks: []Look{{Blocks: 40, Alpha: 0.005}, {Blocks: 40, Alpha: 0.005}}}, 1, "comes after"},
		{"no α", Design{Looks: []Look{{Blocks: 40, Alpha: 0}}}, 1, "no error rate"},
	} {
		err := c.design.Check(c.metrics)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

func TestFit(t *testing.T) {
	d, err := Fit(3*time.Minute, 7*time.Second, 6) // 25 blocks: looks after 9 can't fail, 15 can
	if err != nil || d.Most() != 25 || len(d.Looks) != 2 || d.Looks[0].Blocks != 15 || d.Check(6) != nil {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = Fit(time.Minute, 7*time.Second, 6)
	if err == nil || !strings.Contains(err.Error(), "8 blocks") || !strings.Contains(err.Error(), "1m10s") {
		t.Errorf("%v, want that 10 blocks take 1m10s", err)
	}
	// Whatever fits can fail.
	for seconds := range 600 {
		for metrics := 1; metrics < 12; metrics++ {
			d, err := Fit(time.Duration(seconds)*time.Second, 7*time.Second, metrics)
			if err == nil && d.Check(metrics) != nil {
				t.Fatalf("%d s, %d metrics: %v", seconds, metrics, d.Check(metrics))
			}
		}
	}
}

func TestTooFewRequests(t *testing.T) {
	s := Default()
	if err := s.Check(500); err != nil {
		t.Errorf("p99 wasn't asked for, so it is only left out: %v", err)
	}
	m, err := ParseMetric("p99=5%")
	if err != nil {
		t.Fatal(err)
	}
	s.Metrics = With(s.Metrics, m)
	if err := s.Check(500); err == nil || !strings.Contains(err.Error(), "1000 requests") {
		t.Errorf("p99 was asked for: %v", err)
	}
	if err := s.Check(1000); err != nil {
		t.Error(err)
	}
}
