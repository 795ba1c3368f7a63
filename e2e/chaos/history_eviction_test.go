package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// evictionTrial fills a Redis that evicts keys: the token is lost again and again, which is
// no deletion.
func evictionTrial(t *testing.T) {
	policies := []string{"allkeys-lru", "allkeys-random", "volatile-ttl"}
	w := trialWorld(t, "--maxmemory", "4mb", "--maxmemory-policy", policies[rand.N(len(policies))])
	r := newRound(w, 3)
	r.lossy = true

	r.trace.move("") // nothing tells when what is evicted, and all that is written would be sent twice
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var filling sync.WaitGroup
	evicted := 0
	filling.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			_ = r.foreign.Set(ctx, fmt.Sprintf("other:%d", i), strings.Repeat("x", 20_000), time.Hour).Err()
			if n, err := r.foreign.Exists(ctx, tokenKey).Result(); err == nil && n == 0 {
				evicted++
			}
			<-time.After(2 * time.Millisecond)
		}
	})
	r.busy(8*time.Second, r.sets)
	stop()
	filling.Wait()
	r.trace.move(r.redis.Addr())
	t.Logf("%d times the token was found evicted", evicted)
	if evicted == 0 {
		t.Error("the token was never evicted: this shows nothing")
	}
	r.busy(2*time.Second, r.sets)
	r.end("Redis evicts the token")
}
