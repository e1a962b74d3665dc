//go:build unix

package attack

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// alive reports whether the other side has left the connection open. A target
// that went away and came back leaves dead ones.
func alive(conn net.Conn) bool {
	with, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := with.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(fd uintptr) bool {
		var peeked [1]byte
		n, _, err := unix.Recvfrom(int(fd), peeked[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		open = n > 0 || err == unix.EAGAIN || err == unix.EINTR
		return true // whatever came: waiting is not wanted
	})
	return err == nil && open
}
