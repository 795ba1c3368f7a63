package redis_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

func TestNewNamesAllProblems(t *testing.T) {
	c := newClient(t, redisstore.Options("127.0.0.1:1"))
	tests := map[string]struct {
		cfg  redisstore.Config
		want []string
	}{
		"nothing":        {redisstore.Config{}, []string{"Client"}},
		"negative":       {redisstore.Config{Client: c, Lifetime: -1, Margins: store.Margins{Guard: -1, Margin: -1}, Timeout: -1}, []string{"Lifetime", "Margins.Guard", "Margins.Margin", "Timeout"}},
		"several":        {redisstore.Config{Margins: store.Margins{Margin: -1}, Timeout: -1}, []string{"Client", "Margins.Margin", "Timeout"}},
		"just enough":    {redisstore.Config{Client: c, Lifetime: 130 * time.Second}, nil},
		"all by default": {redisstore.Config{Client: c}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.cfg.Logger = slog.New(slog.DiscardHandler)
			s, err := redisstore.New(tt.cfg)
			if (err == nil) != (tt.want == nil) || (s == nil) != (err != nil) {
				t.Fatalf("got %v, %v", s, err)
			}
			if err == nil {
				return
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != len(tt.want) {
				t.Errorf("%d problems in %q; want %d", lines, err, len(tt.want))
			}
			for _, name := range tt.want {
				if !strings.Contains(err.Error(), "Config."+name) {
					t.Errorf("%q does not name Config.%s", err, name)
				}
			}
		})
	}
}

func TestNewWarnsOfHurtfulOptions(t *testing.T) {
	const addr = "127.0.0.1:1"
	slow := redisstore.Options(addr)
	slow.ReadTimeout = 3 * time.Second
	eternal := redisstore.Options(addr)
	eternal.ReadTimeout = -1
	tests := map[string]struct {
		client goredis.UniversalClient
		want   []string
	}{
		"ours":     {goredis.NewClient(redisstore.Options(addr)), nil},
		"defaults": {goredis.NewClient(&goredis.Options{Addr: addr}), []string{"ContextTimeoutEnabled", "DialerRetries", "MaxRetries", "DialTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"}},
		"slow":     {goredis.NewClient(slow), []string{"ReadTimeout=3s"}},
		"eternal":  {goredis.NewClient(eternal), []string{"ReadTimeout"}},
		"cluster":  {goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{addr}}), []string{"ContextTimeoutEnabled", "DialerRetries"}},
		"ring":     {goredis.NewRing(&goredis.RingOptions{Addrs: map[string]string{"a": addr}}), []string{"ContextTimeoutEnabled", "DialerRetries"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			defer tt.client.Close()
			var log bytes.Buffer
			mustNew(t, redisstore.Config{Client: tt.client, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if tt.want == nil && log.Len() > 0 {
				t.Errorf("warns of nothing: %s", &log)
			}
			for _, option := range tt.want {
				if !strings.Contains(log.String(), option) || !strings.Contains(log.String(), "level=WARN") {
					t.Errorf("no warning of %s in %q", option, &log)
				}
			}
		})
	}
}

// countingConn counts what goes over a connection in one piece.
type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestRoundTrips(t *testing.T) {
	srv := redistest.Start(t)
	var writes, dials atomic.Int64
	o := patient(srv.Addr())
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials.Add(1)
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return countingConn{c, &writes}, err
	}
	s := mustNew(t, redisstore.Config{Client: newClient(t, o), Identity: func(string) string { return "me" }})
	old, tok, next := token(t, "old", longest), token(t, "tok", longest), token(t, "next", longest)
	swap := func(old, tok store.Token) func() error {
		return func() error { _, err := s.CompareAndSwap(t.Context(), tokenKey, old, tok); return err }
	}
	get := func() error { _, err := s.Get(t.Context(), tokenKey); return err }

	// The server learns the scripts.
	for _, fn := range []func() error{swap(store.Token{}, old), func() error { return s.CompareAndDelete(t.Context(), tokenKey, tok) }} {
		if err := fn(); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
		want int64
	}{
		{"get, nothing known yet of its own", get, 1},
		{"swap that writes", swap(old, tok), 1},
		{"get", get, 1},
		{"swap that loses", swap(old, next), 1},
		{"delete", func() error { return s.CompareAndDelete(t.Context(), tokenKey, tok) }, 1},
		{"delete of nothing", func() error { return s.CompareAndDelete(t.Context(), tokenKey, store.Token{}) }, 0},
		{"swap of nothing", func() error {
			if err := swap(old, store.Token{})(); !errors.Is(err, store.ErrUnusable) {
				return err
			}
			return nil
		}, 0},
	} {
		before := writes.Load()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if n := writes.Load() - before; n != step.want {
			t.Errorf("%s: %d round trips, want %d", step.name, n, step.want)
		}
	}
	// Contiguous commands may still be torn apart; a transaction is not.
	if info, _ := srv.Do("INFO", "commandstats").(string); !strings.Contains(info, "cmdstat_exec:calls=2,") {
		t.Errorf("two reads, but not two transactions:\n%s", info)
	}
	if n := dials.Load(); n != 1 {
		t.Errorf("%d connections for one call at a time", n)
	}
}

func TestNewDoesNoIO(t *testing.T) {
	o := redisstore.Options("127.0.0.1:1")
	o.Dialer = func(context.Context, string, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, errors.New("no")
	}
	mustNew(t, redisstore.Config{Client: newClient(t, o)})
}

// The whole life of a token on clients that spread keys over several servers, or
// over the slots of one that insists on them.
func TestSpreadKeys(t *testing.T) {
	clusterNode := redistest.Start(t, "--cluster-enabled", "yes")
	if reply := clusterNode.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383"); reply != "OK" {
		t.Fatal(reply)
	}
	for clusterNode.Do("SET", "probe", "x", "EX", "1") != "OK" {
		<-time.After(20 * time.Millisecond) // the node wants to be sure that it is alone
	}
	ringNodes := []*redistest.Server{redistest.Start(t), redistest.Start(t)}
	for name, client := range map[string]goredis.UniversalClient{
		"cluster": goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{clusterNode.Addr()}}),
		"ring": goredis.NewRing(&goredis.RingOptions{DB: 1, Addrs: map[string]string{
			"a": ringNodes[0].Addr(), "b": ringNodes[1].Addr(),
		}}),
	} {
		t.Run(name, func(t *testing.T) {
			defer client.Close()
			s := mustNew(t, redisstore.Config{Client: client})
			for _, key := range []string{tokenKey, "other", "a:b"} {
				tok, next := token(t, "tok", longest), token(t, "next", longest)
				if got, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil || got != tok {
					t.Fatalf("swap: %v, %v", got, err)
				}
				if got, err := s.Get(t.Context(), key); err != nil || !got.Equal(tok) || got.IssuedAt().IsZero() {
					t.Errorf("get: %v issued at %v, %v", got, got.IssuedAt(), err)
				}
				if got, err := s.CompareAndSwap(t.Context(), key, store.Token{}, next); err != nil || !got.Equal(tok) {
					t.Errorf("swap that loses: %v, %v", got, err)
				}
				if key == tokenKey {
					if n, err := client.Exists(t.Context(), stampKey).Result(); n != 1 || err != nil {
						t.Errorf("no timestamp key: %v", err)
					}
				}
				if err := s.CompareAndDelete(t.Context(), key, tok); err != nil {
					t.Errorf("delete: %v", err)
				}
				if _, err := s.Get(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("get after delete: %v", err)
				}
			}
		})
	}
}
