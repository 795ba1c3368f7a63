package redis_test

import (
	"testing"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/doctor/internal/redis"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

const key = "advoware_access_token"

// look returns the checks of a Redis.
func look(t *testing.T, cfg dial.Config) []check.Check {
	t.Helper()
	l := link.Open(t.Context(), link.Config{Redis: cfg})
	defer l.Close()
	return redis.Checks(t.Context(), redis.Config{Link: l, Key: key, Identity: "ours"})
}

func at(url string) dial.Config { return dial.Config{URL: secret.New(url)} }

func TestHealthy(t *testing.T) {
	for _, c := range look(t, at("redis://"+redistest.Start(t).Addr())) {
		if c.Status != check.OK && c.Name != "certificates" || c.Group != "Redis" || c.Saw == "" || c.Want != "" || c.Hint != "" {
			t.Errorf("%+v", c)
		}
	}
}
