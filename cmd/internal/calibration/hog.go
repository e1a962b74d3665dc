package calibration

import (
	"io"
	"os"
	"os/exec"
)

// HogArg makes this program the hog.
const HogArg = "-hog"

// StartHog keeps a core busy with a process of its own, which shares nothing with
// the generator's, until it is released.
func StartHog() (release func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, HogArg)
	stdin, err := cmd.StdinPipe() // closed when we die: the hog then ends too
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		stdin.Close()
		cmd.Wait()
	}, nil
}

// Hog keeps a core busy until standard input ends.
func Hog() {
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	for n := 0; ; n++ {
		if n%1_000_000 == 0 {
			select {
			case <-ended:
				return
			default:
			}
		}
	}
}
