package fakeredis

import (
	"maps"
	"time"
)

// value is what a key has: a string, a hash or a list.
type value struct {
	text string
	hash map[string]string // nil if it is no hash
	list []string          // nil if it is no list

	ends time.Time // by the server's clock; zero for never
	by   int       // the Client that wrote it last
}

func (v *value) isText() bool { return v.hash == nil && v.list == nil }

func (v *value) clone() *value {
	c := *v
	c.hash = maps.Clone(v.hash)
	return &c
}

// find returns the value of a key, nil if there is none. The mutex is held.
func (s *Server) find(db int, key string) *value {
	v := s.dbs[db][key]
	if v == nil || !v.ends.IsZero() && !s.now().Before(v.ends) {
		return nil
	}
	return v
}

// put replaces the value of a key; nil removes it. The mutex is held.
func (s *Server) put(db int, key string, v *value) {
	if v == nil {
		delete(s.dbs[db], key)
	} else {
		if s.dbs[db] == nil {
			s.dbs[db] = make(map[string]*value)
		}
		s.dbs[db][key] = v
	}
	s.touched(key)
}

// touched notes that a key has changed, for pushes and for WATCH. The mutex is held.
func (s *Server) touched(key string) {
	s.changed[key]++
	s.dirty = append(s.dirty, key)
}

// expire removes what has ended, as a server does by itself before long, and plans the next
// time. The mutex is held.
func (s *Server) expire() {
	var next time.Time
	now := s.now()
	for _, keys := range s.dbs {
		for key, v := range keys {
			switch {
			case v.ends.IsZero():
			case !now.Before(v.ends):
				delete(keys, key)
				s.touched(key)
			case next.IsZero() || v.ends.Before(next):
				next = v.ends
			}
		}
	}
	s.push()
	if s.expiring != nil {
		s.expiring.Stop()
		s.expiring = nil
	}
	if !next.IsZero() && !s.closed {
		s.expiring = time.AfterFunc(next.Sub(now), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if !s.closed {
				s.expire()
			}
		})
	}
}

// now reads the server's clock.
func (s *Server) now() time.Time { return time.Now().Add(s.skew) }
