//go:build !unix

package attack_test

import "time"

func cpuTime() time.Duration { return 0 }
