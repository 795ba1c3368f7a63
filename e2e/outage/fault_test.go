package outage_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/faultproxy"
)

// redisFault is something that happens to Redis, or on the way to it.
type redisFault struct {
	name string
	// begin and end are called with what the doors of one cell share.
	begin, end func(*testing.T, *outageRig)
}

// between is a fault of the network.
func between(name string, f faultproxy.Fault) redisFault {
	return redisFault{name: name,
		begin: func(t *testing.T, r *outageRig) { r.set(t, f) },
		end:   func(t *testing.T, r *outageRig) { r.set(t, faultproxy.Fault{}) },
	}
}

// answering is a Redis that has this to say to everything.
func answering(name, line string) redisFault { return between(name, faultproxy.Fault{Answer: line}) }

// server is a fault of the server itself. It is told by commands that are good for
// whoever is let in already.
func server(name string, begin, end [][]string) redisFault {
	tell := func(commands [][]string) func(*testing.T, *outageRig) {
		return func(t *testing.T, r *outageRig) {
			for _, args := range commands {
				r.do(t, args...)
			}
		}
	}
	return redisFault{name: name, begin: tell(begin), end: tell(end)}
}

var redisFaults = []redisFault{
	between("refused", faultproxy.Fault{Refuse: true}),
	{name: "hung",
		begin: func(_ *testing.T, r *outageRig) { r.srv.Stop() },
		end:   func(_ *testing.T, r *outageRig) { r.srv.Cont() },
	},
	between("blackholed", faultproxy.Fault{Silent: true}),
	between("5s late", faultproxy.Fault{Delay: 5 * time.Second}),
	between("reset in mid-reply", faultproxy.Fault{Reset: true}),
	between("half a reply", faultproxy.Fault{Half: true}),
	server("OOM",
		[][]string{{"CONFIG", "SET", "maxmemory", "1"}},
		[][]string{{"CONFIG", "SET", "maxmemory", "0"}}),
	server("READONLY",
		[][]string{{"REPLICAOF", "127.0.0.1", "1"}},
		[][]string{{"REPLICAOF", "NO", "ONE"}}),
	server("NOAUTH",
		[][]string{{"CONFIG", "SET", "requirepass", "changed"}, {"CLIENT", "KILL", "SKIPME", "yes"}},
		[][]string{{"CONFIG", "SET", "requirepass", ""}}),
	server("WRONGTYPE", // which nobody but us repairs
		[][]string{ // in place of the token, and at no instant nothing
			{"RPUSH", "a", "x"}, {"RENAME", "a", outageKey},
			{"RPUSH", "a", "x"}, {"RENAME", "a", "{" + outageKey + "}:meta"},
		}, nil),
	answering("MOVED", "-MOVED 3653 127.0.0.1:1"),
	answering("CLUSTERDOWN", "-CLUSTERDOWN The cluster is down"),
	answering("LOADING", "-LOADING Redis is loading the dataset in memory"),
	{name: "empty after a restart",
		begin: func(t *testing.T, r *outageRig) { r.srv.Kill(); r.set(t, faultproxy.Fault{Refuse: true}) },
		end: func(t *testing.T, r *outageRig) {
			r.srv.Restart()
			r.admin = r.srv.Dial()
			r.set(t, faultproxy.Fault{})
		},
	},
}
