package link_test

import (
	"context"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

func open(t *testing.T, cfg dial.Config) *link.Link {
	t.Helper()
	l := link.Open(t.Context(), link.Config{Redis: cfg})
	t.Cleanup(l.Close)
	return l
}

func ping(ctx context.Context, client goredis.UniversalClient) (string, error) {
	return client.Ping(ctx).Result()
}

func TestUnusableConfiguration(t *testing.T) {
	l := link.Open(t.Context(), link.Config{
		Redis: dial.Config{Host: "redis.example"}, Name: func(field string) string { return "MY_" + field },
	})
	defer l.Close()
	if _, err := l.Reached(t.Context()); err == nil || !strings.Contains(err.Error(), "MY_Host is neither") {
		t.Error(err)
	}
	if _, err := link.Do(t.Context(), l, ping); err == nil {
		t.Error("it asks somebody")
	}
	if node, err := l.Node(t.Context(), "key"); err == nil || node != nil {
		t.Error(node, err)
	}
	if _, known := l.DB(); known {
		t.Error("it knows the database of no client")
	}
}

func TestReached(t *testing.T) {
	srv := redistest.Start(t)
	l := open(t, dial.Config{URL: secret.New("redis://" + srv.Addr() + "/3")})
	if took, err := l.Reached(t.Context()); err != nil || took <= 0 {
		t.Error(took, err)
	}
	if n, known := l.DB(); n != 3 || !known || l.Cluster() {
		t.Error(n, known)
	}
	srv.Do("ACL", "SETUSER", "default", "-ping") // a denial is an answer
	if _, err := open(t, l.Redis()).Reached(t.Context()); err != nil {
		t.Error(err)
	}
}

// A client of the caller's that looks at no context is not waited for.
func TestClientThatHangs(t *testing.T) {
	srv := redistest.Start(t)
	client := goredis.NewClient(&goredis.Options{Addr: srv.Addr(), DB: 1, ReadTimeout: time.Minute, MaxRetries: -1})
	defer client.Close()
	l := open(t, dial.Config{Client: client})
	if _, err := l.Reached(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv.Stop()
	began := time.Now()
	if _, err := link.Do(t.Context(), l, ping); err == nil || time.Since(began) > 20*time.Second {
		t.Error(err, time.Since(began))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := link.Do(ctx, l, ping); err == nil {
		t.Error("it goes on after the end")
	}
	srv.Kill()
}
