package target

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// lastCall accepts who has connected by now, and lets nobody connect any more: the
// kernel resets those whom the listener's end finds waiting.
func lastCall(l *net.TCPListener) (waiting []*net.TCPConn) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil
	}
	var accepted []int
	raw.Control(func(fd uintptr) {
		dropNew(int(fd))
		accepted = acceptWaiting(int(fd))
		unix.Shutdown(int(fd), unix.SHUT_RD) // at once, in case that new ones could not be dropped
	})
	for _, fd := range accepted {
		file := os.NewFile(uintptr(fd), "client")
		if c, err := net.FileConn(file); err == nil {
			waiting = append(waiting, c.(*net.TCPConn))
		}
		file.Close()
	}
	return waiting
}

// dropNew lets the kernel drop the first packet of every new connection. Its client
// sends it again a second later, and is refused then.
func dropNew(listener int) {
	const (
		flags      = 13 // where they are in TCP's header
		syn, ack   = 0x02, 0x10
		drop, keep = 0, 0xffffffff
	)
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flags},
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: syn | ack},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: syn, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: drop},
		{Code: unix.BPF_RET | unix.BPF_K, K: keep},
	}
	unix.SetsockoptSockFprog(listener, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
}

// acceptWaiting accepts until nobody waits.
func acceptWaiting(listener int) (clients []int) {
	for {
		client, _, err := unix.Accept4(listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			clients = append(clients, client)
		case unix.EINTR, unix.ECONNABORTED:
		default:
			return clients
		}
	}
}
