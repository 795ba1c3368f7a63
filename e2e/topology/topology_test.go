package topology_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

func TestUnixSocket(t *testing.T) {
	socket := t.TempDir() + "/r.sock"
	srv, fake := redistest.Start(t, "--unixsocket", socket), newFake(t, clienttest.Options{})
	for _, vars := range [][]string{
		{"REDIS_URL=unix://" + socket + "?" + unhurried},
		{"REDIS_HOST=" + socket, "REDIS_DB_ADVOWARE_CACHE=2"},
	} {
		srv.Do("FLUSHALL")
		cfg := reaching(t, fake, vars...)
		wantShared(t, fake, cfg)
		if list := fmt.Sprint(srv.Do("CLIENT", "LIST")); !strings.Contains(list, "addr="+socket+":0") {
			t.Errorf("%v: nobody is on the socket:\n%s", vars, list)
		}
		if keys := fmt.Sprint(srv.Do("INFO", "keyspace")); !strings.Contains(keys, fmt.Sprintf("db%d:", *cfg.Redis.DB)) {
			t.Errorf("%v: the token is elsewhere: %s", vars, keys)
		}
	}
}

func TestURLNamesServerDatabaseAndUser(t *testing.T) {
	srv := redistest.Start(t, "--user", "me", "on", ">p@ss/w%rd", "~*", "&*", "+@all")
	fake := newFake(t, clienttest.Options{})
	at := "me:p%40ss%2Fw%25rd@" + srv.Addr()
	wantShared(t, fake, reaching(t, fake, "REDIS_URL=redis://"+at+"/3?"+unhurried))
	if keys := fmt.Sprint(srv.Do("INFO", "keyspace")); !strings.Contains(keys, "db3:") {
		t.Errorf("the token is elsewhere: %s", keys)
	}
	// The password may stand apart from the URL.
	wantShared(t, fake, reaching(t, fake, "REDIS_URL=redis://"+srv.Addr()+"/4?"+unhurried, "REDIS_USERNAME=me", "REDIS_PASSWORD=p@ss/w%rd"))
	wantUnreached(t, fake, reaching(t, fake, "REDIS_URL=redis://"+strings.Replace(at, "p%40", "q%40", 1)), "WRONGPASS")
}

// A sentinel or a Cluster on this machine may name servers that are elsewhere. A token
// does not go there in the clear because of that.
func TestServersElsewhereAreNotDialled(t *testing.T) {
	const elsewhere = "192.0.2.1" // leads nowhere, by RFC 5737
	fake := newFake(t, clienttest.Options{})
	sentinel := redistest.StartOneSentinel(t, elsewhere+":6379")
	node := redistest.Start(t, append(redistest.ClusterNode, "--cluster-announce-ip", elsewhere)...)
	node.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	for name, url := range map[string]string{
		"sentinel": "redis://" + sentinel.Addr() + "?master_name=" + redistest.MasterName,
		"cluster":  "redis://" + node.Addr() + "?addr=" + node.Addr(),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := reaching(t, fake, "REDIS_URL="+url+"&"+unhurried)
			wantUnreached(t, fake, cfg, "store/redis/dial: Redis at "+elsewhere+":", "is neither this machine", "could read the token")
		})
	}
}
