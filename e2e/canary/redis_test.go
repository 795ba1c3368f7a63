//go:build !race

package canary_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
)

// newRedisCanary is newCanary with a real Redis behind a password, and a connection
// to it that is already let in.
func newRedisCanary(t *testing.T, kind advoware.StoreKind, args ...string) (*canary, *redistest.Server, *redistest.Conn) {
	t.Helper()
	server := redistest.Start(t, args...)
	conn := server.Dial()
	if reply, err := conn.Do("CONFIG", "SET", "requirepass", canaryRedisPassword); reply != "OK" {
		t.Fatal(reply, err)
	}
	k := newCanary(t, clienttest.Options{})
	k.at(kind, server.Addr())
	return k, server, conn
}

// at points the canary to a Redis.
func (k *canary) at(kind advoware.StoreKind, addr string) {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	k.cfg.Store = kind
	k.cfg.Redis = advoware.RedisConfig{Host: host, Port: n, Password: secret.New(canaryRedisPassword), Timeout: time.Second}
}

var farKinds = []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis}

func TestCanaryRedis(t *testing.T) {
	for name, run := range map[string]func(*canary, *redistest.Server, *redistest.Conn) []*client.Client{
		"good life": func(k *canary, _ *redistest.Server, _ *redistest.Conn) []*client.Client {
			a, b := k.client(), k.client()
			k.mustCall(a)
			k.mustCall(b)
			k.fake.RevokeAll()
			k.mustCall(b)
			k.mustCall(a)
			return []*client.Client{a, b}
		},
		"killed": func(k *canary, s *redistest.Server, _ *redistest.Conn) []*client.Client {
			c := k.client()
			k.mustCall(c)
			s.Kill()
			_ = k.call(c, "/employees")
			k.fake.RevokeAll()
			_ = k.call(c, "/employees")
			return []*client.Client{c}
		},
		"hung": func(k *canary, s *redistest.Server, _ *redistest.Conn) []*client.Client {
			c := k.client()
			k.mustCall(c)
			s.Stop()
			k.fake.RevokeAll()
			_ = k.call(c, "/employees")
			s.Cont()
			return []*client.Client{c}
		},
		"wrong password": func(k *canary, _ *redistest.Server, _ *redistest.Conn) []*client.Client {
			k.cfg.Redis.Password = secret.New(otherPassword)
			c := k.client()
			_ = k.call(c, "/employees")
			return []*client.Client{c}
		},
		"unusable values": func(k *canary, _ *redistest.Server, conn *redistest.Conn) []*client.Client {
			for _, args := range [][]string{
				{"LPUSH", k.cfg.TokenKey, oddToken}, {"SET", k.cfg.TokenKey, oddToken},
				{"SET", k.cfg.TokenKey, " ü " + oddToken, "EX", "1000"}, {"SET", k.cfg.TokenKey, strings.Repeat(oddToken, 1000), "EX", "1000"},
				{"SET", k.cfg.TokenKey, oddToken, "EX", "1000"},
			} {
				_, _ = conn.Do("FLUSHALL")
				if _, err := conn.Do(args...); err != nil {
					k.t.Fatal(err)
				}
				_ = k.call(k.client(), "/employees")
			}
			return nil
		},
		"another identity": func(k *canary, _ *redistest.Server, _ *redistest.Conn) []*client.Client {
			k.mustCall(k.client())
			k.cfg.User = "somebody else"
			c := k.client()
			_ = k.mustFail(c, "/employees")
			return []*client.Client{c}
		},
	} {
		for _, kind := range farKinds {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				k, server, conn := newRedisCanary(t, kind)
				k.secret(oddToken)
				k.end(run(k, server, conn)...)
			})
		}
	}
}

// A Redis that knows some commands not, and repeats their arguments.
func TestCanaryRedisWithoutCommands(t *testing.T) {
	for _, command := range []string{"AUTH", "EVALSHA", "EVAL", "GETRANGE", "SET"} {
		for _, kind := range farKinds {
			t.Run(command+"/"+string(kind), func(t *testing.T) {
				k, _, _ := newRedisCanary(t, kind, "--rename-command", command, "")
				c := k.client()
				_ = k.call(c, "/employees")
				k.end(c)
			})
		}
	}
}

// Something that is no Redis, and repeats what it is sent.
func TestCanaryNoRedis(t *testing.T) {
	text := func(form string) func(net.Conn) {
		return func(c net.Conn) {
			in, seen := bufio.NewReader(c), ""
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				seen += strings.TrimSpace(line) + " "
				_, _ = fmt.Fprintf(c, form, seen)
			}
		}
	}
	repeats := func(form string) func(net.Conn) { // once for each command
		return func(c net.Conn) {
			for p := make([]byte, 64<<10); ; {
				n, err := c.Read(p)
				if err != nil {
					return
				}
				_, _ = fmt.Fprintf(c, form, strings.Join(strings.Fields(string(p[:n])), " "))
			}
		}
	}
	for name, serve := range map[string]func(net.Conn){
		"echo":    func(c net.Conn) { _, _ = io.Copy(c, c) },
		"closes":  func(net.Conn) {},
		"status":  text("+%s\r\n"),
		"number":  text(":%s\r\n"),
		"length":  text("$%s\r\n"),
		"array":   text("*%s\r\n"),
		"no RESP": text("%s\r\n"),
		"HTTP":    text("HTTP/1.1 400 Bad Request\r\n\r\n%s"),
		"told":    repeats("-ERR you said [%s]\r\n"),
		"refused": repeats("-WRONGPASS invalid: %s\r\n"),
		"unknown": text("-ERR unknown command `X`, with args beginning with: `%s`\r\n"),
	} {
		for _, kind := range farKinds {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				k := newCanary(t, clienttest.Options{})
				k.at(kind, redistest.Listen(t, serve))
				c := k.client()
				_ = k.call(c, "/employees")
				k.end(c)
			})
		}
	}
}
