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
	silent bool       // for ever
	ended  bool

	unanswered int           // commands that the server has not answered yet; below zero for a RESP2 subscriber
	answered   chan struct{} // closed and replaced at each reply
}

func newLink(p *Proxy, client *net.TCPConn) *link {
	return &link{p: p, client: client, done: make(chan struct{}), answered: make(chan struct{})}
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

// commands handles what the client sends until the link ends.
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

// fault returns the fault for a command, after its delay.
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

// command handles one command, and reports whether the link goes on.
func (l *link) command(raw []byte, name string, f Fault) bool {
	if l.isSilent(f.Silent) {
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
	return l.allAnswered() && l.send([]byte(answer+"\r\n"))
}

// aboutTheConnection are commands that a server carries out in any state.
var aboutTheConnection = map[string]bool{"HELLO": true, "AUTH": true, "SELECT": true, "CLIENT": true}

// pass sends a command to the server.
func (l *link) pass(raw []byte) bool {
	l.mu.Lock()
	server := l.server
	l.unanswered++
	l.mu.Unlock()
	if server == nil {
		if server = l.dial(); server == nil {
			return false
		}
	}
	_, err := server.Write(raw)
	return err == nil
}

// dial connects to the server, and returns nil if that fails.
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

// replies handles what the server sends until the link ends.
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
		case l.isSilent(f.Silent):
		case f.Reset:
			_ = l.send(raw[:len(raw)/2])
			return
		case f.Half:
			_ = l.send(raw[:len(raw)/2])
			l.isSilent(true)
		case !l.send(raw):
			return
		case !push:
			l.p.count(func(s *Stats) { s.Replies++ })
		}
		if !push {
			l.noteReply()
		}
	}
}

// isSilent reports whether nothing is passed on any more. now makes it so.
func (l *link) isSilent(now bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.silent = l.silent || now
	return l.silent
}

func (l *link) noteReply() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unanswered--
	close(l.answered)
	l.answered = make(chan struct{})
}

// allAnswered waits until the server has answered all commands, so that the answer of the
// proxy comes in order. It is false if the link ends first.
func (l *link) allAnswered() bool {
	for {
		l.mu.Lock()
		unanswered, answered := l.unanswered, l.answered
		l.mu.Unlock()
		if unanswered <= 0 {
			return true
		}
		select {
		case <-answered:
		case <-l.done:
			return false
		}
	}
}

func (l *link) send(b []byte) bool {
	_, err := l.client.Write(b)
	return err == nil
}
