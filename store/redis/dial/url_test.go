package dial_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// reached is what matters of a client's options.
type reached struct {
	Kind, Addr, Network, ClientName       string
	DB, Protocol, Retries, Dials, Pool    int
	Dial, Read, Write, Wait               time.Duration
	Deadlines, Identity, Pipelines, Maint bool
}

func reachedBy(t *testing.T, client goredis.UniversalClient) reached {
	t.Helper()
	switch c := client.(type) {
	case *goredis.Client:
		o := c.Options()
		kind := "single"
		if o.Addr == "FailoverClient" {
			kind = "sentinel"
		}
		return reached{
			kind, o.Addr, o.Network, o.ClientName, o.DB, o.Protocol, o.MaxRetries, o.DialerRetries, o.PoolSize,
			o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout,
			o.ContextTimeoutEnabled, !o.DisableIdentity, o.PipelinePoolSize >= 0, o.MaintNotificationsConfig.Mode != "disabled",
		}
	case *goredis.ClusterClient:
		o := c.Options()
		return reached{
			"cluster", strings.Join(o.Addrs, " "), "", o.ClientName, 0, o.Protocol, max(o.MaxRetries, 0), o.DialerRetries, o.PoolSize,
			o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout,
			o.ContextTimeoutEnabled, !o.DisableIdentity, o.PipelinePoolSize >= 0, o.MaintNotificationsConfig.Mode != "disabled",
		}
	}
	t.Fatalf("a %T", client)
	return reached{}
}

func TestURL(t *testing.T) {
	const quick = 250 * time.Millisecond
	ours := reached{
		Kind: "single", Addr: "localhost:6379", Network: "tcp", DB: 1, Protocol: 2, Dials: 1, Pool: 8,
		Dial: quick, Read: quick, Write: quick, Wait: quick, Deadlines: true,
	}
	for _, c := range []struct {
		url    string
		also   dial.Config
		change func(*reached)
	}{
		{"", dial.Config{}, func(*reached) {}},
		{"", dial.Config{Host: "::1", Port: 7}, func(r *reached) { r.Addr = "[::1]:7" }},
		{"", dial.Config{Host: "/run/r.sock", DB: new(3)}, func(r *reached) { r.Addr, r.Network, r.DB = "/run/r.sock", "unix", 3 }},
		{"redis://", dial.Config{}, func(*reached) {}},
		{" redis://LOCALHOST:6379\n", dial.Config{}, func(r *reached) { r.Addr = "LOCALHOST:6379" }},
		{"redis://127.0.0.1/0", dial.Config{DB: new(1)}, func(r *reached) { r.Addr, r.DB = "127.0.0.1:6379", 0 }},
		{"redis://127.0.0.1:7/", dial.Config{DB: new(5)}, func(r *reached) { r.Addr, r.DB = "127.0.0.1:7", 5 }},
		{"redis://127.0.0.1:7/5?client_name=x", dial.Config{Host: "127.0.0.1", Port: 7, DB: new(5)}, func(r *reached) {
			r.Addr, r.DB, r.ClientName = "127.0.0.1:7", 5, "x"
		}},
		{"redis://redis.example?db=2", dial.Config{AllowRemote: true}, func(r *reached) { r.Addr, r.DB = "redis.example:6379", 2 }},
		{"rediss://redis.example", dial.Config{TLS: true}, func(r *reached) { r.Addr = "redis.example:6379" }},
		{"unix:///run/r.sock", dial.Config{}, func(r *reached) { r.Addr, r.Network = "/run/r.sock", "unix" }},
		{"unix://u:p@/run/r.sock?db=4", dial.Config{Host: "/run/r.sock"}, func(r *reached) { r.Addr, r.Network, r.DB = "/run/r.sock", "unix", 4 }},
		{"redis://[::1]:1/2?addr=[::1]:2&master_name=m", dial.Config{}, func(r *reached) { r.Kind, r.Addr, r.DB = "sentinel", "FailoverClient", 2 }},
		{"redis://localhost:1?master_name=m", dial.Config{DB: new(3)}, func(r *reached) { r.Kind, r.Addr, r.DB = "sentinel", "FailoverClient", 3 }},
		{"redis://localhost:1?addr=127.0.0.1:2", dial.Config{DB: new(1)}, func(r *reached) {
			r.Kind, r.Addr, r.Network, r.DB = "cluster", "localhost:1 127.0.0.1:2", "", 0
		}},
		{"redis://localhost:1/0?addr=127.0.0.1:2&addr=127.0.0.1:3", dial.Config{DB: new(0), Host: "127.0.0.1", Port: 3}, func(r *reached) {
			r.Kind, r.Addr, r.Network, r.DB = "cluster", "localhost:1 127.0.0.1:2 127.0.0.1:3", "", 0
		}},
		{"redis://?dial_timeout=1&read_timeout=2s&write_timeout=3s&pool_timeout=4s&pool_size=5&max_retries=6&protocol=3&pipeline_pool_size=7", dial.Config{}, func(r *reached) {
			r.Dial, r.Read, r.Write, r.Wait = time.Second, 2*time.Second, 3*time.Second, 4*time.Second
			r.Pool, r.Retries, r.Protocol, r.Pipelines = 5, 6, 3, true
		}},
	} {
		t.Run(c.url, func(t *testing.T) {
			want := ours
			c.change(&want)
			cfg := c.also
			cfg.URL = secret.New(c.url)
			conn, err := dial.Open(cfg, dial.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if diff := cmp.Diff(want, reachedBy(t, conn.Client())); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestOptionsHoldNoPassword(t *testing.T) {
	for _, url := range []string{
		"redis://user:hunter2@localhost", "unix://user:hunter2@/s", "redis://user:hunter2@localhost?addr=localhost:1",
		"redis://user:hunter2@localhost?master_name=m&username=user&password=hunter2",
	} {
		conn, err := dial.Open(dial.Config{URL: secret.New(url)}, dial.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		client := conn.Client()
		var options any
		switch c := client.(type) {
		case *goredis.Client:
			o := *c.Options()
			_, got, err := o.CredentialsProviderContext(t.Context())
			if got != "hunter2" || err != nil {
				t.Errorf("%s: the password is %q, %v", url, got, err)
			}
			options = o
		case *goredis.ClusterClient:
			options = *c.Options()
		}
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			if strings.Contains(fmt.Sprintf(verb, options)+fmt.Sprintf(verb, client), "hunter2") {
				t.Errorf("%s: the options show it", url)
			}
		}
	}
	cfg := dial.Config{URL: secret.New("redis://user:hunter2@localhost")}
	leaktest.Check(t, "Config", cfg, "hunter2")
	leaktest.Check(t, "a struct with one", struct{ cfg dial.Config }{cfg}, "hunter2")
}
