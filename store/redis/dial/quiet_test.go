package dial_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

const hidden = "s3cret-pass/word+1"

// commands calls answer with each command that a connection brings.
func commands(c net.Conn, answer func(args []string) string) {
	in := bufio.NewReader(c)
	line := func() string {
		text, err := in.ReadString('\n')
		if err != nil {
			return ""
		}
		return strings.TrimRight(text, "\r\n")
	}
	for {
		n, err := strconv.Atoi(strings.TrimPrefix(line(), "*"))
		if err != nil {
			return
		}
		args := make([]string, n)
		for i := range args {
			line()
			args[i] = line()
		}
		if _, err := fmt.Fprint(c, answer(args)); err != nil {
			return
		}
	}
}

// A server, or a proxy before it, that repeats a login has the password in no error.
func TestLoginThatIsRepeated(t *testing.T) {
	forms := map[string]func(args []string) string{
		"as it is":   func(args []string) string { return fmt.Sprint("ERR you said ", args) },
		"WRONGPASS":  func(args []string) string { return "WRONGPASS invalid: " + strings.Join(args, " ") },
		"upper case": func(args []string) string { return "ERR " + strings.ToUpper(strings.Join(args, " ")) },
		"escaped":    func(args []string) string { return "ERR " + url.QueryEscape(strings.Join(args, " ")) },
		"base64": func(args []string) string {
			return "ERR Basic " + base64.StdEncoding.EncodeToString([]byte(args[len(args)-1]))
		},
		"long": func(args []string) string {
			return "ERR " + strings.Repeat("x", 180) + strings.Join(args, " ")
		},
	}
	for name, say := range forms {
		addr := redistest.Listen(t, func(c net.Conn) {
			commands(c, func(args []string) string { return "-" + say(args) + "\r\n" })
		})
		first := redistest.Listen(t, func(c net.Conn) { // one that closes the connection after its words
			done := false
			commands(c, func(args []string) string {
				if done {
					_ = c.Close()
				}
				done = true
				return "-" + say(args) + "\r\n"
			})
		})
		login := "bob:" + url.QueryEscape(hidden) + "@"
		for kind, cfg := range map[string]dial.Config{
			"one":      {URL: secret.New("redis://" + login + addr)},
			"closing":  {URL: secret.New("redis://" + login + first)},
			"sentinel": {URL: secret.New("redis://" + login + addr + "?master_name=main")},
			"cluster":  {URL: secret.New("redis://" + login + addr + "?addr=" + addr)},
		} {
			cfg.AllowRemote = true
			conn := open(t, cfg, dial.Options{})
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			ping := conn.Client().Ping(ctx).Err()
			pipe := conn.Client().Pipeline()
			get := pipe.Get(ctx, "key")
			_, exec := pipe.Exec(ctx)
			errs := map[string]error{"ping": ping, "get": get.Err(), "exec": exec, "explained": conn.Explain(ctx, ping)}
			if one, ok := conn.Client().(*goredis.Client); ok {
				alone := one.Conn()
				errs["connection"] = alone.Ping(ctx).Err()
				_ = alone.Close()
			}
			for what, err := range errs {
				text := fmt.Sprintf("%v %+v", err, err)
				for _, form := range []string{"s3cret", "S3CRET", base64.StdEncoding.EncodeToString([]byte(hidden))} {
					if err == nil && what != "get" || strings.Contains(text, form) {
						t.Errorf("%s, %s, %s: %v", name, kind, what, err)
						break
					}
				}
			}
			if name == "WRONGPASS" && kind == "one" && !goredis.HasErrorPrefix(ping, "WRONGPASS") && !strings.Contains(ping.Error(), "WRONGPASS") {
				t.Errorf("the reason is lost: %v", ping)
			}
		}
	}
}

// Of the answer to a login that has a short password in it, only the code is shown.
func TestShortPasswordThatIsRepeated(t *testing.T) {
	addr := redistest.Listen(t, func(c net.Conn) {
		commands(c, func(args []string) string { return fmt.Sprintf("-WRONGPASS %v\r\n", args) })
	})
	conn := open(t, dial.Config{URL: secret.New("redis://bob:q7z@" + addr)}, dial.Options{})
	err := conn.Client().Ping(t.Context()).Err()
	if err == nil || strings.Contains(err.Error(), "q7z") || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("got %v", err)
	}
}
