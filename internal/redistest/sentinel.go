package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// MasterName is what the sentinels call the master that they watch.
const MasterName = "advoware"

// Sentinel is a master with a replica, watched by three sentinels: five processes.
// When the master is killed, the replica takes its place within about two seconds.
type Sentinel struct {
	t         testing.TB
	Servers   []*Server // the one that began as the master comes first
	Sentinels []*Server
}

// StartSentinel starts them, with args added to the command lines of master and
// replica, and waits until the sentinels know each other and the replica.
func StartSentinel(t testing.TB, args ...string) *Sentinel {
	t.Helper()
	master, replica := StartPair(t, args...)
	s := &Sentinel{t: t, Servers: []*Server{master, replica}}
	for range 3 {
		s.Sentinels = append(s.Sentinels, StartOneSentinel(t, master.Addr()))
	}
	until(t, "the sentinels know each other and the replica", func() bool {
		for _, one := range s.Sentinels {
			quorum := fmt.Sprint(one.Do("SENTINEL", "CKQUORUM", MasterName))
			replicas, _ := one.Do("SENTINEL", "REPLICAS", MasterName).([]any)
			if !strings.HasPrefix(quorum, "OK 3 ") || len(replicas) != 1 {
				return false
			}
		}
		return true
	})
	return s
}

// StartPair starts a master and a replica that follows it, with args added to the command
// lines of both.
func StartPair(t testing.TB, args ...string) (master, replica *Server) {
	t.Helper()
	master = Start(t, args...)
	host, port, _ := strings.Cut(master.Addr(), ":")
	replica = Start(t, append([]string{"--replicaof", host + " " + port, "--repl-diskless-sync-delay", "0"}, args...)...)
	until(t, "the replica follows the master", func() bool {
		return strings.Contains(fmt.Sprint(replica.Do("INFO", "replication")), "master_link_status:up")
	})
	return master, replica
}

// StartOneSentinel starts a sentinel that believes the master to be at addr, host:port.
// It votes with one other.
func StartOneSentinel(t testing.TB, addr string) *Server {
	t.Helper()
	host, port, _ := strings.Cut(addr, ":")
	dir := t.TempDir()
	file := filepath.Join(dir, "sentinel.conf") // it keeps what it learns there
	conf := fmt.Sprintf("bind 127.0.0.1\ndir %s\nsentinel monitor %[2]s %s %s 2\n"+
		"sentinel down-after-milliseconds %[2]s 500\nsentinel failover-timeout %[2]s 3000\n", dir, MasterName, host, port)
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatalf("redistest: %v", err)
	}
	one := start(t, &Server{port: "--port", args: []string{file, "--sentinel"}})
	// By default sentinels exchange their state less often, which makes tests wait for
	// seconds. A server that does not know the command is only slower. Pings stay at a
	// second: a replica without a reply for more than five pings is not promoted, and while
	// the master is down it gets one a second. With 100 ms one election in six found no
	// replica.
	one.Do("SENTINEL", "DEBUG", "INFO-PERIOD", "300", "ASK-PERIOD", "200", "PUBLISH-PERIOD", "200")
	return one
}

// Addrs returns the host:port of each sentinel.
func (s *Sentinel) Addrs() []string {
	var addrs []string
	for _, one := range s.Sentinels {
		addrs = append(addrs, one.Addr())
	}
	return addrs
}

// Master returns the server that a majority of the sentinels says is the master.
func (s *Sentinel) Master() *Server {
	s.t.Helper()
	votes := make(map[string]int)
	for _, one := range s.Sentinels {
		at, _ := one.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MasterName).([]any)
		if len(at) == 2 {
			votes[fmt.Sprintf("%v:%v", at[0], at[1])]++
		}
	}
	for _, server := range s.Servers {
		if votes[server.Addr()] > len(s.Sentinels)/2 {
			return server
		}
	}
	return nil
}

// Failover kills the master and waits until another server has taken its place.
func (s *Sentinel) Failover() {
	s.t.Helper()
	old := s.Master()
	if old == nil {
		s.t.Fatal("redistest: the sentinels know no master")
	}
	old.Kill()
	until(s.t, "another server is the master", func() bool {
		now := s.Master()
		return now != nil && now != old && strings.Contains(fmt.Sprint(now.Do("ROLE")), "master")
	})
}

// until waits for something that processes do by themselves.
func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.After(failoverTimeout)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("redistest: waited %v in vain until %s", failoverTimeout, what)
		}
	}
}
