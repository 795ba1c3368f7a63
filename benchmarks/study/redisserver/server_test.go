package redisserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/redisserver"
)

const requireEnv = "ADVOWARE_REQUIRE_REDIS"

func start(t *testing.T, ctx context.Context) *redisserver.Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv(requireEnv) == "1" {
			t.Fatalf("no redis-server on PATH, and %s=1 demands one", requireEnv)
		}
		t.Skipf("no redis-server on PATH: a real Redis is needed here (%s=1 makes this a failure)", requireEnv)
	}
	s, err := redisserver.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// say sends one line and returns the answer, "" if nobody is there.
func say(t *testing.T, s *redisserver.Server, command string) string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		return ""
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(c, "%s\r\n", command)
	answer, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestServerIsKilledAndComesBackEmpty(t *testing.T) {
	s := start(t, t.Context())
	addr := s.Addr()
	if got := say(t, s, "SET k v"); got != "+OK\r\n" {
		t.Fatalf("SET: %q", got)
	}
	s.Kill()
	s.Kill() // once more does no harm
	if got := say(t, s, "PING"); got != "" {
		t.Errorf("a killed server says %q", got)
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if got := say(t, s, "GET k"); got != "$-1\r\n" || s.Addr() != addr {
		t.Errorf("at %s (was %s) k is %q", s.Addr(), addr, got)
	}
	s.Close()
	if got := say(t, s, "PING"); got != "" {
		t.Errorf("a closed server says %q", got)
	}
}

func TestServerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := start(t, ctx)
	cancel()
	for {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			break
		}
		_ = c.Close()
		<-time.After(time.Millisecond)
	}
	if err := s.Restart(); !errors.Is(err, context.Canceled) {
		t.Errorf("it is started again: %v", err)
	}
	if got := say(t, s, "PING"); got != "" {
		t.Errorf("it says %q", got)
	}
}

func TestVersion(t *testing.T) {
	start(t, t.Context())
	if redisserver.Version() == "" {
		t.Error("the version is not known")
	}
}

func TestNoServerOnPath(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := redisserver.Start(t.Context()); !errors.Is(err, redisserver.ErrMissing) {
		t.Errorf("got %v", err)
	}
	if got := redisserver.Version(); got != "" {
		t.Errorf("version %q", got)
	}
}

func TestProgramThatIsNoRedis(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/redis-server", []byte("#!/bin/sh\necho no such luck\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh on PATH to play a broken redis-server")
	}
	t.Setenv("PATH", dir)
	if _, err := redisserver.Start(t.Context()); err == nil || errors.Is(err, redisserver.ErrMissing) {
		t.Errorf("got %v", err)
	}
}
