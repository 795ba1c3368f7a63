package redis_test

import (
	"testing"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redistest"
)

func TestIdentity(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		command   []string
		status    check.Status
		saw, hint string
	}{
		"none":     {[]string{"PING"}, check.OK, "no other identity", ""},
		"ours":     {[]string{"HSET", rediskey.Metadata(key), "identity", rediskey.Identity.Of("ours")}, check.OK, "of this identity", ""},
		"theirs":   {[]string{"HSET", rediskey.Metadata(key), "identity", rediskey.Identity.Of("theirs")}, check.Failure, "of identity " + rediskey.Identity.Of("theirs")[:8], "ADVOWARE_TOKEN_KEY"},
		"anything": {[]string{"HSET", rediskey.Metadata(key), "identity", canary}, check.Failure, "of identity unknown", "ADVOWARE_TOKEN_KEY"},
		"a list":   {[]string{"LPUSH", rediskey.Metadata(key), canary}, check.Warning, "no hash", "ADVOWARE_TOKEN_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			srv.Do(c.command...)
			want(t, look(t, at("redis://"+srv.Addr())), "identity", c.status, c.saw, c.hint)
		})
	}
}
