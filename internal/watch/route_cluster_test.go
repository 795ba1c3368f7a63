package watch_test

import (
	"strconv"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
)

// clusterNodes starts a cluster of so many masters, in which the first one has all slots.
func clusterNodes(t testing.TB, n int) []*redistest.Server {
	t.Helper()
	nodes := make([]*redistest.Server, n)
	for i := range nodes {
		nodes[i] = redistest.Start(t, "--cluster-enabled", "yes")
		if i > 0 {
			host, port, _ := strings.Cut(nodes[i].Addr(), ":")
			nodes[0].Do("CLUSTER", "MEET", host, port)
		}
	}
	nodes[0].Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	for _, node := range nodes {
		eventually(t, "the cluster is up", func() bool {
			info, _ := node.Do("CLUSTER", "INFO").(string)
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:"+strconv.Itoa(n))
		})
	}
	return nodes
}

// moveSlot gives the slot of an absent key to another node.
func moveSlot(t testing.TB, nodes []*redistest.Server, to int, key string) {
	t.Helper()
	slot, _ := nodes[0].Do("CLUSTER", "KEYSLOT", key).(int64)
	id, _ := nodes[to].Do("CLUSTER", "MYID").(string)
	for _, node := range append([]*redistest.Server{nodes[to]}, nodes...) { // the new owner first
		if reply := node.Do("CLUSTER", "SETSLOT", strconv.FormatInt(slot, 10), "NODE", id); reply != "OK" {
			t.Fatal(reply)
		}
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	nodes := clusterNodes(t, 2)
	moveSlot(t, nodes, 1, "elsewhere")
	client := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{nodes[0].Addr()}})
	defer client.Close()
	w := newWatch(t, client, watch.Config{})
	here, there := follow(t, w, tokenKey), follow(t, w, "elsewhere")
	lock := newCalls()
	w.Follow("{elsewhere}:lock", lock.changed)
	lock.await(t, true) // the prefix has to be added

	nodes[0].Do("SET", tokenKey, "a")
	here.await(t, false)
	nodes[1].Do("SET", "{elsewhere}:lock", "a")
	lock.await(t, false)
	nodes[1].Do("SET", "elsewhere", "a")
	there.await(t, false)
	if s := w.Stats(); s.Links != 2 || s.Polls != 0 || !s.Pushing {
		t.Errorf("%+v; want a link to each master", s)
	}
	failed := newCalls()
	w.Follow("{elsewhere}:failed", failed.changed) // beside what is tracked
	nodes[1].Do("SET", "{elsewhere}:failed", "a")
	if gap := <-failed; gap {
		t.Error("a gap, but nothing was missed")
	}

	t.Run("flush of one master", func(t *testing.T) {
		nodes[1].Do("FLUSHALL")
		there.await(t, true)
		lock.await(t, true)
		here.quiet(t)
	})
	t.Run("slot that moves under a link that stands", func(t *testing.T) {
		nodes[0].Do("DEL", tokenKey)
		here.await(t, false)
		moveSlot(t, nodes, 1, tokenKey)
		here.await(t, true)
		nodes[1].Do("SET", tokenKey, "b")
		here.await(t, false)
		if s := w.Stats(); s.Links != 2 {
			t.Errorf("%+v; want the link that is there to be used", s)
		}
	})
	t.Run("master that is away", func(t *testing.T) {
		nodes[1].Kill()
		eventually(t, "it notices", func() bool { return !w.Stats().Pushing })
	})
}

// When another server becomes the master, it is found and there is a gap.
func TestFollowsTheMaster(t *testing.T) {
	t.Parallel()
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.StartSentinel(t)
		client := goredis.NewFailoverClient(&goredis.FailoverOptions{MasterName: redistest.MasterName, SentinelAddrs: s.Addrs()})
		defer client.Close()
		followMaster(t, client, s.Failover, s.Master)
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.StartCluster(t)
		client := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: c.Addrs()})
		defer client.Close()
		followMaster(t, client, func() { c.Failover(tokenKey) }, func() *redistest.Server { return c.Owner(tokenKey) })
	})
}

func followMaster(t *testing.T, client goredis.UniversalClient, failover func(), master func() *redistest.Server) {
	t.Helper()
	w := newWatch(t, client, watch.Config{})
	c := follow(t, w, tokenKey)
	master().Do("SET", tokenKey, "a")
	c.await(t, false)
	failover()
	c.await(t, true)
	master().Do("SET", tokenKey, "b")
	c.await(t, false)
	if s := w.Stats(); s.Polls != 0 {
		t.Errorf("%+v; want no poll", s)
	}
}
