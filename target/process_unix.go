//go:build unix

package target

import (
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup puts the command into a process group of its own, so that a Ctrl-C
// on the terminal reaches looptest alone, and the whole group can be ended.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func terminate(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// guardScript ends the group $1 when its standard input ends: when looptest is
// no more, however it ended.
const guardScript = `trap '' HUP INT TERM; read -r _; kill -s TERM -- "-$1"; sleep 1; kill -s KILL -- "-$1"`

// guardGroup sees to it that the process group does not outlive looptest, even
// when looptest is killed. (The kernel's parent-death signal would reach the
// group's leader alone, and when a thread of ours ends.) Without a shell on the
// system there is no guard.
func guardGroup(group int) (release func()) {
	cmd := exec.Command("/bin/sh", "-c", guardScript, "looptest-guard", strconv.Itoa(group))
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	ownGroup(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return func() {}
	}
	if cmd.Start() != nil {
		stdin.Close()
		return func() {}
	}
	return func() {
		kill(cmd)
		cmd.Wait()
	}
}
