package redis_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// What is far too long beside a token does not keep it from being used, and is not read by
// a script: neither into the memory of the server's nor into ours.
func TestScriptsReadNothingHuge(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("x", 10<<20)
	for name, may := range map[string]bool{"allowed": true, "HSTRLEN denied": false} {
		for field, write := range map[string][]string{
			"metadata":          {"HSET", metadataKey, "token", huge, "issued_ms", "1"},
			"metadata, another": {"HSET", metadataKey, "identity", huge},
			"failed":            {"HSET", "{" + tokenKey + "}:failed", "holder", "x", "credentials", huge, "kind", huge, "message", huge},
			"refused":           {"SET", "{" + tokenKey + "}:refused", huge},
			"lock":              {"SET", "{" + tokenKey + "}:lock", huge, "PX", "5000"},
			"tombstone":         {"SET", "{" + tokenKey + "}:gone:x", huge},
		} {
			srv := redistest.Start(t)
			if !may {
				srv.Do("ACL", "SETUSER", "default", "-hstrlen")
			}
			conn, err := dial.Open(dial.Config{URL: secret.New("redis://" + srv.Addr() + "/" + strconv.Itoa(redistest.DB) + "?read_timeout=60s&write_timeout=60s&pool_timeout=60s&dial_timeout=60s")}, dial.Options{})
			if err != nil {
				t.Fatal(err)
			}
			s := mustNew(t, redisstore.Config{Client: conn.Client(), ClientHonoursDeadlines: true})
			l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
			if err != nil {
				t.Fatal(err)
			}
			there := token(t, "the-token-that-is-there", longest)
			if reply := srv.Do("SET", tokenKey, there.Reveal(), "PX", strconv.FormatInt((50*time.Minute).Milliseconds(), 10)); reply != "OK" {
				t.Fatal(reply)
			}
			if _, failed := srv.Do(write...).(redistest.Error); failed {
				t.Fatal(field)
			}
			sent := netOutput(srv)
			stands, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "another-token", longest))
			if err != nil || stands.Reveal() != there.Reveal() {
				t.Errorf("%s, %s: swap: %v, %v; want the one that is there", name, field, stands.Reveal(), err)
			}
			turn, err := l.Acquire(t.Context(), tokenKey, lease.Ask{Credentials: "c", Tried: true, Holder: "x"})
			if err != nil || turn.Token.Reveal() != there.Reveal() {
				t.Errorf("%s, %s: acquire: %+v, %v; want the one that is there", name, field, turn, err)
			}
			turn, err = l.Acquire(t.Context(), tokenKey, lease.Ask{Credentials: "c", Old: there, Tried: true, Holder: "x"})
			if err != nil || turn.Release == nil {
				t.Errorf("%s, %s: acquire: %+v, %v; want the lease", name, field, turn, err)
			} else {
				turn.Release(nil)
			}
			if n := netOutput(srv) - sent; n > 1<<20 {
				t.Errorf("%s, %s: the server sent %d bytes", name, field, n)
			}
			if got, err := s.Get(t.Context(), tokenKey); err != nil || got.Reveal() != there.Reveal() {
				t.Errorf("%s, %s: get: %v, %v", name, field, got.Reveal(), err)
			}
			_ = l.Close()
			_ = conn.Close()
		}
	}
}

// netOutput returns how many bytes a server has sent.
func netOutput(srv *redistest.Server) int {
	info, _ := srv.Do("INFO", "stats").(string)
	_, rest, _ := strings.Cut(info, "total_net_output_bytes:")
	digits, _, _ := strings.Cut(rest, "\r")
	n, _ := strconv.Atoi(digits)
	return n
}
