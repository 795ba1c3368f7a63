package discovery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

const addressKey = "{advoware_sandbox_access_token}:address"

// fleetEnv is the environment of processes that ask the vendor.
func fleetEnv(fake *clienttest.Server, v *vendor, redis *redistest.Server) (env []string) {
	for _, line := range fake.Env() {
		if !strings.HasPrefix(line, "ADVOWARE_API_BASE_URL=") && !strings.HasPrefix(line, "ADVOWARE_TOKEN_URL=") {
			env = append(env, line)
		}
	}
	return append(env, "ADVOWARE_DISCOVERY_URL="+v.url, "REDIS_URL=redis://"+redis.Addr()+"?"+e2etest.Unhurried)
}

func TestColdProcessesAskOnce(t *testing.T) {
	const processes = cold
	v, fake, redis := startVendor(t), clienttest.Start(t, clienttest.Options{}), redistest.Start(t)
	v.change(func() { v.says[fake.Options().Kanzlei], v.slow = connector(fake, fake), 200*time.Millisecond })
	var fleet []*process
	for range processes {
		fleet = append(fleet, begin(t, fleetEnv(fake, v, redis)))
	}
	want := fake.BaseURL() + " <nil>"
	for range 2 {
		for _, p := range fleet {
			p.call()
		}
		for _, p := range fleet {
			if line := p.line(); line != want {
				t.Error(line)
			}
		}
	}
	n := fake.Counts()
	t.Logf("%d processes: %d discovery requests, %d token requests, %d calls", processes, v.asked(), n.TokenRequests, n.APICalls)
	more := late(fleet...)
	if asked := v.asked(); asked < 1 || asked > 2+more {
		t.Errorf("the vendor was asked %d times", asked)
	}
	if n.TokenRequests < 1 || n.TokenRequests > 1+more || n.APICalls != 2*processes {
		t.Errorf("%+v", n)
	}

	asked := v.asked()
	again := begin(t, fleetEnv(fake, v, redis)) // finds a token
	if again.call(); again.line() != want {
		t.Error("a restart fails")
	}
	if late(again) == 0 && (v.asked() != asked || fake.Counts().TokenRequests != n.TokenRequests) {
		t.Error("a restart with a valid token asks")
	}
	for _, key := range []string{addressKey, addressKey + ":asking"} {
		if ttl := fmt.Sprint(redis.Do("PTTL", key)); ttl == "-1" || ttl == "0" {
			t.Errorf("%s has TTL %s", key, ttl)
		}
	}
	if text := fmt.Sprint(redis.Do("GET", addressKey)); !strings.Contains(text, fake.BaseURL()) || strings.Contains(text, fake.Options().Password) || strings.Contains(text, fake.Options().APIKey) {
		t.Error(text)
	}
}

// Processes that find a token, but no address: it was evicted, or an older release wrote
// the token.
func TestProcessesThatFindNoAddressAskOnce(t *testing.T) {
	t.Parallel()
	const processes = cold / 2
	v, fake, redis := startVendor(t), clienttest.Start(t, clienttest.Options{}), redistest.Start(t)
	v.change(func() { v.says[fake.Options().Kanzlei], v.slow = connector(fake, fake), 200*time.Millisecond })
	first := begin(t, fleetEnv(fake, v, redis))
	first.call()
	first.line()
	redis.Do("DEL", addressKey)
	redis.Do("DEL", addressKey+":asking")
	var fleet []*process
	for range processes {
		fleet = append(fleet, begin(t, fleetEnv(fake, v, redis)))
	}
	for _, p := range fleet {
		p.call()
	}
	for _, p := range fleet {
		if line := p.line(); line != fake.BaseURL()+" <nil>" {
			t.Error(line)
		}
	}
	more := late(fleet...)
	if n := v.asked(); n < 2 || n > 3+more {
		t.Errorf("the vendor was asked %d times in all", n)
	}
	if n := fake.Counts().TokenRequests; n < 1 || n > 1+more {
		t.Errorf("%d token requests", n)
	}
}

func TestWhatIsWrittenIntoRedisLeadsNowhere(t *testing.T) {
	for name, write := range map[string]func(redis *redistest.Server, fake, evil *clienttest.Server){
		"an address": func(redis *redistest.Server, _, evil *clienttest.Server) {
			redis.Do("SET", addressKey, connector(evil, evil))
		},
		"with a form": func(redis *redistest.Server, _, evil *clienttest.Server) {
			redis.Do("SET", addressKey, "1 00 "+connector(evil, evil))
		},
		"another's": func(redis *redistest.Server, fake, evil *clienttest.Server) {
			redis.Do("SET", addressKey, strings.Replace(fmt.Sprint(redis.Do("GET", addressKey)), fake.BaseURL(), evil.BaseURL(), 1))
		},
		"a list": func(redis *redistest.Server, _, _ *clienttest.Server) {
			redis.Do("DEL", addressKey)
			redis.Do("LPUSH", addressKey, "x")
		},
		"much": func(redis *redistest.Server, _, _ *clienttest.Server) {
			redis.Do("SETRANGE", addressKey, "8388607", "x")
		},
		"nothing": func(redis *redistest.Server, _, _ *clienttest.Server) { redis.Do("FLUSHALL") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a client that finds another's address waits two seconds
			v, fake, redis := startVendor(t), clienttest.Start(t, clienttest.Options{}), redistest.Start(t)
			evil := clienttest.Start(t, clienttest.Options{})
			v.change(func() { v.says[fake.Options().Kanzlei] = connector(fake, fake) })
			cfg := discovering(e2etest.Sharing(t, fake, redis), v, fake)
			mustCall(t, open(t, cfg))
			write(redis, fake, evil)
			c := open(t, cfg)
			mustCall(t, c)
			wantBase(t, c, fake)
			if n := evil.Counts(); n.APICalls+n.TokenRequests+n.Connections != 0 {
				t.Errorf("%+v", n)
			}
		})
	}
}

func TestRedisThatIsDown(t *testing.T) {
	v, fake := startVendor(t), clienttest.Start(t, clienttest.Options{})
	v.change(func() { v.says[fake.Options().Kanzlei] = connector(fake, fake) })
	c := open(t, discovering(e2etest.Config(t, fake, nil), v, fake))
	for range 5 {
		mustCall(t, c)
	}
	wantBase(t, c, fake)
	v.wantAsked(t, 1)
}
