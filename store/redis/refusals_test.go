package redis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const refusedKey = "{" + tokenKey + "}:refused"

func newRefusals(t *testing.T, srv *redistest.Server, credentials string) *redisstore.Refusals {
	t.Helper()
	r, err := redisstore.NewRefusals(redisstore.RefusalsConfig{
		Client: newClient(t, patient(srv.Addr())), Credentials: func(string) string { return credentials },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func refused(t *testing.T, r *redisstore.Refusals) time.Duration {
	t.Helper()
	left, err := r.Refused(t.Context(), tokenKey)
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func TestRefusalHoldsForTheSameCredentialsUntilItEnds(t *testing.T) {
	srv := redistest.Start(t)
	mine, same, changed, unnamed := newRefusals(t, srv, "pass-1"), newRefusals(t, srv, "pass-1"), newRefusals(t, srv, "pass-2"), newRefusals(t, srv, "")
	if left := refused(t, mine); left != 0 {
		t.Errorf("refused for %v before anything", left)
	}
	if err := mine.Refuse(t.Context(), tokenKey, time.Minute); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*redisstore.Refusals{"mine": mine, "same": same} {
		if left := refused(t, r); left <= 50*time.Second || left > time.Minute {
			t.Errorf("%s: refused for %v, want a minute", name, left)
		}
	}
	if refused(t, changed) != 0 || refused(t, unnamed) != 0 {
		t.Error("other credentials are taken for refused")
	}
	if ttl := srv.Do("PTTL", refusedKey).(int64); ttl <= 0 || ttl > 60_000 {
		t.Errorf("its TTL is %d ms", ttl)
	}
	if value := srv.Do("GET", refusedKey).(string); strings.Contains(value, "pass") {
		t.Errorf("it shows %q", value)
	}
	srv.Do("PEXPIRE", refusedKey, "1")
	for refused(t, mine) != 0 {
		<-time.After(time.Millisecond)
	}
}

func TestPoisonedRefusalIsNone(t *testing.T) {
	srv := redistest.Start(t)
	r := newRefusals(t, srv, "pass-1")
	_ = r.Refuse(t.Context(), tokenKey, time.Minute)
	srv.Do("PERSIST", refusedKey)
	if left := refused(t, r); left != 0 {
		t.Errorf("without a TTL: %v", left)
	}
	srv.Do("DEL", refusedKey)
	srv.Do("RPUSH", refusedKey, "x")
	if left := refused(t, r); left != 0 {
		t.Errorf("of another type: %v", left)
	}
	srv.Kill()
	if _, err := r.Refused(t.Context(), tokenKey); err == nil {
		t.Error("without Redis: no error")
	}
	if err := r.Refuse(t.Context(), tokenKey, time.Minute); err == nil {
		t.Error("without Redis: no error")
	}
	if _, err := redisstore.NewRefusals(redisstore.RefusalsConfig{Timeout: -1}); err == nil {
		t.Error("a wrong configuration is accepted")
	}
}
