package target

import (
	"os"
	"runtime"
	"time"
)

// Unit is one step of the summing loop, in additions. A step is made to take
// about a microsecond, so that the same parameters mean about the same work on
// every machine.
type Unit int

// stepTakes is what a step is calibrated to.
const stepTakes = time.Microsecond

// Calibrate measures how many additions this machine does in a step. It takes
// the fastest of several short rounds, since other load can only make it slower.
func Calibrate() Unit {
	const rounds, additions = 7, 2_000_000
	fastest := time.Duration(1<<63 - 1)
	for range rounds {
		began := time.Now()
		total := sum(0, 0, additions)
		fastest = min(fastest, time.Since(began))
		runtime.KeepAlive(total) // the compiler must not drop the work
	}
	return max(1, Unit(int64(additions)*int64(stepTakes)/max(1, int64(fastest))))
}

// sum adds up the numbers from i to end, in floating point as JavaScript does.
func sum(total float64, i, end int64) float64 {
	for ; i < end; i++ {
		total += float64(i)
	}
	return total
}

// Cores is how many cores a server can use: what the container allows, whatever
// GOMAXPROCS says, since a server sets that for itself.
func Cores() int {
	if os.Getenv("GOMAXPROCS") != "" {
		return runtime.NumCPU()
	}
	return runtime.GOMAXPROCS(0)
}
