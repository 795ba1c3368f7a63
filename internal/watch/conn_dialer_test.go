package watch_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A dialer that returns neither a connection nor an error has made none.
func TestDialerThatReturnsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logged)
		o := redisstore.Options("redis:6379")
		o.Dialer = func(context.Context, string, string) (net.Conn, error) { return nil, nil }
		client := goredis.NewClient(o)
		w := newWatch(t, client, watch.Config{Logger: log.logger()})
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(time.Minute)
		if s := w.Stats(); s.Pushing || s.Links != 0 {
			t.Errorf("%+v; want no link", s)
		}
		c.quiet(t)
		if text := log.String(); !strings.Contains(text, "no connection") || strings.Contains(text, "panic") {
			t.Errorf("want a log of what is wrong:\n%s", text)
		}
		_ = w.Close()
		_ = client.Close()
	})
}

// A connection that comes when nobody waits for it any more is closed.
func TestDialerThatIsTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := redisstore.Options("redis:6379")
		late := make(chan net.Conn, 1)
		o.Dialer = func(context.Context, string, string) (net.Conn, error) {
			time.Sleep(watch.DefaultTimeout + time.Second)
			ours, theirs := net.Pipe()
			select {
			case late <- theirs:
			default:
				_ = theirs.Close()
			}
			return ours, nil
		}
		client := goredis.NewClient(o)
		w := newWatch(t, client, watch.Config{})
		w.Follow("tok", func(bool) {})
		server := <-late
		_ = server.SetReadDeadline(time.Now().Add(time.Second))
		if n, err := server.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read %d bytes, %v; want it closed", n, err)
		}
		_ = w.Close()
		_ = client.Close()
		time.Sleep(time.Minute) // for the dialer
	})
}
