//go:build !linux

package target

import "net"

// lastCall can't be done in one go here: who connects in the very moment in which
// the listener is closed is reset.
func lastCall(*net.TCPListener) []*net.TCPConn { return nil }
