//go:build !unix

package target

import "time"

// cpuTime can't be read here.
func cpuTime() time.Duration { return 0 }
