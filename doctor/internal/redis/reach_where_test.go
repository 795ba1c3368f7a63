package redis_test

import (
	"strings"
	"sync"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/doctor/internal/redis"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// No part of a password is taken for a host, whatever it has in it.
func TestNoPartOfAPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis://:4711/4712@127.0.0.1:1", "redis://:4711#4712@127.0.0.1:1", "redis://:4711?4712@127.0.0.1:1", "redis://4711:4712@127.0.0.1:1",
		"redis://4711:4712@127.0.0.1:1?addr=4711:4712@127.0.0.1:2", "redis://127.0.0.1:1?addr=4711%3A4712%40127.0.0.1:2",
		"redis://u:%zz4711@127.0.0.1:1", "4711:4712@127.0.0.1", "redis://127.0.0.1:1?master_name=m&username=u&password=4711",
	} {
		if found := look(t, at(url)); strings.Contains(found[0].Saw, "4711") || strings.Contains(found[0].Saw, "4712") || found[0].Status != check.Failure {
			t.Errorf("%s: %+v", url, found[0])
		}
	}
}

// Any name of a token, and any client.
func TestAnyKeyAndClient(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	ring := goredis.NewRing(&goredis.RingOptions{Addrs: map[string]string{"one": srv.Addr()}, DB: 1})
	defer ring.Close()
	plain := opened(t, at("redis://"+srv.Addr()))
	of := opened(t, dial.Config{Client: ring})
	var all sync.WaitGroup
	for _, name := range []string{"", "a b", "a\r\nb", "{a}", "{", "}", "%s", "ü", strings.Repeat("k", 5000), "\x00\xff"} {
		all.Go(func() {
			for _, l := range []*link.Link{plain, of} {
				for _, c := range redis.Checks(t.Context(), redis.Config{Link: l, Key: name, Identity: "ours"}) {
					if c.Status == check.Failure || c.Status == check.Warning && (l == plain || c.Name != "pushes") || strings.ContainsAny(c.Saw, "\r\n\x00") {
						t.Errorf("%q: %+v", name, c)
					}
				}
			}
		})
	}
	all.Wait()
	if keys := srv.Do("KEYS", "*").([]any); len(keys) > 0 {
		t.Errorf("it leaves %d keys", len(keys))
	}
}
