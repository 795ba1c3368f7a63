package listener

import (
	"errors"
	"net"
	"sync"
)

// Movable is a server that can move to another address, be closed and opened. Set the
// functions before it is used. It is safe for concurrent use.
type Movable struct {
	Listen func(addr string) (net.Listener, error)
	Serve  func(net.Listener) *Server

	moving sync.Mutex // one change at a time
	mu     sync.Mutex
	addr   string
	open   *Server // nil while it is closed
	ended  bool
}

// Addr returns where it listens, while it is closed where it did.
func (m *Movable) Addr() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.addr
}

// Move listens on another address, and closes the old one with all its connections. If it
// cannot listen there it stays as it is.
func (m *Movable) Move(addr string) error {
	m.moving.Lock()
	defer m.moving.Unlock()
	return m.move(addr)
}

func (m *Movable) move(addr string) error {
	ln, err := m.Listen(addr)
	if err != nil {
		return err
	}
	m.mu.Lock()
	if m.ended {
		m.mu.Unlock()
		ln.Close()
		return errors.New("clienttest: the server is closed")
	}
	old := m.open
	m.addr, m.open = ln.Addr().String(), m.Serve(ln)
	m.mu.Unlock()
	if old != nil {
		old.Close()
	}
	return nil
}

// Open listens again where it did, unless it is open.
func (m *Movable) Open() error {
	m.moving.Lock()
	defer m.moving.Unlock()
	m.mu.Lock()
	open, addr := m.open, m.addr
	m.mu.Unlock()
	if open != nil {
		return nil
	}
	return m.move(addr)
}

// Close stops listening and closes all connections. With forGood it cannot be opened
// again. It is idempotent.
func (m *Movable) Close(forGood bool) {
	m.mu.Lock()
	m.ended = m.ended || forGood // also for a Move that is under way
	m.mu.Unlock()
	m.moving.Lock()
	defer m.moving.Unlock()
	m.mu.Lock()
	old := m.open
	m.open = nil
	m.mu.Unlock()
	if old != nil {
		old.Close()
	}
}
