package watch_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/auth"

	"github.com/advoware-go/advoware/internal/watch"
)

// A password that came later is not shown either, whatever the server says afterwards.
func TestRenewedPasswordIsInNoLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		streaming := &streamed{next: make(chan auth.CredentialsListener, 1), gone: make(chan bool, 1)}
		f := newFake(t, working)
		o := f.options()
		o.StreamingCredentialsProvider = streaming
		client := goredis.NewClient(o)
		w := newWatch(t, client, watch.Config{Logger: f.log.logger()})
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Minute)
		(<-streaming.next).OnNext(auth.NewBasicCredentials("me", "renewed-pass"))
		time.Sleep(time.Second)
		if len(f.times("AUTH ME RENEWED-PASS")) != 1 {
			t.Error("it was not used: this shows nothing")
		}
		f.now(except("CLIENT TRACKING", "-ERR you once said renewed-pass\r\n"))
		w.Follow("other", func(bool) {})
		time.Sleep(time.Second)
		if text := f.log.String(); strings.Contains(text, "renewed-pass") || !strings.Contains(text, "you once said") {
			t.Errorf("no log, or one that has the password:\n%s", text)
		}
		_ = w.Close()
		_ = client.Close()
		_ = f.ln.Close()
	})
}
