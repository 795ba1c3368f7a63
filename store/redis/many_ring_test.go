package redis_test

import (
	"fmt"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Where one script cannot write the timestamp as well, that of each token of many is written after
// it, and of no other.
func TestTimestampsOfManyOnARing(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	client := goredis.NewRing(&goredis.RingOptions{DB: redistest.DB, Addrs: map[string]string{"a": srv.Addr()}})
	defer client.Close()
	s := mustNew(t, redisstore.Config{Client: client})
	other := token(t, "other", longest)
	if _, err := newStore(t, srv, redisstore.Config{}).CompareAndSwap(t.Context(), "key-2", store.Token{}, other); err != nil {
		t.Fatal(err)
	}
	srv.Do("DEL", "key-2_timestamp")
	var all []store.Restoring
	for i := range 3 {
		all = append(all, store.Restoring{Key: fmt.Sprint("key-", i), Token: token(t, fmt.Sprint("token-", i), longest)})
	}
	for i, r := range s.RestoreAll(t.Context(), all) {
		written := i < 2
		if r.Err != nil || r.Token.Equal(all[i].Token) != written {
			t.Errorf("%s: %v, %v", all[i].Key, r.Token, r.Err)
		}
		if n := srv.Do("EXISTS", all[i].Key+"_timestamp"); (n == int64(1)) != written {
			t.Errorf("%s: %v timestamps", all[i].Key, n)
		}
	}
	wantTTLs(t, srv)
}
