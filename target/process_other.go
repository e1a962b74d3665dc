//go:build !unix

package target

import "os/exec"

func ownGroup(*exec.Cmd) {}

// terminate does nothing here: closing standard input ends the reference server,
// and a command is killed.
func terminate(*exec.Cmd) {}

func kill(cmd *exec.Cmd) { cmd.Process.Kill() }

// guardGroup can't be done here: what looptest started may outlive its being
// killed.
func guardGroup(int) (release func()) { return func() {} }
