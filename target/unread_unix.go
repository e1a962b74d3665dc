//go:build unix

package target

import (
	"net"

	"golang.org/x/sys/unix"
)

// hasUnread reports whether the kernel holds something that the client has sent.
// It asks beside the goroutine that reads, which holds the reader's lock.
func hasUnread(c *net.TCPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	var n int
	raw.Control(func(fd uintptr) {
		var peeked [1]byte
		n, _, _ = unix.Recvfrom(int(fd), peeked[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return n > 0
}
