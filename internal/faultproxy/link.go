package faultproxy

import (
	"bufio"
	"net"
	"sync"
	"time"
)

const dialTimeout = 10 * time.Second

// link is the connection of one client, and the one to the server that goes with it.
type link struct {
	p      *Proxy
	client *net.TCPConn
	done   chan struct{} // closed when the link has ended

	// Of the transaction that the client is in, if it is in one: the answer to its
	// commands, "" if the server has them. For commands alone.
	inTx bool
	tx   string

	mu     sync.Mutex // not held while anything is waited for
	server net.Conn   // nil until a command is passed on
	mute   bool       // for ever
	owed   int        // replies that the server has not sent yet; below zero for a RESP2 subscriber
	paid   chan struct{}
	ended  bool
}

func newLink(p *Proxy, client *net.TCPConn) *link {
	return &link{p: p, client: client, done: make(chan struct{}), paid: make(chan struct{})}
}

// end resets the client's connection and closes the server's.
func (l *link) end() {
	l.mu.Lock()
	first, server := !l.ended, l.server
	l.ended = true
	l.mu.Unlock()
	if !first {
		return
	}
	close(l.done)
	_ = l.client.SetLinger(0) // a reset, not an orderly end
	_ = l.client.Close()
	if server != nil {
		_ = server.Close()
	}
	l.p.forget(l)
}

// commands takes what the client says until it goes.
func (l *link) commands() {
	defer l.end()
	in := bufio.NewReader(l.client)
	var came time.Time
	for {
		if in.Buffered() == 0 { // else it came together with the last one
			if _, err := in.Peek(1); err != nil {
				return
			}
			came = time.Now()
		}
		raw, name, err := readCommand(in)
		if err != nil {
			return
		}
		l.p.count(func(s *Stats) { s.Commands[name]++ })
		if !l.command(raw, name, l.fault(came)) {
			return
		}
	}
}

// fault returns the fault that a command meets, after the delay that it prescribes.
func (l *link) fault(came time.Time) Fault {
	for {
		f, changed := l.p.now()
		left := f.Delay - time.Since(came)
		if left <= 0 || l.ending() {
			return f
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-changed:
		case <-l.done:
		}
		timer.Stop()
	}
}

func (l *link) ending() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// command does what becomes of a command, and reports whether more may come.
func (l *link) command(raw []byte, name string, f Fault) bool {
	if l.muted(f.Mute) {
		return true
	}
	answer := f.Answer
	if f.Reset || f.Half || aboutTheConnection[name] {
		answer = ""
	}
	switch {
	case l.inTx:
		answer = l.tx
	case name == "MULTI":
		l.inTx, l.tx = true, answer
	}
	if name == "EXEC" || name == "DISCARD" {
		l.inTx = false
	}
	if answer == "" {
		return l.pass(raw)
	}
	switch name {
	case "MULTI", "DISCARD":
		answer = "+OK"
	case "EXEC":
		answer = "-EXECABORT Transaction discarded because of previous errors."
	}
	return l.settle() && l.send([]byte(answer+"\r\n"))
}

// aboutTheConnection are commands that a server takes whatever state it is in.
var aboutTheConnection = map[string]bool{"HELLO": true, "AUTH": true, "SELECT": true, "CLIENT": true}

// pass gives a command to the server.
func (l *link) pass(raw []byte) bool {
	l.mu.Lock()
	server := l.server
	l.owed++
	l.mu.Unlock()
	if server == nil {
		if server = l.dial(); server == nil {
			return false
		}
	}
	_, err := server.Write(raw)
	return err == nil
}

// dial connects to the server; nil if that cannot be done.
func (l *link) dial() net.Conn {
	server, err := net.DialTimeout("tcp", l.p.upstream, dialTimeout)
	if err != nil {
		return nil
	}
	l.mu.Lock()
	l.server = server
	ended := l.ended
	l.mu.Unlock()
	if ended || !l.p.run(func() { l.replies(server) }) {
		_ = server.Close()
		return nil
	}
	return server
}

// replies takes what the server says until one of the two goes.
func (l *link) replies(server net.Conn) {
	defer l.end()
	in := bufio.NewReader(server)
	for {
		raw, push, err := readReply(in)
		if err != nil {
			return
		}
		f, _ := l.p.now()
		switch {
		case l.muted(f.Mute):
		case f.Reset:
			_ = l.send(raw[:len(raw)/2])
			return
		case f.Half:
			_ = l.send(raw[:len(raw)/2])
			l.muted(true)
		case !l.send(raw):
			return
		case !push:
			l.p.count(func(s *Stats) { s.Replies++ })
		}
		if !push {
			l.pay()
		}
	}
}

// muted reports whether nothing goes over the link any more, from now on if so.
func (l *link) muted(now bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute = l.mute || now
	return l.mute
}

func (l *link) pay() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed--
	close(l.paid)
	l.paid = make(chan struct{})
}

// settle waits until the server has answered everything, so that an answer of ours
// comes in its turn.
func (l *link) settle() bool {
	for {
		l.mu.Lock()
		owed, paid := l.owed, l.paid
		l.mu.Unlock()
		if owed <= 0 {
			return true
		}
		select {
		case <-paid:
		case <-l.done:
			return false
		}
	}
}

func (l *link) send(b []byte) bool {
	_, err := l.client.Write(b)
	return err == nil
}
