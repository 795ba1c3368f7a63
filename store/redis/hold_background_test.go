package redis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// holding answers scripts of a lease, without a server: the first one has the lease, the others
// change it. Each takes its time, and ends with its context.
type holding struct {
	acquire, after time.Duration

	mu   sync.Mutex
	ran  []time.Time // when a script was run, the first one included
	args [][]any     // its arguments
}

func (*holding) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (h *holding) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error { return h.run(ctx, cmd) }
}

func (h *holding) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		for _, cmd := range cmds {
			if err := h.run(ctx, cmd); err != nil {
				return err
			}
		}
		return nil
	}
}

func (h *holding) run(ctx context.Context, cmd goredis.Cmder) error {
	h.mu.Lock()
	first := len(h.ran) == 0
	h.ran = append(h.ran, time.Now())
	keys := cmd.Args()[2].(int)
	h.args = append(h.args, cmd.Args()[3+keys:])
	h.mu.Unlock()
	takes := h.after
	if first {
		takes = h.acquire
	}
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		cmd.SetErr(ctx.Err())
		return ctx.Err()
	}
	reply := []any{} // of a swap: the token is written
	if first {
		reply = []any{"yours", ""}
	}
	cmd.(*goredis.Cmd).SetVal(reply)
	return nil
}

// seen returns when each script was run, and its arguments.
func (h *holding) seen() ([]time.Time, [][]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ran), slices.Clone(h.args)
}

// acquired returns a lease that was just acquired, with what ends it.
func (h *holding) acquired(t *testing.T, timeout time.Duration, cfg redisstore.LeaseConfig) (*redisstore.Lease, func(*lease.Failure)) {
	t.Helper()
	client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
	t.Cleanup(func() { _ = client.Close() })
	client.AddHook(h)
	cfg.Store = mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Timeout: timeout})
	l, err := redisstore.NewLease(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	outcome, err := l.Acquire(t.Context(), tokenKey, lease.Ask{Credentials: "pass-1"})
	if err != nil || outcome.Release == nil {
		t.Fatalf("%+v, %v", outcome, err)
	}
	return l, outcome.Release
}

// A process that stands still between calls tells a failure before the call returns, or does not
// wait for that any longer when the Timeout of the Store has passed since it asked for the lease.
// Others never wait.
func TestLazyReleaseWaitsUntilTheServerHasTheFailure(t *testing.T) {
	for name, c := range map[string]struct {
		lazy    bool
		failure *lease.Failure
		release time.Duration // how long the server takes for it
		want    time.Duration
	}{
		"it has it soon":      {true, &lease.Failure{Message: "down", Pause: time.Minute}, 100 * time.Millisecond, 100 * time.Millisecond},
		"it has it late":      {true, &lease.Failure{Message: "down", Pause: time.Minute}, 900 * time.Millisecond, 300 * time.Millisecond},
		"there is no failure": {true, nil, 100 * time.Millisecond, 0},
		"not lazy":            {false, &lease.Failure{Message: "down", Pause: time.Minute}, 100 * time.Millisecond, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &holding{acquire: 200 * time.Millisecond, after: c.release}
				_, release := h.acquired(t, 500*time.Millisecond, redisstore.LeaseConfig{Lazy: c.lazy})
				began := time.Now()
				release(c.failure)
				if took := time.Since(began); took != c.want {
					t.Errorf("took %v, want %v", took, c.want)
				}
			})
		})
	}
}

// A lease is prolonged each third of its TTL, for less than ten seconds: a fetch that hangs does not
// hold up others for longer.
func TestLeaseIsProlongedForTenSeconds(t *testing.T) {
	for ttl, want := range map[time.Duration][]time.Duration{
		3 * time.Second: {1, 2, 3, 4, 5, 6, 7, 8, 9},
		9 * time.Second: {3, 6, 9},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := new(holding)
			h.acquired(t, time.Minute, redisstore.LeaseConfig{TTL: ttl})
			began := time.Now()
			time.Sleep(time.Minute)
			ran, args := h.seen()
			if len(ran)-1 != len(want) {
				t.Fatalf("TTL %v: prolonged %d times, want %d", ttl, len(ran)-1, len(want))
			}
			for i, after := range want {
				if at := ran[i+1].Sub(began); at != after*time.Second {
					t.Errorf("TTL %v: prolonged after %v, want %ds", ttl, at, after)
				}
				if to := args[i+1][1]; fmt.Sprint(to) != fmt.Sprint(ttl.Milliseconds()) {
					t.Errorf("prolonged to %v ms, want %v", to, ttl)
				}
			}
		})
	}
}

// What is done with a lease in the background takes a third of its TTL at most, and Close waits for
// that.
func TestCloseWaitsAThirdOfALease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &holding{after: time.Hour}
		l, release := h.acquired(t, time.Minute, redisstore.LeaseConfig{})
		release(nil)
		began := time.Now()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("Close took %v, want a second", took)
		}
	})
}

// A failure is told for as long as it lasts, within a millisecond and five minutes.
func TestFailureIsToldForItsPause(t *testing.T) {
	for pause, want := range map[time.Duration]string{
		0: "0", time.Millisecond - 1: "0", time.Millisecond: "1", time.Minute: "60000", 5 * time.Minute: "300000", 6 * time.Minute: "300000",
	} {
		synctest.Test(t, func(t *testing.T) {
			h := new(holding)
			l, release := h.acquired(t, time.Minute, redisstore.LeaseConfig{})
			release(&lease.Failure{Message: "down", Pause: pause})
			_ = l.Close()
			if _, args := h.seen(); len(args) != 2 || fmt.Sprint(args[1][1]) != want {
				t.Errorf("a pause of %v: %v, want %s ms", pause, args[1:], want)
			}
		})
	}
}

// The write of the token ends the lease in its own exchange. The next write, of which nobody has a
// lease, ends none.
func TestWriteEndsTheLeaseInOneExchange(t *testing.T) {
	for name, ends := range map[string]func(write func(), release func(*lease.Failure)){
		"written":  func(write func(), _ func(*lease.Failure)) { write() },
		"released": func(_ func(), release func(*lease.Failure)) { release(nil) },
		"both":     func(write func(), release func(*lease.Failure)) { write(); release(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := new(holding)
				client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
				defer client.Close()
				client.AddHook(h)
				p := processOn(t, mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true}), redisstore.LeaseConfig{})
				write := func() {
					if _, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", longest)); err != nil {
						t.Error(err)
					}
				}
				outcome := p.ask(t, lease.Ask{})
				ends(write, outcome.Release)
				time.Sleep(time.Minute)
				if ran, _ := h.seen(); len(ran) != 2 {
					t.Fatalf("%d exchanges, want 2", len(ran))
				}
				write()
				if _, args := h.seen(); args[2][6] != "" {
					t.Errorf("the next write ends the lease of %v", args[2][6])
				}
			})
		})
	}
}

// A lease that is had just as its caller leaves is the caller's, if the client ends commands itself: it
// is not given back behind the back of who has it.
func TestLeaseThatIsHadAsTheCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		n := 0
		r := &replies{command: func(cmd goredis.Cmder) error {
			n++
			leave()
			cmd.(*goredis.Cmd).SetVal([]any{"yours", ""})
			return nil
		}}
		p := processOn(t, over(t, r), redisstore.LeaseConfig{TTL: 10 * time.Second})
		outcome, err := p.Acquire(ctx, tokenKey, lease.Ask{})
		time.Sleep(time.Second)
		if err != nil || outcome.Release == nil || n != 1 {
			t.Errorf("%+v, %v after %d exchanges", outcome, err, n)
		}
	})
}

// If another token that has ended is there each time, the lease is given up as a swap is, and each is
// counted.
func TestLeaseAmongTokensThatHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		var old []any
		r := &replies{command: func(cmd goredis.Cmder) error {
			n++
			text := fmt.Sprint("ended-", n)
			old = append(old, cmd.Args()[3+5+1])
			cmd.(*goredis.Cmd).SetVal([]any{"token", text, int64(1_000_000), []any{hashed("token", text), "", "0", "1"}})
			return nil
		}}
		p := processOn(t, over(t, r), redisstore.LeaseConfig{})
		outcome, err := p.Acquire(t.Context(), tokenKey, lease.Ask{Old: token(t, "first", longest)})
		if !errors.Is(err, store.ErrUnusable) || outcome.Release != nil || fmt.Sprint(old) != "[first ended-1 ended-2 ended-3]" {
			t.Errorf("%+v, %v after %v", outcome, err, old)
		}
		if got := p.Store.Stats(); got.Ended != 3 {
			t.Errorf("%+v", got)
		}
	})
}

// A change before the wait begins is not waited for.
func TestChangeBeforeTheWait(t *testing.T) {
	for _, changes := range []int{1, 5} {
		synctest.Test(t, func(t *testing.T) {
			client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
			defer client.Close()
			client.AddHook(held{9 * time.Second})
			p := processOn(t, mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true}), redisstore.LeaseConfig{Watch: eager(changes)})
			outcome := p.ask(t, lease.Ask{})
			began := time.Now()
			if err := outcome.Wait(t.Context()); err != nil || time.Since(began) != 0 {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	}
}

// eager is a Watch that sees so many changes as soon as it is asked to follow a name.
type eager int

func (e eager) Follow(_ string, changed func(bool)) func() {
	for range e {
		changed(false)
	}
	return func() {}
}

func (eager) Link() uint64 { return 1 }
