package growth

import (
	"math"
	"math/rand/v2"
	"time"
)

const mb = 1 << 20

// reading is what was live after a collection.
type reading struct {
	at   time.Duration
	live int64
}

// process is what a program holds at a moment, in MB, noise apart.
type process func(t time.Duration) float64

func flat(level float64) process { return func(time.Duration) float64 { return level } }

// leaks adds so many MB a second from some moment on.
func leaks(p process, perSecond float64, from time.Duration) process {
	return func(t time.Duration) float64 { return p(t) + perSecond*max(0, (t-from).Seconds()) }
}

// warms rises by so many MB with a time constant, as caches that fill.
func warms(level, by float64, constant time.Duration) process {
	return func(t time.Duration) float64 { return level + by*(1-math.Exp(-t.Seconds()/constant.Seconds())) }
}

// fills rises by so many MB in a straight line and stays there, as a log that
// keeps the newest.
func fills(level, by float64, within time.Duration) process {
	return func(t time.Duration) float64 { return level + by*min(1, t.Seconds()/within.Seconds()) }
}

// saws rises by so many MB and falls back, again and again, as a queue under
// bursts of load.
func saws(level, by float64, every time.Duration) process {
	return func(t time.Duration) float64 { return level + by*float64(t%every)/float64(every) }
}

// swings goes up and down by so many MB.
func swings(level, by float64, every time.Duration) process {
	return func(t time.Duration) float64 { return level + by*math.Sin(2*math.Pi*t.Seconds()/every.Seconds()) }
}

// series is a process as its collections show it: they come at random, so many a
// second, and each sees the process with noise, a share of it, of which the part
// that memory is made of (a request in flight) passes within a collection or two.
func series(seed uint64, p process, noise, perSecond float64, lasts time.Duration) []reading {
	r := rand.New(rand.NewPCG(seed, 1))
	var all []reading
	for at := time.Duration(0); at < lasts; {
		at += time.Duration(r.ExpFloat64() / perSecond * float64(time.Second))
		all = append(all, reading{at, int64(mb * max(1, p(at)+noise*r.NormFloat64()))})
	}
	return all
}

// alarms gives what a watch says of the readings, and when.
func alarms(span time.Duration, all []reading) (at []time.Duration, growths []Growth) {
	w := New(span)
	for _, r := range all {
		if g, alarm := w.Add(r.at, r.live); alarm {
			at, growths = append(at, r.at), append(growths, g)
		}
	}
	return at, growths
}

// naive counts the alarms of node-memwatch's rule: five collections in a row,
// each of which leaves more than the one before. It counts anew after an alarm.
func naive(all []reading) (n int) {
	rising := 0
	for i := range all {
		if i == 0 || all[i].live <= all[i-1].live {
			rising = 0
			continue
		}
		if rising++; rising == 5 {
			n++
			rising = 0
		}
	}
	return n
}
