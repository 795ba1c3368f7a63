package main_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// A sandbox that is started again has another port. The token that the last one left in
// Redis is replaced, and does not block the key until it ends.
func TestSandboxStartedAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process on Windows cannot be interrupted from outside")
	}
	server := redistest.Start(t)
	var left any
	for _, args := range [][]string{nil, nil, {"--addr", "127.0.0.2:0"}, {"--addr", "localhost:0"}} {
		if runtime.GOOS != "linux" && args != nil {
			continue // which has one loopback address only
		}
		s := startSandbox(t, args...)
		for _, kind := range []string{"tiered", "redis"} {
			run(t, append(s.env, redisAt(server)...), "call", "GET", "/employees", "--store", kind).wantQuiet(t)
		}
		s.stop(t)
		token := server.Do("GET", sandboxKey)
		if token == left || token == nil {
			t.Errorf("%q: %v is the token of the one before", args, token)
		}
		left = token
	}
	run(t, redisAt(server), "call", "--sandbox", "--store", "tiered", "GET", "/employees").wantQuiet(t)
}

// A key that is in use for somebody else: whose it is, until when, and what helps.
func TestAnotherIdentitySaysWhatHelps(t *testing.T) {
	server, a, b := redistest.Start(t), clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{User: "other"})
	run(t, append(a.Env(), redisAt(server)...), "call", "GET", "/employees").wantQuiet(t)
	ms, _ := server.Do("PTTL", sandboxKey).(int64)
	until := time.Now().Add(time.Duration(ms) * time.Millisecond).UTC()
	whose := fmt.Sprint(server.Do("HGET", "{"+sandboxKey+"}:meta", "identity"))[:8]
	for _, kind := range []string{"tiered", "redis"} {
		got := run(t, append(b.Env(), redisAt(server)...), "call", "GET", "/employees", "--store", kind)
		got.wantFailure(t, 1, "another identity", whose, "user", "until", "delete the key", "another key", "ADVOWARE_TOKEN_KEY")
		if !strings.Contains(got.err, until.Format(time.RFC3339)) && !strings.Contains(got.err, until.Add(-time.Second).Format(time.RFC3339)) {
			t.Errorf("%q does not say until %s", got.err, until)
		}
	}
}
