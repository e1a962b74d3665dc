//go:build linux

package attack

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// sleeper waits on a timerfd through the runtime's poller: the kernel's timer
// is exact to some ten microseconds where the runtime's rounds to a millisecond.
type sleeper struct {
	fd      int
	file    *os.File
	release func() bool
}

// newSleeper makes a sleeper that the context's end wakes for good.
func newSleeper(ctx context.Context) (*sleeper, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("a timer for pacing can't be made: %w", err)
	}
	s := &sleeper{fd: fd, file: os.NewFile(uintptr(fd), "timerfd")}
	s.release = context.AfterFunc(ctx, func() { s.file.SetReadDeadline(time.Unix(1, 0)) })
	return s, nil
}

func (s *sleeper) close() {
	s.release()
	s.file.Close()
}

// shortestWait saves timers where requests are due closer together: the next
// ones then leave together, late by that at most.
const shortestWait = 50 * time.Microsecond

// until waits for the moment, or until the context is done.
func (s *sleeper) until(_ context.Context, moment time.Time) {
	wait := time.Until(moment)
	if wait <= 0 {
		return
	}
	wait = max(wait, shortestWait)
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(wait))}
	if unix.TimerfdSettime(s.fd, 0, &spec, nil) != nil {
		time.Sleep(wait)
		return
	}
	var expirations [8]byte
	s.file.Read(expirations[:])
}
