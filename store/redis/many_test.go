package redis_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/storetest"
)

// newClusterStore returns a Store on a Cluster.
func newClusterStore(t testing.TB, c *redistest.Cluster, cfg redisstore.Config) *redisstore.Store {
	t.Helper()
	client := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: c.Addrs()})
	t.Cleanup(func() { _ = client.Close() })
	cfg.Client = client
	return mustNew(t, cfg)
}

// The keys are on several servers, and each of them is asked once for those that it has.
func TestManyOnACluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	cfg := storetest.Config{New: func(t testing.TB) store.Store { return newClusterStore(t, c, brief()) }}
	storetest.RunShared(t, cfg)
	storetest.RunMany(t, cfg)
	var shared int
	for _, node := range c.Masters() {
		if keys, _ := node.Do("KEYS", "*").([]any); len(keys) > 0 {
			shared++
		}
		wantTTLs(t, node)
	}
	if shared < 2 {
		t.Errorf("%d servers have keys: this shows nothing", shared)
	}
}

// A key that is in use for another identity is an error of its own, and holds up no other key.
func TestManyOfAnotherIdentity(t *testing.T) {
	t.Parallel()
	srv, c := redistest.Start(t), redistest.StartCluster(t)
	of := func(name string) redisstore.Config {
		cfg := brief()
		cfg.Identity = func(string) string { return name }
		return cfg
	}
	for name, open := range map[string]func(redisstore.Config) *redisstore.Store{
		"one server": func(cfg redisstore.Config) *redisstore.Store { return newStore(t, srv, cfg) },
		"Cluster":    func(cfg redisstore.Config) *redisstore.Store { return newClusterStore(t, c, cfg) },
	} {
		t.Run(name, func(t *testing.T) {
			mine, theirs := open(of("mine")), open(of("theirs"))
			var looks []store.Looking
			var tokens []store.Restoring
			for i := range 90 {
				key := fmt.Sprint("k", i)
				tok, owner := token(t, "token-"+key, 30*time.Minute), mine
				if i%3 == 1 {
					owner = theirs
				}
				if _, err := owner.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
					t.Fatal(err)
				}
				looks = append(looks, store.Looking{Key: key, Had: tok, Before: store.UnknownLosses})
				tokens = append(tokens, store.Restoring{Key: key, Old: tok, Token: token(t, "next-"+key, 30*time.Minute)})
			}
			wrong := func(i int, tok, want store.Token, err error) bool {
				if i%3 == 1 {
					return !errors.Is(err, store.ErrIdentity) || !tok.IsZero()
				}
				return err != nil || !tok.Equal(want)
			}
			for i, r := range mine.LookAll(t.Context(), looks) {
				if wrong(i, r.Token, looks[i].Had, r.Err) {
					t.Errorf("look at %s: %v, %v", looks[i].Key, r.Token, r.Err)
				}
			}
			for i, r := range mine.RestoreAll(t.Context(), tokens) {
				if wrong(i, r.Token, tokens[i].Token, r.Err) {
					t.Errorf("restore of %s: %v, %v", tokens[i].Key, r.Token, r.Err)
				}
			}
			if tok, err := theirs.Get(t.Context(), "k1"); err != nil || !tok.Equal(looks[1].Had) {
				t.Errorf("theirs is %v, %v after all", tok, err)
			}
		})
	}
}
