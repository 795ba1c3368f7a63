// Package fakeredis is a Redis in memory for testing/synctest: what the library uses of it,
// with scripts that a Lua engine runs, pushes of changed keys, and TTLs by the clock of the
// bubble. A test holds it against a real server, command by command.
//
// Each process reaches it over a [Link] of its own, whose faults a test chooses.
package fakeredis

import (
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a Redis in memory. Make it with [New], in the bubble that uses it.
type Server struct {
	mu       sync.Mutex
	dbs      map[int]map[string]*value
	skew     time.Duration
	changed  map[string]uint64 // how often each key was
	dirty    []string          // keys to be pushed
	conns    map[*conn]struct{}
	links    []*Link
	expiring *time.Timer
	evicted  int64
	scripts  map[string]*script
	lua      *engine
	replace  func(source string) string
	seen     func(Step)
	closed   bool
	behind   sync.WaitGroup
}

// Step is one command that a client sent, or one script that it ran.
type Step struct {
	Client int
	DB     int
	Args   []string // the command as it came
	Script string   // the source of the script, "" for a command
	Keys   []string // of the script
	Argv   []string
	Reply  Reply
	Before map[string]Value // the keys of the script before it ran
	After  map[string]Value
}

// Value is what a key had.
type Value struct {
	Text string
	Hash map[string]string // nil if it is no hash
	Kind string            // as TYPE says, "none" for no key
	TTL  time.Duration     // -1 for none
	By   int               // the client that wrote it last
}

// New returns an empty Server.
func New() *Server {
	return &Server{
		dbs: make(map[int]map[string]*value), changed: make(map[string]uint64), conns: make(map[*conn]struct{}),
		scripts: make(map[string]*script),
	}
}

// Observe has seen called after each script, under the lock of the server: it must not
// call it. Before the first connection.
func (s *Server) Observe(seen func(Step)) { s.seen = seen }

// Replace has each script that comes replaced by another one: a mistake that a test wants to
// be found. Before the first connection.
func (s *Server) Replace(replace func(source string) string) { s.replace = replace }

// Do carries out a command in a database for a client, whose number the keys get.
func (s *Server) Do(client, db int, args ...string) Reply {
	return s.do(&conn{server: s, client: client, db: db}, args)
}

// Keys returns what there is in a database.
func (s *Server) Keys(db int) map[string]Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]Value)
	for key := range s.dbs[db] {
		if v := s.valueOf(db, key); v.Kind != "none" {
			all[key] = v
		}
	}
	return all
}

func (s *Server) valueOf(db int, key string) Value {
	v := s.find(db, key)
	if v == nil {
		return Value{Kind: "none", TTL: -1}
	}
	one := Value{Text: v.text, Hash: maps.Clone(v.hash), Kind: v.kind(), TTL: -1, By: v.by}
	if !v.ends.IsZero() {
		one.TTL = v.ends.Sub(s.now())
	}
	return one
}

// Evict removes a key as a server does that is full, and counts it.
func (s *Server) Evict(db int, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(db, key) != nil {
		s.evicted++
		s.put(db, key, nil)
		s.push()
	}
}

// Step moves the server's clock.
func (s *Server) Step(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew += by
	s.expire()
}

// Dump is what Restore brings back, with its ends.
type Dump map[string]*value

// Dump returns what a database has.
func (s *Server) Dump(db int) Dump {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := make(Dump)
	for key, v := range s.dbs[db] {
		d[key] = v.clone()
	}
	return d
}

// Restore is a failover to a replica that is behind, or a restart with an older dump: all
// connections end, and a database is what it was.
func (s *Server) Restore(db int, d Dump) {
	s.mu.Lock()
	for key := range s.dbs[db] {
		s.changed[key]++
	}
	s.dbs[db] = make(map[string]*value)
	for key, v := range d {
		s.dbs[db][key] = v.clone()
		s.changed[key]++
	}
	s.expire()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	for _, c := range conns {
		c.end()
	}
}

// Close ends all connections, and waits until nothing runs any more.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	if s.expiring != nil {
		s.expiring.Stop()
	}
	conns, links := slices.Collect(maps.Keys(s.conns)), s.links
	s.mu.Unlock()
	for _, l := range links {
		l.Heal()
	}
	for _, c := range conns {
		c.end()
	}
	s.behind.Wait()
	if s.lua != nil {
		s.lua.close()
	}
}

// accept serves a connection, nil if the server is closed.
func (s *Server) accept(raw net.Conn, l *Link) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = raw.Close()
		return nil
	}
	c := &conn{server: s, raw: raw, client: l.client, link: l}
	c.wake = sync.NewCond(&c.mu)
	s.conns[c] = struct{}{}
	s.behind.Go(c.serve)
	s.behind.Go(c.write)
	return c
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// push tells those that track it what has changed. The mutex is held.
func (s *Server) push() {
	if len(s.dirty) == 0 {
		return
	}
	keys := slices.Compact(slices.Sorted(slices.Values(s.dirty)))
	s.dirty = s.dirty[:0]
	for c := range s.conns {
		var mine []string
		for _, key := range keys {
			if slices.ContainsFunc(c.prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
				mine = append(mine, key)
			}
		}
		if len(mine) > 0 {
			c.send(pushOf(mine))
		}
	}
}

// pushAll tells those that track anything that everything has changed. The mutex is held.
func (s *Server) pushAll() {
	s.dirty = s.dirty[:0]
	for c := range s.conns {
		if c.prefixes != nil {
			c.send(pushOf(nil))
		}
	}
}
