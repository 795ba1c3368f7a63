package link_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// patience is how long what must happen may take before a test fails instead of hanging.
const patience = 40 * time.Second

// links tells how many connections to database 1 a server has, the test's own apart.
func links(srv *redistest.Server) int {
	list, _ := srv.Do("CLIENT", "LIST", "TYPE", "normal").(string)
	return strings.Count(list, " db=1 ") - 1
}

// A service finds a connection to Redis waiting at its first call; a process that makes
// one call and ends, and one that brings a client of its own, find what they made.
func TestConnectedBeforeTheFirstCall(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	srv := redistest.Start(t)
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		cfg := sharing(t, fake, srv)
		cfg.Store = kind
		c := open(t, cfg)
		waitUntil(t, "there is a connection", func() bool { return links(srv) == 1 })
		if n := fmt.Sprint(srv.Do("DBSIZE")); n != "0" {
			t.Errorf("%s: there are %s keys", kind, n)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		waitUntil(t, "it is gone", func() bool { return links(srv) == 0 })
	}
	if n := fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests", n)
	}

	cfg := sharing(t, fake, srv)
	cfg.OneShot = true
	open(t, cfg)
	cfg.OneShot, cfg.Redis.Client = false, redisClientOf(t, srv)
	open(t, cfg)
	open(t, sharing(t, fake, srv))
	waitUntil(t, "there is a connection", func() bool { return links(srv) > 0 })
	if n := links(srv); n != 1 { // the others would have been made before
		t.Errorf("%d connections for three clients, of which one needs it", n)
	}
}

func redisClientOf(t *testing.T, srv *redistest.Server) *goredis.Client {
	t.Helper()
	rdb := goredis.NewClient(redisstore.Options(srv.Addr()))
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// A Redis that hangs does not hold up Close, and its connection is not left open: neither
// one that has been accepted only, nor one on which a command waits for its answer.
func TestCloseWhileConnecting(t *testing.T) {
	for name, asked := range map[string]bool{"at once": false, "when it has asked": true} {
		t.Run(name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			cfg := config(t, newFake(t, clienttest.Options{}), nil)
			cfg.Redis.Port = ln.Addr().(*net.TCPAddr).Port
			cfg.Redis.Timeout = time.Hour
			cfg.Redis.URL = secret.New(fmt.Sprintf("redis://%s/1?read_timeout=1h&dial_timeout=1h", ln.Addr()))
			c := open(t, cfg)
			conn, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			if asked {
				if _, err := conn.Read(make([]byte, 1)); err != nil {
					t.Fatal(err)
				}
			}
			closed := make(chan error, 1)
			go func() { closed <- c.Close() }()
			select {
			case err := <-closed:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(patience):
				t.Fatal("Close hangs")
			}
			if _, err := io.Copy(io.Discard, conn); err != nil { // nil is the end
				t.Errorf("the connection is left: %v", err)
			}
		})
	}
}
