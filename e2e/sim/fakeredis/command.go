package fakeredis

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// do carries out what a connection sent, transactions included.
func (s *Server) do(c *conn, args []string) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	defer s.expire() // which pushes, and plans the next time
	switch name := strings.ToLower(args[0]); {
	case name == "exec":
		return s.exec(c)
	case name == "discard":
		c.multi, c.queue, c.watched = false, nil, nil
		return Status("OK")
	case name == "multi":
		c.multi, c.broken, c.queue = true, false, nil
		return Status("OK")
	case name == "watch":
		if c.watched == nil {
			c.watched = make(map[string]uint64)
		}
		for _, key := range args[1:] {
			c.watched[key] = s.changed[key]
		}
		return Status("OK")
	case name == "unwatch":
		c.watched = nil
		return Status("OK")
	case c.multi:
		if _, known := commands[name]; !known {
			c.broken = true
			return unknown(args[0])
		}
		c.queue = append(c.queue, args)
		return Status("QUEUED")
	}
	return s.command(c, args)
}

// exec carries out a transaction. The mutex is held.
func (s *Server) exec(c *conn) Reply {
	queue, watched := c.queue, c.watched
	was := c.multi
	c.multi, c.queue, c.watched = false, nil, nil
	switch {
	case !was:
		return Error("ERR EXEC without MULTI")
	case c.broken:
		return Error("EXECABORT Transaction discarded because of previous errors.")
	}
	for key, times := range watched {
		if s.changed[key] != times {
			return nil
		}
	}
	all := []Reply{}
	for _, args := range queue {
		all = append(all, s.command(c, args))
	}
	return all
}

func unknown(name string) Error { return Error("ERR unknown command '" + name + "'") }

// command carries out one command. The mutex is held.
func (s *Server) command(c *conn, args []string) Reply {
	name := strings.ToLower(args[0])
	run, known := commands[name]
	switch {
	case !known:
		return unknown(args[0])
	case len(args)-1 < run.least:
		return Error(fmt.Sprintf("ERR wrong number of arguments for '%s' command", name))
	}
	return run.do(s, c, args[1:])
}

// handler is one command, and how many arguments it has at least.
type handler struct {
	least int
	do    func(s *Server, c *conn, args []string) Reply
}

var commands map[string]handler

func init() { // set, hget and so on are run by scripts, which are commands too
	commands = map[string]handler{
		"hello": {0, hello}, "auth": {1, fine}, "select": {1, choose}, "ping": {0, ping}, "role": {0, role},
		"client": {1, clientCommand}, "info": {0, info}, "eval": {2, eval}, "evalsha": {2, evalsha},
		"get": {1, get}, "getrange": {3, getrange}, "set": {2, set}, "del": {1, del}, "exists": {1, exists},
		"pttl": {1, pttl}, "pexpire": {2, pexpire}, "persist": {1, persist}, "type": {1, kindOf},
		"hset": {3, hset}, "hmget": {2, hmget}, "hstrlen": {2, hstrlen}, "rpush": {2, rpush},
		"flushall": {0, flushall}, "swapdb": {2, swapdb},
	}
}

func fine(*Server, *conn, []string) Reply { return Status("OK") }

func hello(_ *Server, c *conn, args []string) Reply {
	c.resp3 = len(args) > 0 && args[0] == "3"
	return pairs{"server", "redis", "version", "7.4.0", "proto", int64(3), "id", int64(1), "mode", "standalone", "role", "master", "modules", []Reply{}}
}

func choose(_ *Server, c *conn, args []string) Reply {
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 0 || n > 15 {
		return Error("ERR DB index is out of range")
	}
	c.db = n
	return Status("OK")
}

func ping(*Server, *conn, []string) Reply { return Status("PONG") }

func role(*Server, *conn, []string) Reply { return []Reply{"master", int64(0), []Reply{}} }

func clientCommand(_ *Server, c *conn, args []string) Reply {
	if !strings.EqualFold(args[0], "tracking") {
		return Status("OK")
	}
	if len(args) > 1 && strings.EqualFold(args[1], "off") {
		c.prefixes = nil
		return Status("OK")
	}
	for i := 2; i+1 < len(args); i++ {
		if strings.EqualFold(args[i], "prefix") {
			c.prefixes = append(c.prefixes, args[i+1])
			i++
		}
	}
	return Status("OK")
}

func info(s *Server, _ *conn, _ []string) Reply {
	return fmt.Sprintf("# Stats\r\nexpired_keys:0\r\nevicted_keys:%d\r\nkeyspace_hits:0\r\n", s.evicted)
}

func (s *Server) values(db int, keys []string) map[string]Value {
	all := make(map[string]Value, len(keys))
	for _, key := range keys {
		all[key] = s.valueOf(db, key)
	}
	return all
}

func (v *value) kind() string {
	switch {
	case v.hash != nil:
		return "hash"
	case v.list != nil:
		return "list"
	}
	return "string"
}

func kindOf(s *Server, c *conn, args []string) Reply { return Status(s.valueOf(c.db, args[0]).Kind) }

func get(s *Server, c *conn, args []string) Reply {
	v := s.find(c.db, args[0])
	switch {
	case v == nil:
		return nil
	case !v.isText():
		return errType
	}
	return v.text
}

func getrange(s *Server, c *conn, args []string) Reply {
	from, err := strconv.Atoi(args[1])
	to, err2 := strconv.Atoi(args[2])
	v := s.find(c.db, args[0])
	switch {
	case err != nil || err2 != nil:
		return errInt
	case v == nil:
		return ""
	case !v.isText():
		return errType
	}
	from, to = max(0, from), min(to, len(v.text)-1)
	if from > to {
		return ""
	}
	return v.text[from : to+1]
}

func set(s *Server, c *conn, args []string) Reply {
	v := &value{text: args[1], by: c.client}
	for i := 2; i < len(args); i++ {
		switch option := strings.ToLower(args[i]); option {
		case "nx":
			if s.find(c.db, args[0]) != nil {
				return nil
			}
		case "px", "ex":
			i++
			if i == len(args) {
				return Error("ERR syntax error")
			}
			n, err := strconv.ParseInt(args[i], 10, 64)
			if err != nil {
				return errInt
			}
			if n <= 0 {
				return Error("ERR invalid expire time in 'set' command")
			}
			unit := time.Millisecond
			if option == "ex" {
				unit = time.Second
			}
			v.ends = s.now().Add(time.Duration(n) * unit)
		default:
			return Error("ERR syntax error")
		}
	}
	s.put(c.db, args[0], v)
	return Status("OK")
}

func del(s *Server, c *conn, args []string) Reply {
	n := int64(0)
	for _, key := range args {
		if s.find(c.db, key) != nil {
			s.put(c.db, key, nil)
			n++
		}
	}
	return n
}

func exists(s *Server, c *conn, args []string) Reply {
	n := int64(0)
	for _, key := range args {
		if s.find(c.db, key) != nil {
			n++
		}
	}
	return n
}

func pttl(s *Server, c *conn, args []string) Reply {
	switch v := s.find(c.db, args[0]); {
	case v == nil:
		return int64(-2)
	case v.ends.IsZero():
		return int64(-1)
	default:
		return v.ends.Sub(s.now()).Milliseconds()
	}
}

func pexpire(s *Server, c *conn, args []string) Reply {
	ms, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return errInt
	}
	v := s.find(c.db, args[0])
	if v == nil {
		return int64(0)
	}
	if ms <= 0 {
		s.put(c.db, args[0], nil)
		return int64(1)
	}
	v.ends = s.now().Add(time.Duration(ms) * time.Millisecond)
	s.touched(args[0])
	return int64(1)
}

func persist(s *Server, c *conn, args []string) Reply {
	v := s.find(c.db, args[0])
	if v == nil || v.ends.IsZero() {
		return int64(0)
	}
	v.ends, v.by = time.Time{}, c.client
	s.touched(args[0])
	return int64(1)
}

func rpush(s *Server, c *conn, args []string) Reply {
	v := s.find(c.db, args[0])
	if v == nil {
		v = &value{list: []string{}}
	}
	if v.list == nil {
		return errType
	}
	v.list, v.by = append(v.list, args[1:]...), c.client
	s.put(c.db, args[0], v)
	return int64(len(v.list))
}

func flushall(s *Server, _ *conn, _ []string) Reply {
	for _, keys := range s.dbs {
		for key := range keys {
			s.changed[key]++
		}
	}
	clear(s.dbs)
	s.pushAll()
	return Status("OK")
}

// swapdb tells those that watch a key, and pushes nothing.
func swapdb(s *Server, _ *conn, args []string) Reply {
	a, err := strconv.Atoi(args[0])
	b, err2 := strconv.Atoi(args[1])
	if err != nil || err2 != nil {
		return errInt
	}
	for _, db := range []int{a, b} {
		for _, key := range slices.Collect(maps.Keys(s.dbs[db])) {
			s.changed[key]++
		}
	}
	s.dbs[a], s.dbs[b] = s.dbs[b], s.dbs[a]
	return Status("OK")
}
