package systemd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

const supported = true

// send sends one message to a datagram socket. If there is no place in its queue, it waits
// for one as long as patience, and then reports that it is full.
func send(addr, message string, patience time.Duration) (full bool, err error) {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: addr, Net: "unixgram"})
	if err != nil {
		return false, fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	defer conn.Close()
	if patience > 0 {
		_ = conn.SetWriteDeadline(time.Now().Add(patience))
		if _, err = conn.Write([]byte(message)); err != nil {
			return errors.Is(err, os.ErrDeadlineExceeded), fmt.Errorf("NOTIFY_SOCKET: %w", err)
		}
		return false, nil
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return false, fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	var sent error
	err = raw.Write(func(fd uintptr) bool { // the socket does not block
		_, sent = syscall.Write(int(fd), []byte(message))
		return true
	})
	if err = errors.Join(err, sent); err != nil {
		return errors.Is(sent, syscall.EAGAIN), fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	return false, nil
}
