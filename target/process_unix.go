//go:build unix

package target

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the command into a process group of its own, so that a Ctrl-C
// on the terminal reaches looptest alone, and the whole group can be ended.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func terminate(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
