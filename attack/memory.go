package attack

import "github.com/looptest/looptest/target"

// A run keeps so many readings of the target's memory at most.
const keptReadings = 500

// keptOfStretch is how many readings are kept of each stretch: those with the
// least and the most heap, and with the least and the most resident.
const keptOfStretch = 4

// thinned keeps of readings in the order of time the first, the last, and what
// is extreme in each of equal stretches: no peak is lost.
func thinned(readings []target.MemoryReading) []target.MemoryReading {
	n := len(readings)
	if n <= keptReadings {
		return readings
	}
	kept := make([]bool, n)
	kept[0], kept[n-1] = true, true
	const stretches = (keptReadings - 2) / keptOfStretch
	for i := range stretches {
		begins, ends := i*n/stretches, (i+1)*n/stretches
		for _, of := range []func(target.MemoryReading) int64{heapOf, residentOf} {
			least, most := begins, begins
			for k := begins + 1; k < ends; k++ {
				if of(readings[k]) < of(readings[least]) {
					least = k
				}
				if of(readings[k]) > of(readings[most]) {
					most = k
				}
			}
			kept[least], kept[most] = true, true
		}
	}
	var left []target.MemoryReading
	for i, r := range readings {
		if kept[i] {
			left = append(left, r)
		}
	}
	return left
}

func heapOf(r target.MemoryReading) int64     { return r.Heap }
func residentOf(r target.MemoryReading) int64 { return r.Resident }
