package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// place is one key in a state of its own: what a call with it returns, alone and among many.
type place struct {
	name  string
	make  func(t *testing.T, srv *redistest.Server, s *redisstore.Store, key string)
	had   store.Token // what a look had, and what a restore writes
	old   store.Token
	looks error // nil: the token is there
	wrote string
	back  error
}

func places(t *testing.T) []place {
	had, newer := token(t, "had", longest), token(t, "newer", longest)
	put := func(tok store.Token) func(*testing.T, *redistest.Server, *redisstore.Store, string) {
		return func(t *testing.T, _ *redistest.Server, s *redisstore.Store, key string) {
			if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []place{
		{name: "nothing", make: func(*testing.T, *redistest.Server, *redisstore.Store, string) {}, had: had, looks: store.ErrNotFound, wrote: "had"},
		{name: "the same", make: put(had), had: had, wrote: "had"},
		{name: "another", make: put(newer), had: had, wrote: "newer"},
		{name: "the one to replace", make: put(newer), had: had, old: newer, wrote: "had"},
		{name: "deleted", make: func(t *testing.T, srv *redistest.Server, s *redisstore.Store, key string) {
			put(had)(t, srv, s, key)
			if err := s.CompareAndDelete(t.Context(), key, had); err != nil {
				t.Fatal(err)
			}
		}, had: had, looks: store.ErrDeleted, back: store.ErrDeleted},
		{name: "deleted by a list", make: func(_ *testing.T, srv *redistest.Server, _ *redisstore.Store, key string) {
			name := "{" + key + "}:gone:" + hashed("token", "had")
			srv.Do("EVAL", "redis.call('RPUSH', KEYS[1], 'x') redis.call('EXPIRE', KEYS[1], 60)", "1", name)
		}, had: had, looks: store.ErrDeleted, back: store.ErrDeleted},
		{name: "a list", make: func(_ *testing.T, srv *redistest.Server, _ *redisstore.Store, key string) {
			srv.Do("RPUSH", key, "x")
		}, had: had, looks: store.ErrUnusable, wrote: "had"},
		{name: "ended by its metadata", make: func(_ *testing.T, srv *redistest.Server, _ *redisstore.Store, key string) {
			srv.Do("SET", key, "ended", "EX", "3180")
			srv.Do("HSET", "{"+key+"}:meta", "token", hashed("token", "ended"), "issued_ms", "1")
		}, had: had, looks: store.ErrUnusable, wrote: "had"},
		{name: "another identity's", make: func(t *testing.T, srv *redistest.Server, _ *redisstore.Store, key string) {
			put(newer)(t, srv, newStore(t, srv, redisstore.Config{Identity: func(string) string { return "theirs" }}), key)
		}, had: had, looks: store.ErrIdentity, back: store.ErrIdentity},
		{name: "its own is another identity's", make: func(t *testing.T, srv *redistest.Server, _ *redisstore.Store, key string) {
			put(had)(t, srv, newStore(t, srv, redisstore.Config{Identity: func(string) string { return "theirs" }}), key)
		}, had: had, old: had, looks: store.ErrIdentity, back: store.ErrIdentity},
		{name: "an end that has passed", make: put(newer), had: ofLife(t, "late", time.Nanosecond), old: newer, back: errAny},
		{name: "too late to be shared", make: func(*testing.T, *redistest.Server, *redisstore.Store, string) {}, had: token(t, "late", time.Minute), looks: store.ErrNotFound, wrote: "nothing, late"},
	}
}

// errAny stands for an error of any kind.
var errAny = errors.New("any")

func ofLife(t *testing.T, text string, life time.Duration) store.Token {
	t.Helper()
	now := time.Now().Add(-time.Second)
	tok, err := store.NewToken(text, now, now.Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func (p place) wantLook(t *testing.T, how string, r store.Looked) {
	t.Helper()
	if p.looks == nil && r.Err == nil {
		return
	}
	if p.looks == nil || !errors.Is(r.Err, p.looks) {
		t.Errorf("%s: a look %s: %v, %v; want %v", p.name, how, r.Token, r.Err, p.looks)
	}
}

func (p place) wantRestore(t *testing.T, srv interface{ Do(...string) any }, how, key string, r store.Restored) {
	t.Helper()
	if p.back != nil {
		if r.Err == nil || p.back != errAny && !errors.Is(r.Err, p.back) {
			t.Errorf("%s: restored %s: %v, %v; want %v", p.name, how, r.Token, r.Err, p.back)
		}
		return
	}
	there, _ := srv.Do("GET", key).(string)
	if p.wrote == "nothing, late" {
		if r.Err != nil || r.Token.Reveal() != "late" || there != "" {
			t.Errorf("%s: restored %s: %v, %v, and %q is there", p.name, how, r.Token, r.Err, there)
		}
		return
	}
	if r.Err != nil || r.Token.Reveal() != p.wrote || there != p.wrote {
		t.Errorf("%s: restored %s: %v, %v, and %q is there; want %q", p.name, how, r.Token, r.Err, there, p.wrote)
	}
}

// Many keys at once get what each gets alone, in few commands and with the same counts, whatever
// the server allows.
func TestManyIsTheSameAsEach(t *testing.T) {
	t.Parallel()
	for name, rights := range map[string][]string{
		"all rights":        {"+@all"},
		"no scripts":        {"+@all", "-@scripting"},
		"no GETRANGE":       {"+@all", "-getrange"},
		"no INFO":           {"+@all", "-info"},
		"no scripts at all": {"+@all", "-@scripting", "-getrange", "-info"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			args := append([]string{"ACL", "SETUSER", "somebody", "reset", "on", ">s3cret", "+select", allKeys}, rights...)
			if got := srv.Do(args...); got != "OK" {
				t.Fatal(got)
			}
			as := func() *redisstore.Store {
				o := patient(srv.Addr())
				o.Username, o.Password = "somebody", "s3cret"
				return mustNew(t, redisstore.Config{Client: newClient(t, o), ClientHonoursDeadlines: true, Identity: func(string) string { return "mine" }})
			}
			owner := newStore(t, srv, redisstore.Config{Identity: func(string) string { return "mine" }})
			alone, together := as(), as()
			all := places(t)
			var looks []store.Looking
			var writes []store.Restoring
			for i, p := range all {
				key := fmt.Sprintf("many-%d", i)
				p.make(t, srv, owner, key)
				p.make(t, srv, owner, key+"-alone")
				looks = append(looks, store.Looking{Key: key, Had: p.had, Before: store.UnknownLosses})
				writes = append(writes, store.Restoring{Key: key, Old: p.old, Token: p.had})
			}
			for i, r := range together.LookAll(t.Context(), looks) {
				all[i].wantLook(t, "among many", r)
				var one store.Looked
				one.Token, one.Now, one.Err = alone.Look(t.Context(), looks[i].Key+"-alone", looks[i].Had, store.UnknownLosses)
				all[i].wantLook(t, "alone", one)
				if one.Now != r.Now || !one.Token.Equal(r.Token) || one.Token.IssuedAt() != r.Token.IssuedAt() && one.Token.IssuedAt().IsZero() {
					t.Errorf("%s: %v, %d losses among many, %v, %d alone", all[i].name, r.Token, r.Now, one.Token, one.Now)
				}
			}
			for i, r := range together.RestoreAll(t.Context(), writes) {
				all[i].wantRestore(t, srv, "among many", writes[i].Key, r)
				var one store.Restored
				one.Token, one.Err = alone.Restore(t.Context(), writes[i].Key+"-alone", writes[i].Old, writes[i].Token)
				all[i].wantRestore(t, srv, "alone", writes[i].Key+"-alone", one)
				for _, beside := range []string{"%s_timestamp", "{%s}:meta"} {
					a, b := srv.Do("EXISTS", fmt.Sprintf(beside, writes[i].Key)), srv.Do("EXISTS", fmt.Sprintf(beside, writes[i].Key+"-alone"))
					if a != b {
						t.Errorf("%s: %s: %v among many, %v alone", all[i].name, fmt.Sprintf(beside, writes[i].Key), a, b)
					}
				}
			}
			if a, b := together.Stats(), alone.Stats(); a != b {
				t.Errorf("counted %+v among many, %+v alone", a, b)
			}
		})
	}
}

// All keys are looked at, and written, in as many exchanges as there are servers.
func TestManyTakeFewExchanges(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	o := patient(srv.Addr())
	client := newClient(t, o)
	trips := new(tripCount)
	client.AddHook(trips)
	s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
	const n = 40
	var looks []store.Looking
	var writes []store.Restoring
	for i := range n {
		key := fmt.Sprintf("many-%d", i)
		tok := token(t, key, longest)
		looks = append(looks, store.Looking{Key: key, Had: tok, Before: store.UnknownLosses})
		writes = append(writes, store.Restoring{Key: key, Token: tok})
	}
	for _, r := range s.RestoreAll(t.Context(), writes) { // the server does not know the script yet
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
	trips.n = 0
	for i, r := range s.RestoreAll(t.Context(), writes) {
		if r.Err != nil || !r.Token.Equal(writes[i].Token) {
			t.Errorf("%v, %v", r.Token, r.Err)
		}
	}
	if trips.n != 1 {
		t.Errorf("%d exchanges to write, want 1", trips.n)
	}
	trips.n = 0
	for i, r := range s.LookAll(t.Context(), looks) {
		if r.Err != nil || !r.Token.Equal(writes[i].Token) {
			t.Errorf("%v, %v", r.Token, r.Err)
		}
	}
	if trips.n != 1 {
		t.Errorf("%d exchanges to look, want 1", trips.n)
	}
	wantTTLs(t, srv)
}

// tripCount counts exchanges.
type tripCount struct{ n int }

func (c *tripCount) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (c *tripCount) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error { c.n++; return next(ctx, cmd) }
}

func (c *tripCount) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error { c.n++; return next(ctx, cmds) }
}

// Without a server each of many is told so, and within the time that a call may wait.
func TestManyWithoutAServer(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	srv.Kill()
	tok := token(t, "tok", longest)
	for _, r := range s.LookAll(t.Context(), []store.Looking{{Key: "a", Had: tok}, {Key: "b"}}) {
		if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) || r.Now > 0 {
			t.Errorf("look: %+v", r)
		}
	}
	for _, r := range s.RestoreAll(t.Context(), []store.Restoring{{Key: "a", Token: tok}, {Key: "b", Token: tok}}) {
		if r.Err == nil || !r.Token.IsZero() {
			t.Errorf("restore: %+v", r)
		}
	}
	if got := s.Stats(); got.Errors != 4 {
		t.Errorf("counted %+v; want 4 errors", got)
	}
}

// A server that takes no writes at present is asked once for each token, not once more for each
// alone.
func TestManyAtAServerWithoutMemory(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	var tokens []store.Restoring
	for i := range 20 {
		tokens = append(tokens, store.Restoring{Key: fmt.Sprint("key-", i), Token: token(t, "the-token", 40*time.Minute)})
	}
	s.RestoreAll(t.Context(), []store.Restoring{{Key: "another", Token: tokens[0].Token}}) // the server has the script
	srv.Do("CONFIG", "SET", "maxmemory", "1")
	srv.Do("CONFIG", "RESETSTAT")
	for _, r := range s.RestoreAll(t.Context(), tokens) {
		if !errors.Is(r.Err, store.ErrRefused) || errors.Is(r.Err, store.ErrForbidden) {
			t.Errorf("got %v, want ErrRefused", r.Err)
		}
	}
	stats := fmt.Sprint(srv.Do("INFO", "errorstats"))
	if !strings.Contains(stats, fmt.Sprintf("errorstat_OOM:count=%d\r", len(tokens))) {
		t.Errorf("%s\nwant one error for each of %d tokens", stats, len(tokens))
	}
}
