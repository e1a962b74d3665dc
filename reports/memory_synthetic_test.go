package reports

import (
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

const mib = mebibyte

// remembering makes a run of 3 s of a server that was read every 20 ms.
func remembering(arm string, look attack.Look, block int, reading func(at time.Duration) (heap, resident int64)) attack.Run {
	r := synthetic{arm: arm, look: look, bare: true}.run(block)
	r.Target = &target.Usage{}
	for at := 7 * ms; at < 3*time.Second; at += 20 * ms {
		heap, resident := reading(at)
		r.Target.Memory = append(r.Target.Memory, target.MemoryReading{At: at, Heap: heap, Resident: resident})
	}
	return r
}

// saw is a heap that grows by so much a second and is collected at most.
func saw(at time.Duration, least, most, second int64) int64 {
	return least + int64(at.Seconds()*float64(second))%(most-least)
}

// memoryRuns are five blocks of a server that sends a large body whole, in pieces,
// and not at all; later blocks hold more.
func memoryRuns() []attack.Run {
	var runs []attack.Run
	for block := range 5 {
		more := int64(block) * 4 * mib
		runs = append(runs,
			remembering("whole body", attack.LookBlock, block, func(at time.Duration) (heap, resident int64) {
				held := min(400*mib, 60*mib+int64(at.Seconds()*300*mib))
				return saw(at, held/3, held, 900*mib), held + more
			}),
			remembering("in pieces", attack.LookChunk, block, func(at time.Duration) (heap, resident int64) {
				return saw(at, 12*mib, 30*mib, 200*mib), min(58*mib, 46*mib+int64(at.Seconds()*20*mib)) + more
			}),
			remembering("nothing asked for", attack.LookIdle, block, func(at time.Duration) (heap, resident int64) {
				return saw(at, 4*mib, 8*mib, 3*mib), 42*mib + more
			}))
	}
	return runs
}
