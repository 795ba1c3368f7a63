package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// meddling is a client's hook that is called before each exchange, which does not take place if it
// returns an error.
type meddling struct {
	before func(cmds []goredis.Cmder) error
}

func (m meddling) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (m meddling) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if err := m.before([]goredis.Cmder{cmd}); err != nil {
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func (m meddling) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if err := m.before(cmds); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
		return next(ctx, cmds)
	}
}

// meddled returns a store for a user with these rights, whose client has the hook.
func meddled(t *testing.T, srv *redistest.Server, before func(cmds []goredis.Cmder) error, rights ...string) *redisstore.Store {
	t.Helper()
	asUser(t, srv, rights...)
	o := patient(srv.Addr())
	o.Username, o.Password = "somebody", "s3cret"
	client := newClient(t, o)
	client.AddHook(meddling{before})
	return mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
}

// Where only an empty key can be written, another process may be faster: its token stands. If that
// cannot be read, it is not ours that stands.
func TestAnotherIsFasterWithoutTransactions(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]bool{"its token is read": false, "its token cannot be read": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			lost := false
			s := meddled(t, srv, func(cmds []goredis.Cmder) error {
				if lost && fails {
					return io.ErrUnexpectedEOF
				}
				if args := cmds[0].Args(); cmds[0].Name() == "set" && args[1] == tokenKey {
					lost = true
					srv.Do("SET", tokenKey, "faster", "EX", "3180")
				}
				return nil
			}, allKeys, "+@all", "-@scripting", "-multi")
			got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "slower", longest))
			if !lost {
				t.Fatal("no token was written")
			}
			if fails && !errors.Is(err, io.ErrUnexpectedEOF) || !fails && (err != nil || got.Reveal() != "faster") {
				t.Errorf("%v, %v", got, err)
			}
			if n := s.Stats().Writes; n != 0 {
				t.Errorf("%d writes are counted", n)
			}
		})
	}
}

// Where it cannot be found out whether MULTI is allowed, nothing is written, and no write is counted: the
// commands after it might be carried out one by one. What is said of that shows no token.
func TestTransactionThatIsNotKnownToBeAllowed(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", tokenKey, "quoted-there", "EX", "3180")
	var wrong error
	s := meddled(t, srv, func(cmds []goredis.Cmder) error {
		if cmds[0].Name() == "multi" && len(cmds) == 3 { // with PTTL and EXEC
			return wrong
		}
		return nil
	}, allKeys, "+@all", "-@scripting")
	there, next := token(t, "quoted-there", longest), token(t, "quoted-next", longest)
	for _, wrong = range []error{io.ErrUnexpectedEOF, reply("ERR a proxy"), reply("ERR a proxy does not like quoted-there and quoted-next")} {
		_, swapErr := s.CompareAndSwap(t.Context(), tokenKey, there, next)
		deleteErr := s.CompareAndDelete(t.Context(), tokenKey, there)
		for what, err := range map[string]error{"swap": swapErr, "delete": deleteErr} {
			if err == nil || !strings.Contains(wrong.Error(), "quoted") && !errors.Is(err, wrong) {
				t.Errorf("%s: %v; want %v", what, err, wrong)
			}
		}
		wantQuiet(t, swapErr, "quoted-")
		wantQuiet(t, deleteErr, "quoted-there")
		if got, n := srv.Do("GET", tokenKey), s.Stats().Writes; got != "quoted-there" || n != 0 || srv.Do("EXISTS", stampKey) != int64(0) {
			t.Errorf("%v is there, %d writes are counted", got, n)
		}
	}
	wrong = nil
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, there, next); err != nil || !got.Equal(next) {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}

// Without scripts, too, what is in the place of the metadata is replaced, and no timestamp is written
// for a token of which it is not known when it was issued.
func TestWriteWithoutScriptsReplacesWhatIsThere(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, poison := range [][]string{{"SET", metadataKey, "x"}, {"RPUSH", metadataKey, "x"}, {"HSET", metadataKey, "more", "x"}} {
		srv.Do("FLUSHALL")
		srv.Do(poison...)
		s, _ := asUser(t, srv, allKeys, "+@all", "-@scripting")
		tok := token(t, "tok", longest)
		if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || !got.Equal(tok) {
			t.Fatalf("%v: %v, %v", poison, got, err)
		}
		wantLayout(t, srv, tok)
		if n := srv.Do("HLEN", metadataKey); n != int64(4) {
			t.Errorf("%v: %v fields", poison, n)
		}
	}
	for _, rights := range [][]string{{"-@scripting"}, {"-@scripting", "-multi"}} {
		srv.Do("FLUSHALL")
		s, _ := asUser(t, srv, append([]string{allKeys, "+@all"}, rights...)...)
		unknown, err := store.NewToken("tok", time.Time{}, time.Now().Add(longest))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, unknown); err != nil {
			t.Fatal(err)
		}
		if n := srv.Do("EXISTS", stampKey); n != int64(0) || srv.Do("GET", tokenKey) != "tok" {
			t.Errorf("%v: a timestamp of a token that has none", rights)
		}
	}
}

// wrapped is a client of another type than those of go-redis.
type wrapped struct{ *goredis.Client }

// That tokens are not shared, as writes are refused, is said once, in each way of writing.
func TestRefusedWritesAreSaidOnce(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	tok := token(t, "tok", longest)
	for name, write := range map[string]func(s *redisstore.Store) error{
		"swap": func(s *redisstore.Store) error {
			_, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok)
			return err
		},
		"restore": func(s *redisstore.Store) error {
			_, err := s.Restore(t.Context(), tokenKey, store.Token{}, tok)
			return err
		},
		"delete": func(s *redisstore.Store) error { return s.CompareAndDelete(t.Context(), tokenKey, tok) },
		"restore all": func(s *redisstore.Store) error {
			return s.RestoreAll(t.Context(), []store.Restoring{{Key: tokenKey, Token: tok}})[0].Err
		},
	} {
		s, log := asUser(t, srv, allKeys, "+@read", "+info")
		for range 2 {
			if err := write(s); !errors.Is(err, store.ErrForbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := strings.Count(log.String(), "tokens that others put there are used"); n != 1 {
			t.Errorf("%s: said %d times:\n%s", name, n, log)
		}
	}
}

// Of a client of an unknown type no options are known: nothing is said of them, and a call waits as
// long for it as for any.
func TestClientOfAnotherType(t *testing.T) {
	log := new(strings.Builder)
	s := mustNew(t, redisstore.Config{Client: wrapped{newClient(t, &goredis.Options{Addr: "127.0.0.1:1"})}, ClientHonoursDeadlines: true, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if log.Len() > 0 || s.CallWait() != 250*time.Millisecond {
		t.Errorf("%s, %v", log, s.CallWait())
	}
}

// A token is written while Guard is left until its shared end, in whole milliseconds; a tombstone lasts
// until the expiry and Margin more, and not less for being in whole milliseconds.
func TestTTLsToTheMillisecond(t *testing.T) {
	const guard = 10 * time.Second
	for life, want := range map[time.Duration][2]string{
		margin + guard - 1:                      {"0", "230000"},
		margin + guard:                          {"10000", "230001"},
		margin + guard + 1999*time.Microsecond:  {"10001", "230002"},
		margin + guard + 2*time.Millisecond - 1: {"10001", "230002"},
		longest + time.Hour:                     {"3180000", "3410001"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var args []any
			script := func(cmd goredis.Cmder) error {
				args = cmd.Args()[3+cmd.Args()[2].(int):]
				cmd.(*goredis.Cmd).SetVal([]any{})
				if len(args) == 3 { // a deletion
					cmd.(*goredis.Cmd).SetVal(int64(1))
				}
				return nil
			}
			s := over(t, &replies{command: script, pipeline: func(cmds []goredis.Cmder) error { return script(cmds[0]) }})
			if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", life)); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(args[5]); got != want[0] {
				t.Errorf("a life of %v: written for %s ms, want %s", life, got, want[0])
			}
			if err := s.CompareAndDelete(t.Context(), tokenKey, token(t, "tok", life)); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(args[2]); got != want[1] {
				t.Errorf("a life of %v: remembered for %s ms, want %s", life, got, want[1])
			}
		})
	}
}

// That the server runs no scripts is learnt by the first write, whichever that is.
func TestRefusedScriptIsTriedOnce(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	tok := token(t, "tok", longest)
	for name, write := range map[string]func(s *redisstore.Store) error{
		"swap": func(s *redisstore.Store) error {
			_, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok)
			return err
		},
		"delete": func(s *redisstore.Store) error { return s.CompareAndDelete(t.Context(), tokenKey, tok) },
	} {
		scripts := 0
		s := meddled(t, srv, func(cmds []goredis.Cmder) error {
			if strings.HasPrefix(cmds[0].Name(), "eval") {
				scripts++
			}
			return nil
		}, allKeys, "+@all", "-@scripting")
		tried := 0
		for i := range 3 {
			if err := write(s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if i == 0 {
				tried = scripts
			}
		}
		if scripts == 0 || scripts != tried {
			t.Errorf("%s: %d scripts are tried, %d of them by the first one", name, scripts, tried)
		}
	}
}

// What is refused beside a token is not asked for again: the server writes down each denial.
func TestWhatIsRefusedIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	tok := token(t, "tok", longest)
	if _, err := newStore(t, srv, redisstore.Config{}).CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	const ours, gone = "~" + tokenKey, "~{" + tokenKey + "}:gone:*"
	for name, c := range map[string]struct {
		rights []string
		asked  string // in the third look
	}{
		"nothing":        {[]string{allKeys, "+@all"}, "info getrange pttl hmget getrange pttl getrange getrange info"},
		"INFO":           {[]string{allKeys, "+@all", "-info"}, "getrange pttl hmget getrange pttl getrange getrange"},
		"HMGET":          {[]string{allKeys, "+@all", "-hmget"}, "info getrange pttl getrange pttl getrange getrange info"},
		"GETRANGE":       {[]string{allKeys, "+@all", "-getrange"}, "strlen info get pttl hmget get pttl get get info"},
		"STRLEN as well": {[]string{allKeys, "+@all", "-getrange", "-strlen"}, "info get pttl hmget get pttl get get info"},
		"the timestamp":  {[]string{ours, "~" + metadataKey, gone, "+@all"}, "info getrange pttl hmget getrange getrange info"},
		"the tombstone":  {[]string{ours, "~" + metadataKey, "~" + stampKey, "+@all"}, "info getrange pttl hmget getrange pttl getrange info"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			s := meddled(t, srv, func(cmds []goredis.Cmder) error {
				for _, cmd := range cmds {
					asked = append(asked, cmd.Name())
				}
				return nil
			}, c.rights...)
			for range 3 {
				asked = nil
				if got, _, err := s.Look(t.Context(), tokenKey, tok, 0); err != nil || !got.Equal(tok) {
					t.Errorf("%v, %v", got, err)
				}
			}
			if got := strings.Join(asked, " "); got != c.asked {
				t.Errorf("asked %q, want %q", got, c.asked)
			}
		})
	}
}

// Without scripts a token that stands is not counted as ours, and keeps its timestamp.
func TestLosingWithoutScripts(t *testing.T) {
	t.Parallel()
	for _, rights := range [][]string{{"-@scripting"}, {"-@scripting", "-multi"}} {
		srv := redistest.Start(t)
		s, _ := asUser(t, srv, append([]string{allKeys, "+@all"}, rights...)...)
		python{t, srv}.set("theirs", "2026-02-07T09:23:49")
		if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "ours", longest)); err != nil || got.Reveal() != "theirs" {
			t.Errorf("%v: %v, %v", rights, got, err)
		}
		if n, stamp := s.Stats().Writes, srv.Do("GET", stampKey); n != 0 || stamp != "2026-02-07T09:23:49" || srv.Do("EXISTS", metadataKey) != int64(0) {
			t.Errorf("%v: %d writes are counted, the timestamp is %v", rights, n, stamp)
		}
	}
}

// What goes well is no error in the counts.
func TestWritesThatGoWellAreNoErrors(t *testing.T) {
	t.Parallel()
	s := newStore(t, redistest.Start(t), redisstore.Config{})
	a, b, c := token(t, "a", longest), token(t, "b", longest), token(t, "c", longest)
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, a); err != nil {
		t.Error(err)
	}
	if _, err := s.Restore(t.Context(), tokenKey, a, b); err != nil {
		t.Error(err)
	}
	if r := s.RestoreAll(t.Context(), []store.Restoring{{Key: tokenKey, Old: b, Token: c}})[0]; r.Err != nil {
		t.Error(r.Err)
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, c); err != nil {
		t.Error(err)
	}
	if got := s.Stats(); got != (redisstore.Stats{Writes: 3}) {
		t.Errorf("%+v", got)
	}
}
