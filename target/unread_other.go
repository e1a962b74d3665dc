//go:build !unix

package target

import "net"

// hasUnread can't be told here.
func hasUnread(*net.TCPConn) bool { return false }
