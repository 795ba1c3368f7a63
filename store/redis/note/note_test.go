package note_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/internal/redistest"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/note"
)

var _ discovery.Memory = (*note.Notes)(nil)

// patient returns a client that waits for its server on a busy machine, too.
func patient(t *testing.T, srv *redistest.Server) *goredis.Client {
	t.Helper()
	o := redisstore.Options(srv.Addr())
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Minute, time.Minute, time.Minute, time.Minute
	rdb := goredis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func TestNotesOnRealRedis(t *testing.T) {
	srv := redistest.Start(t)
	rdb := patient(t, srv)
	n, ctx := note.New(rdb), t.Context()

	if text, err := n.Get(ctx, "{k}:address"); text != "" || err != nil {
		t.Errorf("%q, %v; want nothing", text, err)
	}
	for _, text := range []string{"one", "two"} {
		if err := n.Set(ctx, "{k}:address", text, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got, err := n.Get(ctx, "{k}:address"); got != text || err != nil {
			t.Errorf("%q, %v; want %q", got, err, text)
		}
	}
	if ttl := rdb.PTTL(ctx, "{k}:address").Val(); ttl <= 0 || ttl > time.Minute {
		t.Errorf("TTL %v", ttl)
	}
	for i, want := range []bool{true, false, false} {
		if got, err := n.Claim(ctx, "{k}:claim", time.Minute); got != want || err != nil {
			t.Errorf("claim %d: %v, %v", i, got, err)
		}
	}
	if ttl := rdb.PTTL(ctx, "{k}:claim").Val(); ttl <= 0 || ttl > time.Minute {
		t.Errorf("TTL %v", ttl)
	}
	if err := n.Set(ctx, "{k}:short", "x", 1); err != nil { // a TTL that Redis does not have is none
		t.Error(err)
	}

	rdb.Set(ctx, "{k}:huge", strings.Repeat("x", 1<<20), time.Minute)
	if text, err := n.Get(ctx, "{k}:huge"); len(text) != note.MaxBytes || err != nil {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	rdb.HSet(ctx, "{k}:hash", "a", "b")
	if text, err := n.Get(ctx, "{k}:hash"); text != "" || err != nil {
		t.Errorf("a hash is read: %q, %v", text, err)
	}
	if err := n.Set(ctx, "{k}:hash", "mended", time.Minute); err != nil {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := n.Get(gone, "{k}:address"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A mark that somebody has left for ever, or for long, keeps nobody from asking.
func TestMarkThatDoesNotEndIsNone(t *testing.T) {
	rdb := patient(t, redistest.Start(t))
	n, ctx := note.New(rdb), t.Context()
	for name, c := range map[string]struct {
		put  func(key string) error
		want bool
	}{
		"for ever":     {func(key string) error { return rdb.Set(ctx, key, "1", 0).Err() }, true},
		"a hash":       {func(key string) error { return rdb.HSet(ctx, key, "a", "b").Err() }, true},
		"for a day":    {func(key string) error { return rdb.Set(ctx, key, "1", 24*time.Hour).Err() }, true},
		"for a minute": {func(key string) error { return rdb.Set(ctx, key, "1", time.Minute).Err() }, false},
		"for seconds":  {func(key string) error { return rdb.Set(ctx, key, "1", 5*time.Second).Err() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.put(name); err != nil {
				t.Fatal(err)
			}
			for _, want := range []bool{c.want, false} {
				if got, err := n.Claim(ctx, name, 4*time.Second); got != want || err != nil {
					t.Errorf("%v, %v; want %v", got, err, want)
				}
			}
			if ttl := rdb.PTTL(ctx, name).Val(); ttl <= 0 || ttl > time.Minute {
				t.Errorf("TTL %v", ttl)
			}
		})
	}
}
