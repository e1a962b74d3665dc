package growth

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const second = time.Second

// seconds gives a reading a second of the process, from the start to the 16th.
func seconds(p process) []reading {
	var all []reading
	for at := time.Duration(0); at <= 16*second; at += second {
		all = append(all, reading{at, int64(p(at) * mb)})
	}
	return all
}

// turned reverses readings from … to − 1.
func turned(all []reading, from, to int) []reading {
	for i, j := from, to-1; i < j; i, j = i+1, j-1 {
		all[i].live, all[j].live = all[j].live, all[i].live
	}
	return all
}

// A span of 16 s has windows of 1 s, here one reading each; the 17th reading closes
// the last of them. The medians of five stand at 2, 7 and 13 s.
func TestWorked(t *testing.T) {
	rising := leaks(flat(40), 2, 0)
	alarm := []Growth{{22 * mb, 66 * mb, 11 * second, 16}} // 40 + 2·13, and 2·(13 − 2) of them grown
	cases := []struct {
		name string
		all  []reading
		want []Growth
	}{
		{"grows by 2 MB a second", seconds(rising), alarm},
		{"fifteen windows", seconds(rising)[:16], nil},
		// Five readings turned round are 10 inversions, two more pairs one each. The
		// medians stay.
		{"falls in 12 of 120 pairs", turned(turned(turned(seconds(rising), 5, 10), 0, 2), 14, 16), alarm},
		{"falls in 13 of 120 pairs", turned(turned(turned(turned(seconds(rising), 5, 10), 0, 2), 12, 14), 14, 16), nil},
		// 11 s of 0.72 MB are 7.9 MB, of 0.75 MB 8.25 MB.
		{"by too little", seconds(leaks(flat(10), 0.72, 0)), nil},
		{"by just enough", seconds(leaks(flat(10), 0.75, 0)), []Growth{{8.25 * mb, 19.75 * mb, 11 * second, 16}}},
		// From 100 + 2·2.25 MB, 11·2.25 are 23.7 %; from 100 + 2·2.5 MB, 11·2.5 are 26.2 %.
		{"by too small a share", seconds(leaks(flat(100), 2.25, 0)), nil},
		{"by just the share", seconds(leaks(flat(100), 2.5, 0)), []Growth{{27.5 * mb, 132.5 * mb, 11 * second, 16}}},
		// e^(-7/8) − e^(-13/8) is 0.220, in 6 s; e^(-2/8) − e^(-13/8) is 0.582, in 11 s: 69 % of the slope.
		{"warms up", seconds(warms(10, 50, 8*second)), nil},
		{"stands still", seconds(flat(40)), nil},
		{"falls", seconds(leaks(flat(80), -2, 0)), nil},
		{"five in a row, again and again", seconds(saws(40, 60, 6*second)), nil},
	}
	for _, c := range cases {
		if _, got := alarms(16*second, c.all); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	// e^(-7/16) − e^(-13/16) is 0.202; e^(-2/16) − e^(-13/16) is 0.439: 84 % of the slope.
	if _, got := alarms(16*second, seconds(warms(10, 50, 16*second))); len(got) != 1 {
		t.Errorf("what warms up for longer than the span gives %v", got)
	}
}

// The share of the orders of sixteen floors that has at most twelve inversions is
// the chance of an alarm by floors that are in no order, before it is asked whether
// they grow by enough.
func TestChanceOfOrder(t *testing.T) {
	orders := []float64{1} // of n floors, as a share, by inversions
	for n := 2; n <= windows; n++ {
		next := make([]float64, len(orders)+n-1)
		for inversions, share := range orders {
			for more := range n { // the n-th floor comes before so many others
				next[inversions+more] += share / float64(n)
			}
		}
		orders = next
	}
	chance := 0.0
	for _, share := range orders[:mostInversions+1] {
		chance += share
	}
	if chance < 5.8e-7 || chance > 6e-7 {
		t.Errorf("the chance is %g, and the comment says 6 in ten million", chance)
	}
}

// A window is its least reading: what comes and goes within it is not seen.
func TestWindowIsItsFloor(t *testing.T) {
	var busy []reading
	for i, r := range seconds(leaks(flat(40), 2, 0)) {
		busy = append(busy, r, reading{r.at + second/2, r.live + int64(i*7%5)*20*mb})
	}
	_, got := alarms(16*second, busy)
	if want := []Growth{{22 * mb, 66 * mb, 11 * second, 32}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// An idle server is not collected for long: a window then lasts until it is.
func TestWindowsWaitForCollections(t *testing.T) {
	all := seconds(leaks(flat(40), 2, 0))
	for i := range all {
		all[i].at *= 120
	}
	_, got := alarms(16*second, all)
	if want := []Growth{{22 * mb, 66 * mb, 22 * time.Minute, 16}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What grows on gives an alarm each time that twice as much is live; what falls
// back and grows again gives none.
func TestAlarmsAreRare(t *testing.T) {
	at, _ := alarms(16*second, series(1, leaks(flat(40), 2, 0), 0, 20, 4*time.Minute))
	// The first one is due when the windows are over, with 40 + 2·13 MB. Twice that
	// are 132 MB, at 46 s, and twice that 264 MB, at 112 s; by then it takes windows of
	// 4 s to see a growth of a quarter, so each comes some windows later.
	if len(at) != 3 || at[0] < 16*second || at[0] > 18*second || at[1] < 46*second || at[1] > 70*second || at[2] < 112*second || at[2] > 3*time.Minute {
		t.Errorf("a leak gave alarm at %v", at)
	}
	at, _ = alarms(16*second, series(1, saws(40, 80, time.Minute), 0, 20, time.Hour))
	if len(at) != 1 || at[0] > time.Minute {
		t.Errorf("60 times up and down gave alarm at %v", at)
	}
}

// Noise within 1/9 of its middle can't make the growth of a quarter: it gives no
// alarm, whatever its shape, its pace and the watch's span.
func TestBoundedNoiseIsNeverGrowth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		middle := rapid.Int64Range(1*mb, 4096*mb).Draw(t, "middle")
		w := New(time.Duration(rapid.IntRange(1, 120).Draw(t, "span")) * second)
		var at time.Duration
		for _, draw := range rapid.SliceOfN(rapid.Int64Range(-1000, 1000), 100, 400).Draw(t, "noise") {
			at += time.Duration(rapid.IntRange(1, 5000).Draw(t, "pause")) * time.Millisecond
			if g, alarm := w.Add(at, middle+middle/9*draw/1000-1); alarm {
				t.Fatalf("alarm at %v: %+v", at, g)
			}
		}
	})
}

// Queues that are emptied within a window give no alarm, however long they get.
func TestBurstsAreNoGrowth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.Float64Range(5, 500).Draw(t, "level")
		by := rapid.Float64Range(0, 10).Draw(t, "bursts") * level
		period := time.Duration(rapid.IntRange(50, 1000).Draw(t, "period")) * time.Millisecond
		if at, _ := alarms(20*second, series(rapid.Uint64().Draw(t, "seed"), saws(level, by, period), 0.02*level, 40, 5*time.Minute)); len(at) > 0 {
			t.Fatalf("alarm at %v", at)
		}
	})
}

// A leak that adds a tenth to the heap within the span is found before it has
// made it four times as large, or 48 MB larger.
func TestLeaksAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.Float64Range(10, 500).Draw(t, "level")
		perSpan := rapid.Float64Range(0.1, 3).Draw(t, "leak") * level
		noise := rapid.Float64Range(0, 0.05).Draw(t, "noise") * level
		span := 20 * second
		began := time.Duration(rapid.IntRange(0, 300).Draw(t, "began")) * second
		within := time.Duration(3 * max(1, level/perSpan, 16/perSpan) * float64(span))
		p := leaks(flat(level), perSpan/span.Seconds(), began)
		at, _ := alarms(span, series(rapid.Uint64().Draw(t, "seed"), p, noise, 5, began+within))
		if len(at) == 0 || at[0] < began {
			t.Fatalf("the leak began at %v, to be found within %v; alarms at %v", began, within, at)
		}
	})
}

// Both rules on the same days of a server, of which none leaks: what is stated of
// false alarms.
func TestFalseAlarms(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	day, span := 24*time.Hour, time.Minute
	for i, c := range []struct {
		name      string
		p         process
		noise     float64
		perSecond float64
		most      int // alarms in a day
	}{
		{"still", flat(40), 1, 5, 0},
		{"noisy", flat(40), 12, 5, 0},
		{"very noisy, and rarely collected", flat(40), 20, 0.2, 0},
		{"warms up within 40 s", warms(10, 50, 20*second), 2, 5, 0},
		{"fills its logs", fills(4, 5.5, 164*second), 0.2, 5, 0},
		{"fills a cache within 20 s", fills(10, 50, 20*second), 2, 5, 0},
		{"bursts every 5 s", saws(40, 80, 5*second), 2, 5, 0},
		{"busy and quiet within a minute", swings(60, 30, time.Minute), 2, 5, 0},
		// What grows for longer than the span is growth at first, and once.
		{"warms up within minutes", warms(10, 50, 2*time.Minute), 2, 5, 2},
		{"busy and quiet within the hour", swings(60, 30, time.Hour), 2, 5, 1},
		{"busy and quiet within the day", swings(60, 30, day), 2, 5, 1},
	} {
		all := series(uint64(i), c.p, c.noise, c.perSecond, day)
		at, _ := alarms(span, all)
		fives := naive(all)
		t.Logf("%-34s %6d collections, five in a row %5d times; alarms: %d %v", c.name, len(all), fives, len(at), at)
		if len(at) > c.most {
			t.Errorf("%s: %d alarms in a day, at most %d are expected", c.name, len(at), c.most)
		}
		if c.perSecond >= 1 && fives < 100 {
			t.Errorf("%s: five in a row came %d times only, so that the comparison says nothing", c.name, fives)
		}
	}
}

// Two series of the reference server itself. In busy.txt its load goes up from 100
// to 400 requests a second within a minute, while its caches and logs fill: all of
// it growth by 8 MB that ends. In leak.txt 200 requests a second leak 32 KiB each,
// beside others that allocate 100 MB a second.
func TestRealSeries(t *testing.T) {
	busy, leaking := recorded(t, "busy.txt"), recorded(t, "leak.txt")
	for _, span := range []time.Duration{time.Second, 5 * second, 20 * second, time.Minute} {
		if at, g := alarms(span, busy); len(at) > 0 {
			t.Errorf("busy, a span of %v: alarm at %v, %v", span, at, g)
		}
	}
	if fives := naive(busy); fives != 4 {
		t.Errorf("busy: five in a row %d times, want 4", fives)
	}
	if at, g := alarms(second, leaking); len(at) != 1 || g[0].Grown < leastGrown {
		t.Errorf("leaking: alarms at %v, %v", at, g)
	}
}

// recorded reads a series: in each line the milliseconds and what was live, in KiB.
func recorded(t *testing.T, name string) []reading {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var all []reading
	for line := range strings.Lines(string(text)) {
		var at, live int64
		if _, err := fmt.Sscan(line, &at, &live); err != nil {
			t.Fatalf("%s: %q: %v", name, line, err)
		}
		all = append(all, reading{time.Duration(at) * time.Millisecond, live << 10})
	}
	return all
}
