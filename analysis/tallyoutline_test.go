package analysis_test

import (
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func TestOutline(t *testing.T) {
	l := oneStream(attack.Constant{Rate: 1000, Lasts: 60 * time.Second})
	samples := answered(l, func(_ int, at time.Duration) time.Duration {
		switch at {
		case 30 * time.Second:
			return 5 * time.Second
		case 45 * time.Second:
			return 150 * us
		}
		return ms
	})
	samples[50000].Err = attack.ErrRefused
	points := tallied(l, samples).Load(nil).Outlines[0]
	// 60 s are 895 columns of 67.1 ms, 2^26 ns.
	if len(points) < 895 || len(points) > 2*1500 {
		t.Errorf("got %d points", len(points))
	}
	var slowest, quickest, failed int
	for i, p := range points {
		if i > 0 && p.At < points[i-1].At {
			t.Fatalf("point %d is before the one before it", i)
		}
		slowest += count(p == analysis.OutlinePoint{At: 30 * time.Second, Response: 5 * time.Second})
		quickest += count(p == analysis.OutlinePoint{At: 45 * time.Second, Response: 150 * us})
		failed += count(p == analysis.OutlinePoint{At: 50 * time.Second, Response: ms, Failed: true})
	}
	if slowest != 1 || quickest != 1 || failed != 1 {
		t.Errorf("got the slowest %d times, the quickest %d, the failed %d; want each once", slowest, quickest, failed)
	}
}

func count(condition bool) int {
	if condition {
		return 1
	}
	return 0
}
