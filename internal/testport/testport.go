// Package testport hands out TCP ports on loopback to tests, each one once.
//
// A test whose server is killed, or refuses for a while, leaves its port free, and a
// client that knows it goes on dialing. With a port that the system chose, another
// test's server may have it by then, or an outgoing connection of anybody. A port of
// [Take] is below those that systems choose by themselves. Nobody else who asks here
// gets it while this process lives, in whatever process.
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

// taken are the UDP ports with the numbers of what has been handed out. Two processes
// cannot have the same one, and need not listen on it: so it says who has the TCP port,
// also while nobody listens there.
var taken struct {
	sync.Mutex
	claims []net.PacketConn
}

// Take returns the 127.0.0.1:port of a port that nobody listens on.
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
	if err != nil { // somebody who does not ask here
		_ = claim.Close()
		return "", err
	}
	taken.Lock()
	defer taken.Unlock()
	taken.claims = append(taken.claims, claim)
	return addr, ln.Close()
}
