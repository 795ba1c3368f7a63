package watch_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// A cluster that does not answer is asked for its masters every two seconds, however many names come.
func TestLookupThatFailsIsNotMadeForEachName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logged)
		client := goredis.NewClusterClient(&goredis.ClusterOptions{
			Addrs: []string{"192.0.2.1:6379"}, MaxRedirects: -1,
			Dialer: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connection refused") },
		})
		w := newWatch(t, client, watch.Config{Logger: log.logger()})
		for i := range 100 {
			w.Follow(fmt.Sprint("tok-", i), func(bool) {})
			time.Sleep(10 * time.Millisecond)
		}
		if n := strings.Count(log.String(), "cannot tell"); n < 1 || n > 2 {
			t.Errorf("%d lookups in a second:\n%s", n, log)
		}
		_ = w.Close()
		_ = client.Close()
	})
}
