//go:build unix

package target_test

import (
	"os/exec"
	"syscall"
	"time"
)

// leaveGroup makes the command leave the process group and session.
func leaveGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// burn uses so much processor time.
func burn(amount time.Duration) {
	for from := used(); used()-from < amount; {
	}
}

func used() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
