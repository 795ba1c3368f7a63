package redisconn_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redisconn"
	"github.com/advoware-go/advoware/internal/redistest"
)

// A reply that is longer than anything of use is given up where it says so, whole or byte
// by byte; what is as long as replies are is passed on, however many there are.
func TestRepliesAreBounded(t *testing.T) {
	text := func(n int) string { return fmt.Sprintf("$%d\r\n%s\r\n", n, strings.Repeat("x", n)) }
	for name, c := range map[string]struct {
		said string
		long bool
	}{
		"a status, an error, a number":  {"+OK\r\n-ERR $9999999999\r\n:9999999999\r\n", false},
		"nothing, of all kinds":         {"$-1\r\n*-1\r\n*0\r\n%0\r\n_\r\n$0\r\n\r\n", false},
		"a megabyte":                    {text(1 << 20), false},
		"a string of length signs":      {"$24\r\n$9999999\r\n*9999999\r\n1234\r\n+OK\r\n", false},
		"many megabytes in all":         {strings.Repeat(text(1<<20), 9), false},
		"pushes without end":            {strings.Repeat(">2\r\n+invalidate\r\n*1\r\n$3\r\nkey\r\n", 300_000), false},
		"a map of lists":                {strings.Repeat("%2\r\n+a\r\n*2\r\n:1\r\n*1\r\n:2\r\n+b\r\n*0\r\n", 300_000), false},
		"many elements":                 {"*65536\r\n" + strings.Repeat(":1\r\n", 65536), false},
		"no Redis":                      {"HTTP/1.1 400 Bad Request\r\n\r\n\r\n$\r\n", false},
		"a string over a megabyte":      {"$1048577\r\n", true},
		"a string beyond memory":        {"$9223372036854775807\r\n", true},
		"a string beyond numbers":       {"$" + strings.Repeat("9", 400) + "\r\n", true},
		"a length after many noughts":   {"$" + strings.Repeat("0", 100) + "536870912\r\n", true},
		"a blob error, a verbatim text": {"+OK\r\n!1048577\r\n", true},
		"elements beyond memory":        {"*1000000000\r\n", true},
		"a map beyond memory":           {"*1\r\n%1000000000\r\n", true},
		"depth without end":             {strings.Repeat("*1\r\n", 17), true},
		"depth beside others":           {strings.Repeat("*2\r\n:1\r\n", 17), true},
		"a line without end":            {"+" + strings.Repeat("x", 65<<10), true},
		"much in one reply":             {"*20\r\n" + strings.Repeat(text(1<<20), 9), true},
	} {
		for chunks, size := range map[string]int{"at once": 1 << 30, "piece by piece": 7} {
			if size == 7 && len(c.said) > 1<<20 {
				size = 10_007
			}
			t.Run(name+"/"+chunks, func(t *testing.T) {
				port, accepted := listen(t, "127.0.0.1:0")
				ours := mustDial(t, newDialer(t, redisconn.Config{}), "127.0.0.1:"+port)
				theirs := <-accepted
				go func() {
					_, _ = io.WriteString(theirs, c.said)
					_ = theirs.(*net.TCPConn).CloseWrite()
				}()
				_ = ours.SetReadDeadline(time.Now().Add(patience))
				n, buf := 0, make([]byte, min(size, 32<<10))
				var err error
				for err == nil {
					var one int
					one, err = ours.Read(buf)
					n += one
				}
				switch {
				case c.long && !errors.Is(err, redisconn.ErrTooLong):
					t.Errorf("%d bytes were passed on, then %v", n, err)
				case !c.long && (n != len(c.said) || !errors.Is(err, io.EOF)):
					t.Errorf("%d of %d bytes were passed on, then %v", n, len(c.said), err)
				}
			})
		}
	}
}

// What a server says of a length is not made room for.
func TestLengthThatIsSaidTakesNoMemory(t *testing.T) {
	for _, said := range []string{"$536870912\r\n", "*200000000\r\n"} {
		port, accepted := listen(t, "127.0.0.1:0")
		go func() {
			for c := range accepted {
				_, _ = io.WriteString(c, said)
			}
		}()
		o := &goredis.Options{Addr: "127.0.0.1:" + port, Protocol: 2, MaxRetries: -1, DialerRetries: 1, DisableIdentity: true, ReadTimeout: time.Minute, WriteTimeout: time.Minute, Dialer: newDialer(t, redisconn.Config{}).DialContext}
		rdb := goredis.NewClient(o)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := rdb.Do(t.Context(), "GET", "key").Err()
		runtime.ReadMemStats(&after)
		_ = rdb.Close()
		if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 || !errors.Is(err, redisconn.ErrTooLong) {
			t.Errorf("%q: %d bytes, and %v", said, n, err)
		}
	}
}

// A huge value of a real server ends the connection, and not the next one.
func TestHugeValueEndsTheConnectionOnly(t *testing.T) {
	srv := redistest.Start(t)
	srv.Do("SETRANGE", "huge", fmt.Sprint(64<<20), "x")
	srv.Do("SET", "small", "value")
	rdb := goredis.NewClient(&goredis.Options{Addr: srv.Addr(), DB: redistest.DB, Protocol: 2, MaxRetries: -1, DisableIdentity: true, ReadTimeout: time.Minute, WriteTimeout: time.Minute, Dialer: newDialer(t, redisconn.Config{}).DialContext})
	defer func() { _ = rdb.Close() }()
	for range 3 {
		if err := rdb.Get(t.Context(), "huge").Err(); !errors.Is(err, redisconn.ErrTooLong) {
			t.Errorf("huge: %v", err)
		}
		if got, err := rdb.Get(t.Context(), "small").Result(); got != "value" {
			t.Errorf("small: %q, %v", got, err)
		}
	}
}
