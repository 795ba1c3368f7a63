package redis_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A write-back of an older token (after FLUSHALL, or of a debt) is not the end of the
// fetch for which this process has the lease.
func TestWriteBackDoesNotEndTheLease(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p, other := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	older, err := store.NewToken("older", time.Now().Add(-time.Minute), time.Now().Add(20*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	outcome := p.ask(t, lease.Ask{Old: older})
	held := other.ask(t, lease.Ask{Old: older})
	if outcome.Release == nil || held.Holder == "" {
		t.Fatalf("got %+v, %+v", outcome, held)
	}
	held.Drop()
	if _, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, older); err != nil { // pays a debt meanwhile
		t.Fatal(err)
	}
	again := other.ask(t, lease.Ask{Old: older, Holder: held.Holder})
	if again.Release != nil {
		t.Error("a second process fetches while the first one does")
	}
	again.Drop()
	outcome.Release(&lease.Failure{Message: "down", Pause: time.Minute})
	_ = p.Close() // waits until that is told
	if outcome := other.ask(t, lease.Ask{Old: older, Holder: held.Holder, Tried: true}); outcome.Failure == nil {
		t.Errorf("who waited is told %+v", outcome)
	}
}

// Two clients of one process, an old and a new password say: a refusal is of the
// credentials that were sent, in this process and in others.
func TestRefusalIsOfTheCredentialsThatWereSent(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p, other := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
	for _, wrong := range []string{"mistyped", "mistyped otherwise"} {
		p.ask(t, lease.Ask{Credentials: wrong}).Release(&lease.Failure{Refused: true, Message: "not " + wrong, Pause: time.Minute})
		until(t, "told", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
	for _, p := range []process{p, other} {
		for _, wrong := range []string{"mistyped", "mistyped otherwise"} {
			if f := p.ask(t, lease.Ask{Credentials: wrong}).Failure; f == nil || f.Message != "not "+wrong {
				t.Errorf("%q: told %+v", wrong, f)
			}
		}
		outcome := p.ask(t, lease.Ask{Credentials: "right"})
		if outcome.Release == nil {
			t.Fatalf("the right ones are held up: %+v", outcome)
		}
		outcome.Release(nil)
		until(t, "given back", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
	}
}

// Who asks in spite of a refusal and succeeds has shown that it is over.
func TestForceForgetsTheRefusal(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := newProcess(t, srv, redisstore.LeaseConfig{})
	p.ask(t, lease.Ask{}).Release(&lease.Failure{Refused: true, Pause: time.Minute})
	until(t, "told", func() bool { return srv.Do("EXISTS", refusedKey) == int64(1) })
	tok := token(t, "fine", 20*time.Minute)
	outcome := p.ask(t, lease.Ask{Force: true})
	if _, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	outcome.Release(nil)
	if err := p.CompareAndDelete(t.Context(), tokenKey, tok); err != nil { // a 401: revoked
		t.Fatal(err)
	}
	if outcome := p.ask(t, lease.Ask{Old: tok}); outcome.Failure != nil {
		t.Errorf("still refused: %+v", outcome.Failure)
	} else {
		outcome.Drop()
	}
}

// gate is a client's hook that holds the answer to the first script back.
type gate struct {
	goredis.Hook
	answered, open chan struct{}
	first          atomic.Bool
}

func (g *gate) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (g *gate) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		g.hold(cmds[0], err)
		return err
	}
}

func (g *gate) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		err := next(ctx, cmd)
		g.hold(cmd, err)
		return err
	}
}

func (g *gate) hold(cmd goredis.Cmder, err error) {
	if err == nil && strings.HasPrefix(cmd.Name(), "eval") && !g.first.Swap(true) {
		close(g.answered)
		<-g.open
	}
}

// A lease whose acquisition was under way at Close is given back, whether somebody still waits
// for it or not: other processes would wait for its TTL.
func TestCloseGivesBackALeaseThatComesLate(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{"the caller waits": false, "the caller has left": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			client := newClient(t, patient(srv.Addr()))
			g := &gate{answered: make(chan struct{}), open: make(chan struct{})}
			client.AddHook(g)
			l, err := redisstore.NewLease(redisstore.LeaseConfig{
				Store: mustNew(t, redisstore.Config{Client: client, Timeout: 20 * time.Second}),
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			acquired, closed := make(chan error, 1), make(chan error, 1)
			go func() {
				_, err := l.Acquire(ctx, tokenKey, lease.Ask{})
				acquired <- err
			}()
			<-g.answered
			// An hour, so that only its release ends it.
			if said := srv.Do("EXPIRE", leaseKey, "3600"); said != int64(1) {
				t.Fatalf("there is no lease yet: %v", said)
			}
			if leaves {
				leave()
				<-acquired
			}
			go func() { closed <- l.Close() }()
			until(t, "closed", func() bool {
				_, err := l.Acquire(ctx, "other", lease.Ask{})
				return err != nil && strings.Contains(err.Error(), "has been closed")
			})
			close(g.open)
			if err := <-closed; err != nil {
				t.Error(err)
			}
			if !leaves {
				if srv.Do("EXISTS", leaseKey) != int64(0) {
					t.Error("the lease is still there after Close")
				}
			}
			until(t, "given back", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
		})
	}
}

// What was met just before the end of a process is told all the same: a command that makes
// one call ends at once.
func TestCloseTellsWhatWasMet(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for i := range 50 {
		p := newProcess(t, srv, redisstore.LeaseConfig{})
		name := fmt.Sprint("pass-", i)
		p.ask(t, lease.Ask{Credentials: name}).Release(&lease.Failure{Refused: true, Pause: time.Minute})
		if _ = p.Close(); !strings.Contains(fmt.Sprint(srv.Do("GET", refusedKey)), digestOf(name)) {
			t.Fatalf("%d: not told", i)
		}
	}
}
