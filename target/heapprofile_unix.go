//go:build unix

package target

import (
	"os"
	"os/signal"
	"syscall"
)

const asksForProfiles = true

// profileSignals gives the signals that ask for a profile.
func profileSignals() (asked <-chan os.Signal, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR2)
	return signals, func() { signal.Stop(signals) }
}
