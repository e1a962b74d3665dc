//go:build !unix

package attack

import "net"

// alive can't be told without reading here.
func alive(net.Conn) bool { return true }
