package fakeredis

func hset(s *Server, c *conn, args []string) Reply {
	if len(args)%2 == 0 {
		return Error("ERR wrong number of arguments for 'hset' command")
	}
	v := s.find(c.db, args[0])
	if v == nil {
		v = &value{hash: make(map[string]string)}
	}
	if v.hash == nil {
		return errType
	}
	n := int64(0)
	for i := 1; i < len(args); i += 2 {
		if _, had := v.hash[args[i]]; !had {
			n++
		}
		v.hash[args[i]] = args[i+1]
	}
	v.by = c.client
	s.put(c.db, args[0], v)
	return n
}

func hmget(s *Server, c *conn, args []string) Reply {
	v := s.find(c.db, args[0])
	if v != nil && v.hash == nil {
		return errType
	}
	all := []Reply{}
	for _, field := range args[1:] {
		var one Reply
		if v != nil {
			if text, has := v.hash[field]; has {
				one = text
			}
		}
		all = append(all, one)
	}
	return all
}

func hstrlen(s *Server, c *conn, args []string) Reply {
	v := s.find(c.db, args[0])
	switch {
	case v == nil:
		return int64(0)
	case v.hash == nil:
		return errType
	}
	return int64(len(v.hash[args[1]]))
}
