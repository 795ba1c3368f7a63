package fakeredis

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/pipenet"
)

var errRefused = errors.New("fakeredis: connection refused")

// Link is the network between one process and the server. Its faults are those of all its
// connections. Make it with [Server.Link].
type Link struct {
	server *Server
	client int

	mu     sync.Mutex
	moved  *sync.Cond
	down   bool
	frozen bool
	delay  time.Duration // of each direction
	lose   int           // so many answers get lost
	double int           // so many come twice
	ahead  time.Duration // of the client's clock
	conns  map[*conn]struct{}
}

// Link returns the network of a client: the number that its writes are known by.
func (s *Server) Link(client int) *Link {
	l := &Link{server: s, client: client, conns: make(map[*conn]struct{})}
	l.moved = sync.NewCond(&l.mu)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links = append(s.links, l)
	return l
}

// Dial connects.
func (l *Link) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errRefused
	}
	near, far := pipenet.Pair()
	c := l.server.accept(far, l)
	if c == nil {
		_ = near.Close()
		return nil, errRefused
	}
	l.conns[c] = struct{}{}
	return near, ctx.Err()
}

// Cut ends all connections.
func (l *Link) Cut() {
	l.mu.Lock()
	conns := l.conns
	l.conns = make(map[*conn]struct{})
	l.mu.Unlock()
	for c := range conns {
		c.end()
	}
}

// SetDown refuses connections from now on, and cuts those that there are, or ends that.
func (l *Link) SetDown(down bool) {
	l.mu.Lock()
	l.down = down
	l.mu.Unlock()
	if down {
		l.Cut()
		l.SetFrozen(false)
	}
}

// SetFrozen lets nothing through from now on, or what has waited: what was sent before is
// carried out then, whoever has given up on it.
func (l *Link) SetFrozen(frozen bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frozen = frozen
	l.moved.Broadcast()
}

// SetDelay makes what goes through take that long in each direction.
func (l *Link) SetDelay(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = d
}

// Lose has the next n commands carried out, and their connections cut before the answer.
func (l *Link) Lose(n int) { l.strike(n, 0) }

// Double has the next n answers sent twice.
func (l *Link) Double(n int) { l.strike(0, n) }

func (l *Link) strike(lose, double int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lose, l.double = lose, double
}

// Heal ends all faults.
func (l *Link) Heal() {
	l.SetDown(false)
	l.SetFrozen(false)
	l.SetDelay(0)
	l.strike(0, 0)
}

// passes waits until something may go through.
func (l *Link) passes() {
	l.mu.Lock()
	delay := l.delay
	l.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.frozen {
		l.moved.Wait()
	}
}

// arrived waits until a command has come through, and says what becomes of its answer.
func (l *Link) arrived() (lost, twice, open bool) {
	l.passes()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.lose > 0:
		l.lose--
		lost = true
	case l.double > 0:
		l.double--
		twice = true
	}
	return lost, twice, !l.down
}

// leaves waits until an answer or a push may go through.
func (l *Link) leaves() { l.passes() }
