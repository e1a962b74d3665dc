package analysis

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Human writes a duration for a sentence or a table: in ms with one to three
// significant digits, in seconds from a second up, in µs under 10 µs.
func Human(d time.Duration) string {
	if d > -10*time.Microsecond && d < 10*time.Microsecond && d != 0 {
		return Digits(float64(d)/float64(time.Microsecond)) + " µs"
	}
	if ms := float64(d) / float64(time.Millisecond); math.Abs(ms) < 999.5 {
		return Digits(ms) + " ms"
	}
	return Digits(d.Seconds()) + " s"
}

// Digits writes a number with two decimals under 1, one under 10 and none from
// 10 up.
func Digits(v float64) string {
	switch a := math.Abs(v); {
	case a < 0.995:
		return fmt.Sprintf("%.2f", v)
	case a < 9.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// Bytes writes a size with three digits in the unit that suits it: "48.2 MiB".
func Bytes(v float64) string {
	unit := "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if math.Abs(v) < 999.5 {
			break
		}
		v, unit = v/1024, next
	}
	decimals := 0
	for limit := 99.95; decimals < 2 && math.Abs(v) < limit; limit /= 10 {
		decimals++
	}
	step := math.Pow10(decimals)
	return strconv.FormatFloat(math.Round(v*step)/step, 'f', -1, 64) + " " + unit
}

// Times writes a ratio: "65×", "1.9×", "1.04×".
func Times(ratio float64) string {
	if math.Abs(ratio-1) < 0.2 {
		return fmt.Sprintf("%.2f×", ratio)
	}
	return Digits(ratio) + "×"
}

// TimesWithin writes a ratio with its interval: "65× (58–71×)".
func TimesWithin(e Estimate) string {
	low, high := Times(e.Low), Times(e.High)
	return fmt.Sprintf("%s (%s–%s)", Times(e.Value), low[:len(low)-len("×")], high)
}

// Count writes a number of things: "1 block", "6 blocks".
func Count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
