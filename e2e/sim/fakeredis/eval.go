package fakeredis

import "strconv"

func eval(s *Server, c *conn, args []string) Reply {
	one, _, err := s.load(args[0])
	if err != nil {
		return Error("ERR Error compiling script: " + err.Error())
	}
	return s.observed(c, one, args)
}

func evalsha(s *Server, c *conn, args []string) Reply {
	one := s.scripts[args[0]]
	if one == nil {
		return Error("NOSCRIPT No matching script. Please use EVAL.")
	}
	return s.observed(c, one, args)
}

func (s *Server) observed(c *conn, one *script, args []string) Reply {
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 0 || n > len(args)-2 {
		return errInt
	}
	step := Step{Client: c.client, DB: c.db, Args: args, Script: one.source, Keys: args[2 : 2+n], Argv: args[2+n:]}
	if s.seen != nil {
		step.Before = s.values(c.db, step.Keys)
	}
	step.Reply = s.run(c, one, step.Keys, step.Argv)
	if s.seen != nil {
		step.After = s.values(c.db, step.Keys)
		s.seen(step)
	}
	return step.Reply
}
