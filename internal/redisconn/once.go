package redisconn

import (
	"net"
	"slices"
)

// Begin is called when a command begins, and [Dialer.End] when it has ended. With Config.Once nothing
// outlasts the last of them: go-redis finishes the dial of a command that has ended, and keeps the
// connection, whatever its limits are. Without any Begin a Dialer dials at any time.
func (d *Dialer) Begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commands++
	d.counted = true
}

// End ends the dials that are under way, and closes the connections that were not used, if no
// command is left.
func (d *Dialer) End() {
	d.mu.Lock()
	d.commands--
	if !d.unwanted() {
		d.mu.Unlock()
		return
	}
	for _, list := range d.dials {
		for _, a := range list {
			a.left = true
			a.end()
		}
	}
	unused := slices.DeleteFunc(d.fresh, func(c *conn) bool { return !c.unused() })
	d.fresh = nil
	for _, c := range unused {
		c.over.Store(true) // before the next command begins, which looks at it
	}
	d.mu.Unlock()
	for _, c := range unused {
		_ = c.Close()
	}
}

// unwanted reports whether there is no command to dial for. The mutex is held.
func (d *Dialer) unwanted() bool { return d.cfg.Once && d.counted && d.commands == 0 }

// handOut returns the connection of a for its caller.
func (d *Dialer) handOut(a *attempt) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.unwanted() {
		_ = a.conn.Close()
		return nil, a.notWanted()
	}
	if d.cfg.Once && d.counted {
		d.fresh = append(slices.DeleteFunc(d.fresh, func(c *conn) bool { return !c.unused() }), a.conn)
	}
	return a.conn, nil
}
