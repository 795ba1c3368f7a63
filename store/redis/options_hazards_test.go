package redis_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Each option that makes calls hang is named, and no other one, whatever the client is. A second is
// not too long, and one more try is one too many.
func TestEachHurtfulOptionIsNamed(t *testing.T) {
	const addr = "127.0.0.1:1"
	for name, c := range map[string]struct {
		change func(o *goredis.Options)
		want   string
		waits  time.Duration // of a call
	}{
		"none":         {func(*goredis.Options) {}, "", 250 * time.Millisecond},
		"no deadlines": {func(o *goredis.Options) { o.ContextTimeoutEnabled = false }, "ContextTimeoutEnabled=false", 250 * time.Millisecond},
		"another dial": {func(o *goredis.Options) { o.DialerRetries = 2 }, "DialerRetries=2", 250 * time.Millisecond},
		"another try":  {func(o *goredis.Options) { o.MaxRetries = 1 }, "MaxRetries=1", 250 * time.Millisecond},
		"a second": {func(o *goredis.Options) {
			o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Second, time.Second, time.Second, time.Second
		}, "", time.Second},
		"a long dial":    {func(o *goredis.Options) { o.DialTimeout = time.Second + 1 }, "DialTimeout=1.000000001s", time.Second + 1},
		"a long read":    {func(o *goredis.Options) { o.ReadTimeout = 2 * time.Second }, "ReadTimeout=2s", 2 * time.Second},
		"a long write":   {func(o *goredis.Options) { o.WriteTimeout = 2 * time.Second }, "WriteTimeout=2s", 2 * time.Second},
		"a long wait":    {func(o *goredis.Options) { o.PoolTimeout = 2 * time.Second }, "PoolTimeout=2s", 250 * time.Millisecond},
		"an endless one": {func(o *goredis.Options) { o.ReadTimeout = -1 }, "ReadTimeout=0s", 250 * time.Millisecond},
	} {
		o := redisstore.Options(addr)
		c.change(o)
		for kind, client := range map[string]goredis.UniversalClient{
			"client": goredis.NewClient(o),
			"cluster": goredis.NewClusterClient(&goredis.ClusterOptions{
				Addrs: []string{addr}, ContextTimeoutEnabled: o.ContextTimeoutEnabled, DialerRetries: o.DialerRetries, MaxRetries: o.MaxRetries,
				DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, PoolTimeout: o.PoolTimeout,
			}),
			"ring": goredis.NewRing(&goredis.RingOptions{
				Addrs: map[string]string{"a": addr}, ContextTimeoutEnabled: o.ContextTimeoutEnabled, DialerRetries: o.DialerRetries, MaxRetries: o.MaxRetries,
				DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, PoolTimeout: o.PoolTimeout,
			}),
		} {
			log := new(strings.Builder)
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Logger: slog.New(slog.NewTextHandler(log, nil))})
			_ = client.Close()
			named := ""
			if _, list, found := strings.Cut(log.String(), "options="); found {
				named = strings.Replace(strings.Trim(strings.TrimSpace(list), `"[]`), "-1ns", "0s", 1) // it depends on the client how it is shown
			}
			if named != c.want {
				t.Errorf("%s, %s: %q is named, want %q", name, kind, named, c.want)
			}
			if wait := s.CallWait(); wait != c.waits {
				t.Errorf("%s, %s: a call waits %v, want %v", name, kind, wait, c.waits)
			}
			if wait := mustNew(t, redisstore.Config{Client: client}).CallWait(); wait != 250*time.Millisecond {
				t.Errorf("%s, %s: a call waits %v for a client that does not end with it", name, kind, wait)
			}
		}
	}
}
