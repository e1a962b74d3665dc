package reports

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// inWords writes nanoseconds in the unit that suits them, as exactly as they
// are given: microseconds below 0.1 ms, milliseconds below 1 s, or seconds.
func inWords(ns float64) string {
	unit := unitOf(ns)
	if ns == 0 {
		unit = milliseconds
	}
	return unit.write(ns)
}

// unit is a unit of time and its length in nanoseconds.
type unit struct {
	name string
	ns   float64
}

var (
	microseconds = unit{"µs", 1e3}
	milliseconds = unit{"ms", 1e6}
	seconds      = unit{"s", 1e9}
)

func unitOf(ns float64) unit {
	switch ns = math.Abs(ns); {
	case ns >= 1e9:
		return seconds
	case ns >= 1e5:
		return milliseconds
	}
	return microseconds
}

func (u unit) write(ns float64) string {
	// Ten digits hide what binary fractions leave behind, as in 0.30000000000000004.
	return strconv.FormatFloat(significant(ns/u.ns, 10), 'f', -1, 64) + " " + u.name
}

// significant rounds v to that many digits.
func significant(v float64, digits int) float64 {
	if v == 0 {
		return 0
	}
	power := digits - 1 - int(math.Floor(math.Log10(math.Abs(v))))
	if power < 0 {
		step := math.Pow10(-power)
		return math.Round(v/step) * step
	}
	step := math.Pow10(power)
	return math.Round(v*step) / step
}

// thousands writes a number with its thousands apart: "12,000".
func thousands(n int) string {
	s := strconv.Itoa(n)
	var b strings.Builder
	for i, r := range s {
		if left := len(s) - i; i > 0 && left%3 == 0 && s[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// nonEmpty gives the parts that aren't empty.
func nonEmpty(parts []string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}
