package target

import (
	"syscall"
	"time"
)

// lateness is what the kernel adds to a short sleep.
const lateness = 70 * time.Microsecond

// nap sleeps until shortly before the moment, in the kernel: the runtime's sleep
// rounds to a millisecond.
func nap(moment time.Time) {
	if left := time.Until(moment) - lateness; left > 0 {
		pause := syscall.NsecToTimespec(int64(left))
		syscall.Nanosleep(&pause, nil) // a signal only makes it shorter
	}
}
