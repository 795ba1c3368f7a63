package fakeredis

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// conn is one connection.
type conn struct {
	server *Server
	raw    net.Conn
	client int
	link   *Link

	// Guarded by Server.mu.
	db       int
	resp3    bool
	prefixes []string // that are pushed; nil for none
	queue    [][]string
	multi    bool
	broken   bool // a command of the transaction was refused
	watched  map[string]uint64

	mu   sync.Mutex
	wake *sync.Cond
	out  [][]byte
	over bool
}

// serve answers until the connection ends.
func (c *conn) serve() {
	defer c.end()
	in := bufio.NewReader(c.raw)
	for {
		args, err := command(in)
		if err != nil {
			return
		}
		lost, twice, open := c.link.arrived()
		if !open {
			return
		}
		ahead := c.link.Clock()
		r := read(c.server.do(c, written(args, ahead)), ahead)
		if lost {
			return
		}
		text := encode(nil, r, c.resp3)
		if twice {
			text = append(text, text...)
		}
		c.send(text)
	}
}

// send queues what is to be written. It does not wait.
func (c *conn) send(text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = append(c.out, text)
	c.wake.Signal()
}

// write writes what is queued, when the link lets it through.
func (c *conn) write() {
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.over {
			c.wake.Wait()
		}
		if c.over {
			c.mu.Unlock()
			return
		}
		next := c.out[0]
		c.out = c.out[1:]
		c.mu.Unlock()
		c.link.leaves()
		if _, err := c.raw.Write(next); err != nil {
			c.end()
		}
	}
}

// end closes the connection.
func (c *conn) end() {
	_ = c.raw.Close()
	c.server.forget(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	c.wake.Broadcast()
}

// command reads one.
func command(in *bufio.Reader) ([]string, error) {
	n, err := number(in, '*')
	if err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		size, err := number(in, '$')
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(in, text); err != nil {
			return nil, err
		}
		args[i] = string(text[:size])
	}
	if n == 0 {
		return nil, errProtocol
	}
	return args, nil
}

func number(in *bufio.Reader, kind byte) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimRight(line[1:], "\r\n"))
	if line[0] != kind || err != nil || n < 0 || n > 1<<20 {
		return 0, errProtocol
	}
	return n, nil
}
