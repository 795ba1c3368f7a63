package redis_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A client of a Cluster or a Ring whose options are ours is warned of nothing, and each other
// one is warned of alone.
func TestWarnsOfEachHurtfulOptionOfManyServers(t *testing.T) {
	const addr = "127.0.0.1:1"
	ours := redisstore.Options(addr)
	for option, spoil := range map[string]func(*goredis.Options){
		"":                            func(*goredis.Options) {},
		"ContextTimeoutEnabled=false": func(o *goredis.Options) { o.ContextTimeoutEnabled = false },
		"DialerRetries=2":             func(o *goredis.Options) { o.DialerRetries = 2 },
		"MaxRetries=1":                func(o *goredis.Options) { o.MaxRetries = 1 },
		"DialTimeout=1.001s":          func(o *goredis.Options) { o.DialTimeout = 1001 * time.Millisecond },
		"ReadTimeout=1.001s":          func(o *goredis.Options) { o.ReadTimeout = 1001 * time.Millisecond },
		"WriteTimeout=1.001s":         func(o *goredis.Options) { o.WriteTimeout = 1001 * time.Millisecond },
		"PoolTimeout=1.001s":          func(o *goredis.Options) { o.PoolTimeout = 1001 * time.Millisecond },
	} {
		o := *ours
		// As long as is not worth a warning.
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Second, time.Second, time.Second, time.Second
		spoil(&o)
		for kind, client := range map[string]goredis.UniversalClient{
			"single": goredis.NewClient(&o),
			"cluster": goredis.NewClusterClient(&goredis.ClusterOptions{
				Addrs:                 []string{addr},
				ContextTimeoutEnabled: o.ContextTimeoutEnabled, DialerRetries: o.DialerRetries, MaxRetries: o.MaxRetries,
				DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, PoolTimeout: o.PoolTimeout,
			}),
			"ring": goredis.NewRing(&goredis.RingOptions{
				Addrs:                 map[string]string{"a": addr},
				ContextTimeoutEnabled: o.ContextTimeoutEnabled, DialerRetries: o.DialerRetries, MaxRetries: o.MaxRetries,
				DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, PoolTimeout: o.PoolTimeout,
			}),
		} {
			var log bytes.Buffer
			mustNew(t, redisstore.Config{Client: client, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			_ = client.Close()
			switch text := log.String(); {
			case option == "" && text != "":
				t.Errorf("%s: warned of nothing: %s", kind, text)
			case option != "" && !strings.Contains(text, "["+option+"]"):
				t.Errorf("%s: %q does not warn of %s alone", kind, text, option)
			}
		}
	}
}

// What a call may wait for Redis is what the slowest part of the client may take, if its
// deadlines count.
func TestCallWait(t *testing.T) {
	const addr = "127.0.0.1:1"
	for name, tt := range map[string]struct {
		change  func(*goredis.Options)
		honours bool
		want    time.Duration
	}{
		"ours":               {func(*goredis.Options) {}, true, 250 * time.Millisecond},
		"quicker":            {func(o *goredis.Options) { o.ReadTimeout = time.Millisecond }, true, 250 * time.Millisecond},
		"slow dials":         {func(o *goredis.Options) { o.DialTimeout = time.Second }, true, time.Second},
		"slow reads":         {func(o *goredis.Options) { o.ReadTimeout = 2 * time.Second }, true, 2 * time.Second},
		"slow writes":        {func(o *goredis.Options) { o.WriteTimeout = 3 * time.Second }, true, 3 * time.Second},
		"deadlines are void": {func(o *goredis.Options) { o.ReadTimeout = time.Minute }, false, 250 * time.Millisecond},
	} {
		o := redisstore.Options(addr)
		tt.change(o)
		s := mustNew(t, redisstore.Config{Client: newClient(t, o), ClientHonoursDeadlines: tt.honours})
		if got := s.CallWait(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
