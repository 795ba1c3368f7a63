package redis_test

import (
	"errors"
	"fmt"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Of the servers of a ring one evicts keys. What another program deletes on the other one was not
// evicted, and what is evicted was not deleted.
func TestEvictionsOnTheServerOfTheKey(t *testing.T) {
	t.Parallel()
	full, roomy := redistest.Start(t), redistest.Start(t)
	addrs := map[string]string{"full": full.Addr(), "roomy": roomy.Addr()}
	client := goredis.NewRing(&goredis.RingOptions{DB: redistest.DB, Protocol: 2, Addrs: addrs})
	defer client.Close()
	s := mustNew(t, redisstore.Config{Client: client})
	had := token(t, "had", longest)
	var looks []store.Looking
	for i := range 64 {
		key := fmt.Sprint("key-", i)
		if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, had); err != nil {
			t.Fatal(err)
		}
		looks = append(looks, store.Looking{Key: key, Had: had})
	}
	want := make(map[string]error)
	for _, a := range looks {
		if roomy.Do("DEL", a.Key) == int64(1) {
			want[a.Key] = store.ErrDeleted
		} else {
			want[a.Key] = store.ErrLost
		}
	}
	full.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
	full.Do("CONFIG", "SET", "maxmemory", "1")
	full.Do("SET", "more", "1") // is refused when nothing is left to evict
	full.Do("CONFIG", "SET", "maxmemory", "0")
	for i, r := range s.LookAll(t.Context(), looks) {
		_, _, err := s.Look(t.Context(), looks[i].Key, had, 0)
		if why := want[looks[i].Key]; !errors.Is(err, why) || !errors.Is(r.Err, why) {
			t.Errorf("%s: %v, and among many %v, want %v", looks[i].Key, err, r.Err, why)
		}
	}
}
