//go:build unix

package redis_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redisconn"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// FuzzHostileServer: whatever a server sends, in whatever pieces, a Get, a write, a removal and
// a look end; a token that comes out of it may be sent, was in it, and does not live longer than
// ours do; and no error repeats a
// token that was sent.
func FuzzHostileServer(f *testing.F) {
	const ours = "eyJhbGciOi.ours-0123456789"
	for _, seed := range []string{
		"*2\r\n$3\r\ntok\r\n:3180000\r\n", "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$3\r\ntok\r\n:3180000\r\n*3\r\n$-1\r\n$-1\r\n$-1\r\n",
		"-ERR unknown command 'EVALSHA', with args beginning with: '" + ours + "'\r\n", "-NOSCRIPT No matching script. Please use EVAL.\r\n-ERR " + ours + "\r\n",
		"-MOVED 1 127.0.0.1:1\r\n", "-ASK 1 :0\r\n", "-NOAUTH Authentication required.\r\n", "-LOADING\r\n", "-READONLY " + ours + "\r\n", "-OOM\r\n", "-WRONGTYPE x\r\n",
		"$536870912\r\n", "*1000000000\r\n", strings.Repeat("*1\r\n", 40), "%1\r\n+a\r\n+b\r\n", ">2\r\n+invalidate\r\n_\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n",
		"*2\r\n$3\r\ntok\r\n:9223372036854775807\r\n", "*2\r\n$3\r\na b\r\n:1000000\r\n", "*2\r\n+tok\r\n$7\r\n3180000\r\n", "*4\r\n:1\r\n$3\r\ntok\r\n:3180000\r\n$0\r\n\r\n", "",
	} {
		f.Add(seed, uint8(0), uint8(0))
		f.Add(seed+seed, uint8(1), uint8(1))
	}
	dir, err := os.MkdirTemp("", "redis") // short enough for a socket
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = os.RemoveAll(dir) })
	var sockets atomic.Int64
	f.Fuzz(func(t *testing.T, said string, piece, hello uint8) {
		if len(said) > 64<<10 {
			return
		}
		o := redisstore.Options(filepath.Join(dir, strconv.FormatInt(sockets.Add(1), 10)))
		server, err := net.Listen("unix", o.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		go func() {
			for {
				conn, err := server.Accept()
				if err != nil {
					return
				}
				go speak(conn, said, int(piece), int(hello%4))
			}
		}()
		dialer := redisconn.New(redisconn.Config{})
		defer dialer.Close()
		o.Network, o.Dialer = "unix", dialer.DialContext
		client := goredis.NewClient(o)
		defer client.Close()
		s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Timeout: 5 * time.Second})
		began, old, next := time.Now(), token(t, ours, longest), token(t, ours+"-next", longest)
		sound := func(what string, tok store.Token, err error) {
			t.Helper()
			switch {
			case err != nil && !tok.IsZero():
				t.Errorf("%s: %v beside %v", what, tok, err)
			case err != nil && strings.HasPrefix(what, "Compare") && strings.Contains(err.Error(), ours): // the others send none
				t.Errorf("%s: an error has a token in it: %v", what, err)
			case err == nil && tok.IsZero(), err == nil && !strings.Contains(said, tok.Reveal()) && tok != next:
				t.Errorf("%s: %q is not from %q", what, tok.Reveal(), said)
			case err == nil && tok.Expiry().After(time.Now().Add(longest)):
				t.Errorf("%s: %v lives for too long", what, tok)
			}
		}
		tok, err := s.Get(t.Context(), tokenKey)
		sound("Get", tok, err)
		tok, err = s.CompareAndSwap(t.Context(), tokenKey, old, next)
		sound("CompareAndSwap", tok, err)
		if err := s.CompareAndDelete(t.Context(), tokenKey, old); err != nil {
			sound("CompareAndDelete", store.Token{}, err)
		}
		tok, _, err = s.Look(t.Context(), tokenKey, old, store.UnknownLosses)
		sound("Look", tok, err)
		if took := time.Since(began); took > 30*time.Second && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it took %v", took)
		}
	})
}

// speak answers so many commands as a Redis does that knows none, and then says something in
// pieces of so many bytes, 0 for one.
func speak(conn net.Conn, said string, piece, commands int) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for range commands {
		if _, err := in.ReadSlice('\n'); err != nil {
			return
		}
		_, _ = io.WriteString(conn, "-ERR unknown command\r\n")
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	if piece == 0 {
		piece = len(said)
	}
	for len(said) > 0 {
		n := min(max(1, piece), len(said))
		if _, err := io.WriteString(conn, said[:n]); err != nil {
			return
		}
		said = said[n:]
	}
}
