//go:build !unix

package target

import "os/exec"

func ownGroup(*exec.Cmd) {}

// terminate does nothing here: closing standard input ends the server.
func terminate(*exec.Cmd) {}

func kill(cmd *exec.Cmd) { cmd.Process.Kill() }
