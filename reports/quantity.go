package reports

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
)

// quantity is what a panel of curves measures, by the unit of its values, which
// says how they are placed and written.
type quantity string

const (
	inMilliseconds quantity = "ms"
	inPercent      quantity = "%" // of change: written with its sign
	inShare        quantity = "% of all"
	inBytes        quantity = "bytes"
)

const mebibyte = 1 << 20

// scaled gives a value as axes count it: times in nanoseconds, sizes in MiB.
func (q quantity) scaled(v float64) float64 {
	switch q {
	case inMilliseconds:
		return v * milliseconds.ns
	case inBytes:
		return v / mebibyte
	}
	return v
}

// write writes a scaled value for a label: "6.3 ms", "+4.1 %", "54 jobs/s".
func (q quantity) write(v float64) string {
	switch {
	case q == inMilliseconds && math.Abs(v) >= 1e5:
		return minus(analysis.Human(time.Duration(v)))
	case q == inMilliseconds: // Human tells nothing of microseconds
		return minus(inWords(significant(v, 2)))
	case q == inPercent:
		return minus(plus(v) + digits(v) + " %")
	case q == inShare:
		return minus(digits(v) + " %")
	case q == inBytes:
		return minus(analysis.Bytes(v * mebibyte))
	}
	return minus(strings.TrimSpace(digits(v) + " " + string(q)))
}

// digits writes a plain number with two or three digits, or its thousands apart.
func digits(v float64) string {
	if v == 0 || math.Abs(v) >= 999.5 {
		return number(math.Round(v))
	}
	return analysis.Digits(v)
}

// tick writes a scaled value for a log axis, as exactly as it is given.
func (q quantity) tick(v float64) string {
	switch q {
	case inMilliseconds:
		return minus(inWords(v))
	case inPercent:
		return minus(plus(v) + number(v) + " %")
	case inShare:
		return minus(number(v) + " %")
	case inBytes:
		return minus(number(v) + " MiB")
	}
	return minus(number(v))
}

// linear is a linear axis; its times are all in one unit.
func (q quantity) linear(low, high float64, atMost int) scale {
	if q == inMilliseconds {
		unit := unitOf(max(-low, high))
		return linear(low, high, atMost, func(v float64) string { return minus(unit.write(v)) })
	}
	return linear(low, high, atMost, q.tick)
}

func plus(v float64) string {
	if v > 0 {
		return "+"
	}
	return ""
}

// minus writes a number's sign as long as its plus.
func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// number writes a plain number as exactly as it is given, its thousands apart.
func number(v float64) string {
	v = significant(v, 10)
	if whole := int(v); float64(whole) == v {
		return thousands(whole)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// placeable says whether an axis can hold a value: it is a number, and no
// larger than labels can tell.
func placeable(v float64) bool { return math.Abs(v) <= 1e12 }
