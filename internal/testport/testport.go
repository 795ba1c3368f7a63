// Package testport hands out TCP ports on loopback to tests, each one once.
//
// A test whose server is killed, or refuses for a while, leaves its port free, and a
// client that knows it goes on dialing. A port that the system chose may then be in use
// by the server of another test, or by an outgoing connection of any process. A port of
// [Take] is below those that systems choose by themselves. [Take] returns it to no other
// process while this one lives.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the other test
// kits.
package testport

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// Linux chooses from 32,768 on by itself, others from 49,152 on.
const (
	first = 20_000
	last  = 32_000

	tries = 100
)

// taken has a UDP socket for each port that Take has returned. Two processes cannot bind the
// same one. So it marks the TCP port as taken, also while no server listens there.
var taken struct {
	sync.Mutex
	claims []net.PacketConn
}

// Take returns the 127.0.0.1:port of a free port.
func Take() (addr string, err error) {
	for range tries {
		if addr, err = try(first + rand.IntN(last-first)); err == nil {
			return addr, nil
		}
	}
	return "", err
}

func try(port int) (string, error) {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	claim, err := net.ListenPacket("udp4", addr)
	if err != nil {
		return "", err
	}
	ln, err := net.Listen("tcp4", addr)
	if err != nil { // taken by a process that does not use Take
		_ = claim.Close()
		return "", err
	}
	taken.Lock()
	defer taken.Unlock()
	taken.claims = append(taken.claims, claim)
	return addr, ln.Close()
}
