package redistest_test

import (
	"crypto/tls"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
)

func TestTLSServerWantsACertificate(t *testing.T) {
	ca := redistest.NewCA(t)
	s := redistest.StartTLS(t, ca)
	s.Do("SET", "k", "v") // Do has one
	s.Restart()
	if got := s.Dial(); got == nil {
		t.Error("no connection")
	}
	nc, err := tls.Dial("tcp", s.Addr(), &tls.Config{InsecureSkipVerify: true})
	if err == nil { // with TLS 1.3 a client is told only when it reads
		defer nc.Close()
		_, err = nc.Read(make([]byte, 1))
	}
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without a certificate: %v", err)
	}
	if nc, err := tls.Dial("tcp", s.Addr(), new(tls.Config)); err == nil {
		nc.Close()
		t.Error("everybody knows the CA")
	}
}

func TestSentinelFailsOver(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t)
	first := s.Master()
	if first != s.Servers[0] || len(s.Addrs()) != 3 {
		t.Fatalf("the master is %v, the sentinels are %v", first, s.Addrs())
	}
	first.Do("SET", "k", "v")
	s.Failover()
	if got := s.Master(); got != s.Servers[1] {
		t.Fatalf("the master is %v", got)
	}
	if got := s.Master().Do("SET", "k", "w"); got != "OK" {
		t.Errorf("the new master says %v", got)
	}
}

func TestClusterFailsOver(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	first := c.Owner("k")
	if got := first.Do("SET", "k", "v"); got != "OK" {
		t.Fatalf("the owner says %v", got)
	}
	for _, node := range c.Nodes {
		if got := fmt.Sprint(node.Do("GET", "k")); node != first && !strings.HasPrefix(got, "MOVED ") {
			t.Errorf("another node says %v", got)
		}
	}
	c.Nodes[0].Stop() // whoever hangs is not asked
	if got := c.Masters(); len(got) != 3 || got[0] == nil || c.Owner("k") != first {
		t.Errorf("the masters are %v", got)
	}
	c.Nodes[0].Cont()
	c.Failover("k")
	if now := c.Owner("k"); now == first || now.Do("SET", "k", "w") != "OK" {
		t.Errorf("the owner is %v", now.Addr())
	}
}

func TestAnotherProgram(t *testing.T) {
	script := t.TempDir() + "/valkey-server"
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"I am another program\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for program, want := range map[string]string{script: "I am another program", script + "-absent": redistest.ServerEnv} {
		t.Run(want, func(t *testing.T) {
			t.Setenv(redistest.ServerEnv, program)
			r := &recorder{TB: t}
			func() {
				defer func() { _ = recover() }()
				redistest.Start(r)
			}()
			if r.how != "fatal" || !strings.Contains(r.text, want) {
				t.Errorf("Start ended with %q, %q", r.how, r.text)
			}
		})
	}
}
