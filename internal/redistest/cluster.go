package redistest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const slots = 16384

// ClusterNode are the arguments that make a server a node of a Cluster. It has no slots and
// knows no other node yet.
var ClusterNode = []string{
	"--cluster-enabled", "yes", "--cluster-port", freePort, "--cluster-config-file", "nodes.conf",
	"--cluster-node-timeout", "1000", "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0",
}

// Cluster is three masters with a replica each: six processes. When a master is
// killed, its replica takes its place within about three seconds.
type Cluster struct {
	t     testing.TB
	Nodes []*Server // the ones that began as masters come first
}

// StartCluster starts them, with args added to the command line of each, and waits
// until every node knows the whole cluster.
func StartCluster(t testing.TB, args ...string) *Cluster {
	t.Helper()
	const masters, nodes = 3, 6
	c := &Cluster{t: t}
	for range nodes {
		c.Nodes = append(c.Nodes, Start(t, slices.Concat(ClusterNode, args)...))
	}
	for i, node := range c.Nodes {
		c.must(node.Do("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)))
		if i < masters {
			c.must(node.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(slots*i/masters), strconv.Itoa(slots*(i+1)/masters-1)))
		}
		for _, other := range c.Nodes[:i] {
			host, port, _ := strings.Cut(other.Addr(), ":")
			c.must(node.Do("CLUSTER", "MEET", host, port, other.argument("--cluster-port")))
		}
	}
	c.awaitNodes(0)
	for i, node := range c.Nodes[masters:] {
		c.must(node.Do("CLUSTER", "REPLICATE", fmt.Sprint(c.Nodes[i].Do("CLUSTER", "MYID"))))
	}
	c.awaitNodes(nodes - masters)
	until(t, "the replicas follow their masters", func() bool {
		for _, node := range c.Nodes[masters:] {
			if !strings.Contains(fmt.Sprint(node.Do("INFO", "replication")), "master_link_status:up") {
				return false
			}
		}
		return true
	})
	return c
}

// awaitNodes waits until every node knows all others, and that so many are replicas.
func (c *Cluster) awaitNodes(replicas int) {
	c.t.Helper()
	until(c.t, fmt.Sprintf("every node knows %d others and %d replicas", len(c.Nodes)-1, replicas), func() bool {
		for _, node := range c.Nodes {
			info, known := fmt.Sprint(node.Do("CLUSTER", "INFO")), fmt.Sprint(node.Do("CLUSTER", "NODES"))
			if !strings.Contains(info, "cluster_state:ok") || strings.Contains(known, "handshake") ||
				strings.Count(known, "\n") != len(c.Nodes) || strings.Count(known, "slave ") != replicas {
				return false
			}
		}
		return true
	})
}

// Addrs returns the host:port of each node.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, node := range c.Nodes {
		addrs = append(addrs, node.Addr())
	}
	return addrs
}

// Owner returns the master of a key's slot, from the answer of a live node.
func (c *Cluster) Owner(key string) *Server {
	c.t.Helper()
	slot := c.living().Do("CLUSTER", "KEYSLOT", key).(int64)
	for _, r := range c.ranges() {
		if r[0].(int64) <= slot && slot <= r[1].(int64) {
			return c.master(r)
		}
	}
	return nil
}

// Masters returns all masters, from the answer of a live node.
func (c *Cluster) Masters() []*Server {
	c.t.Helper()
	var masters []*Server
	for _, r := range c.ranges() {
		if m := c.master(r); !slices.Contains(masters, m) {
			masters = append(masters, m)
		}
	}
	return masters
}

func (c *Cluster) living() *Server {
	c.t.Helper()
	for _, node := range c.Nodes {
		if node.proc != nil && !node.frozen {
			return node
		}
	}
	c.t.Fatal("redistest: no node of the Cluster answers")
	return nil
}

// ranges returns the slots with their nodes: first, last, master, replicas …
func (c *Cluster) ranges() [][]any {
	c.t.Helper()
	var ranges [][]any
	for _, r := range c.living().Do("CLUSTER", "SLOTS").([]any) {
		ranges = append(ranges, r.([]any))
	}
	return ranges
}

func (c *Cluster) master(of []any) *Server {
	at := of[2].([]any)
	for _, node := range c.Nodes {
		if node.Addr() == fmt.Sprintf("%v:%v", at[0], at[1]) {
			return node
		}
	}
	return nil
}

// Failover kills the master that has a key's slot, and waits until another one has
// it.
func (c *Cluster) Failover(key string) {
	c.t.Helper()
	old := c.Owner(key)
	if old == nil {
		c.t.Fatalf("redistest: no node has the slot of %s", key)
	}
	old.Kill()
	until(c.t, "another node is the master of "+key, func() bool {
		now := c.Owner(key)
		return now != nil && now != old && strings.Contains(fmt.Sprint(now.Do("CLUSTER", "INFO")), "cluster_state:ok")
	})
}

func (c *Cluster) must(reply any) {
	c.t.Helper()
	if err, bad := reply.(Error); bad {
		c.t.Fatalf("redistest: %v", err)
	}
}

// argument returns the value that follows a name on the command line.
func (s *Server) argument(name string) string {
	for i, arg := range s.args[:len(s.args)-1] {
		if arg == name {
			return s.args[i+1]
		}
	}
	return ""
}
