package watch_test

import (
	"log/slog"
	"testing"
	"testing/synctest"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// The logger of a program that closes everything when something is wrong.
func TestLoggerMayCloseTheWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, working)
		client := goredis.NewClient(fake.options())
		var w *watch.Watch
		closed := make(chan struct{}, 10)
		made := make(chan struct{})
		w = newWatch(t, client, watch.Config{Logger: slog.New(brokenHandler{broken: func() {
			<-made
			_ = w.Stats()
			_ = w.Close()
			closed <- struct{}{}
		}})})
		close(made)
		w.Follow("tok", func(bool) {})
		<-closed
		_ = client.Close()
		_ = fake.ln.Close()
	})
}
