package dial_test

import (
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// The map of a Cluster's slots is read again once it is a second old. By default go-redis asks
// nobody for a minute where the slots of a master went that died, and with the store in Redis
// alone nothing else makes it ask.
func TestMapOfAClusterIsReadAgainAfterASecond(t *testing.T) {
	conn := open(t, dial.Config{URL: secret.New("redis://127.0.0.1:1?addr=127.0.0.1:2")}, dial.Options{})
	cluster, ok := conn.Client().(*goredis.ClusterClient)
	if !ok {
		t.Fatalf("a %T", conn.Client())
	}
	if got := cluster.Options().ClusterStateReloadInterval; got != time.Second {
		t.Errorf("after %v", got)
	}
}
