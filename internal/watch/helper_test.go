package watch_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// patienceLimit is how long a test waits for what must happen. It is no promise of ours.
const patienceLimit = time.Minute

const tokenKey = "advoware_access_token"

// patient returns options of a client without haste: a busy test machine is not a
// Redis that hangs.
func patient(addr string) *goredis.Options {
	o := redisstore.Options(addr)
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Minute, time.Minute, time.Minute, time.Minute
	return o
}

func newClient(t testing.TB, o *goredis.Options) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// newWatch returns a Watch that is closed before its client.
func newWatch(t testing.TB, client goredis.UniversalClient, cfg watch.Config) *watch.Watch {
	t.Helper()
	cfg.Client = client
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	w, err := watch.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// calls receives the calls of a follow.
type calls chan bool

func newCalls() calls { return make(calls, 1000) }

func (c calls) changed(gap bool) { c <- gap }

// await waits for a call with gap, or without.
func (c calls) await(t testing.TB, gap bool) {
	t.Helper()
	c.until(t, func(got bool) bool { return got == gap })
}

// until waits for a call that satisfies ok.
func (c calls) until(t testing.TB, ok func(gap bool) bool) {
	t.Helper()
	limit := time.After(patienceLimit)
	for {
		select {
		case gap := <-c:
			if ok(gap) {
				return
			}
		case <-limit:
			t.Fatal("changed was not called as it should be")
		}
	}
}

// quiet checks that no call is waiting.
func (c calls) quiet(t testing.TB) {
	t.Helper()
	select {
	case gap := <-c:
		t.Errorf("changed was called, gap %v", gap)
	default:
	}
}

// follow follows name and returns when its changes are reported.
func follow(t testing.TB, w *watch.Watch, name string) calls {
	t.Helper()
	c := newCalls()
	w.Follow(name, c.changed)
	c.await(t, true)
	return c
}

// eventually waits until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	limit := time.After(patienceLimit)
	for !ok() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-limit:
			t.Fatalf("%s: not so after %v", what, patienceLimit)
		}
	}
}

// logged takes a log.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// quickPoll is for tests that need polls, not pauses between them.
const quickPoll = 20 * time.Millisecond
