package redis_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redisconn"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const allKeys = "~*"

// asUser returns a store of a user with these rights, and its log.
func asUser(t *testing.T, srv *redistest.Server, rights ...string) (*redisstore.Store, *bytes.Buffer) {
	t.Helper()
	args := append([]string{"ACL", "SETUSER", "somebody", "reset", "on", ">s3cret", "+select"}, rights...)
	if got := srv.Do(args...); got != "OK" {
		t.Fatal(got)
	}
	o := patient(srv.Addr())
	o.Username, o.Password = "somebody", "s3cret"
	log := new(bytes.Buffer)
	logger := slog.New(slog.NewTextHandler(log, nil))
	return mustNew(t, redisstore.Config{Client: newClient(t, o), ClientHonoursDeadlines: true, Logger: logger}), log
}

// What a token needs to be read is GET and PTTL. What else is refused is done without,
// which is said once for each thing.
func TestReadingNeedsGetAndPTTL(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	writer := newStore(t, srv, redisstore.Config{})
	tok := token(t, "the-token", 40*time.Minute)
	if _, err := writer.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		rights []string
		issued bool // that is known
	}{
		"GET and PTTL":               {[]string{"~" + tokenKey, "+get", "+pttl"}, false},
		"and STRLEN":                 {[]string{"~" + tokenKey, "+get", "+pttl", "+strlen"}, false},
		"GETRANGE instead":           {[]string{"~" + tokenKey, "+getrange", "+pttl"}, false},
		"the metadata too":           {[]string{allKeys, "+get", "+pttl", "+hmget"}, true},
		"a reader":                   {[]string{allKeys, "+@read"}, true},
		"all but MULTI":              {[]string{allKeys, "+@all", "-multi"}, true},
		"all but EVAL":               {[]string{allKeys, "+@all", "-@scripting"}, true},
		"all but HMGET":              {[]string{allKeys, "+@all", "-hmget"}, false},
		"all but INFO":               {[]string{allKeys, "+@all", "-info"}, true},
		"not the metadata":           {[]string{"~" + tokenKey, "~" + stampKey, "+@all"}, true}, // by the timestamp, which is consistent
		"not the timestamp":          {[]string{"~" + tokenKey, "~{" + tokenKey + "}:*", "+@all"}, true},
		"what README had before now": {[]string{"~" + tokenKey, "~{" + tokenKey + "}:*", "~" + stampKey, "+multi", "+exec", "+getrange", "+pttl", "+hmget"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := asUser(t, srv, c.rights...)
			for range 3 {
				got, err := s.Get(t.Context(), tokenKey)
				if err != nil || !got.Equal(tok) {
					t.Fatalf("Get = %v, %v", got, err)
				}
				if d := got.Expiry().Sub(tok.Expiry()).Abs(); d > 5*time.Second {
					t.Errorf("it ends %v off", d)
				}
				if got.IssuedAt().IsZero() == c.issued && name != "not the metadata" {
					t.Errorf("issued %v", got.IssuedAt())
				}
				if looked, _, err := s.Look(t.Context(), tokenKey, tok, 0); err != nil || !looked.Equal(tok) {
					t.Errorf("Look = %v, %v", looked, err)
				}
			}
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "client options") {
					continue // these are patient ones
				}
				if strings.Count(log.String(), line[strings.Index(line, "msg="):]) > 1 || !strings.Contains(line, "level=INFO") {
					t.Errorf("said more than once, or not at info level: %s", line)
				}
			}
			if strings.Contains(log.String(), "the-token") {
				t.Error("the log shows the token")
			}
			srv.Do("RENAME", tokenKey, "elsewhere")
			if got, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnusable) {
				t.Errorf("of nothing: %v, %v", got, err)
			}
			srv.Do("RENAME", "elsewhere", tokenKey)
		})
	}
}

// A huge value stays on the server, if its length may be asked for.
func TestHugeValueIsNotReadWithoutGETRANGE(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", tokenKey, strings.Repeat("x", 32<<20), "EX", "3180")
	s, _ := asUser(t, srv, allKeys, "+get", "+pttl", "+strlen")
	if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrUnusable) {
		t.Fatalf("got %v", err)
	}
	srv.Do("CONFIG", "RESETSTAT")
	if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrUnusable) {
		t.Fatalf("got %v", err)
	}
	if stats := fmt.Sprint(srv.Do("INFO", "commandstats")); strings.Contains(stats, "cmdstat_get:") {
		t.Errorf("it was read: %s", stats)
	}
	if n := s.Stats().TooLong; n != 2 {
		t.Errorf("%d times too long", n)
	}
}

// A TTL that is read without a transaction is never that of another token.
func TestTTLWithoutATransactionIsTheTokensOwn(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for name, rights := range map[string][]string{
		"GETRANGE": {allKeys, "+getrange", "+pttl"},
		"GET":      {allKeys, "+get", "+pttl"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := asUser(t, srv, rights...)
			done := make(chan struct{})
			var writer sync.WaitGroup
			conn := srv.Dial()
			writer.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-done:
						return
					default:
					}
					if _, err := conn.Do("SET", tokenKey, fmt.Sprintf("short-%d", i), "EX", "100"); err != nil {
						return
					}
					if _, err := conn.Do("SET", tokenKey, fmt.Sprintf("long-%d", i), "EX", "2000"); err != nil {
						return
					}
				}
			})
			read := 0
			for range 2000 {
				tok, err := s.Get(t.Context(), tokenKey)
				if err != nil {
					continue // it kept changing
				}
				read++
				left := time.Until(tok.Expiry()) - margin
				if long := strings.HasPrefix(tok.Reveal(), "long"); long != (left > 1000*time.Second) {
					t.Fatalf("%s lasts for %v", tok.Reveal(), left)
				}
			}
			close(done)
			writer.Wait()
			if read < 100 {
				t.Errorf("only %d of 2000 reads had an answer", read)
			}
		})
	}
}

// Without scripts a token is compared and swapped, and deleted, by WATCH.
func TestWritingWithoutScripts(t *testing.T) {
	t.Parallel()
	for name, server := range map[string][]string{
		"no such commands": {"--rename-command", "EVAL", "", "--rename-command", "EVALSHA", ""},
		"no rights":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t, server...)
			s, log := asUser(t, srv, allKeys, "+@all", "-@scripting")
			a, b, c := token(t, "a", 40*time.Minute), token(t, "b", 40*time.Minute), token(t, "c", 40*time.Minute)
			swap := func(old, tok store.Token, stands string) {
				t.Helper()
				got, err := s.CompareAndSwap(t.Context(), tokenKey, old, tok)
				if err != nil || got.Reveal() != stands || srv.Do("GET", tokenKey) != stands {
					t.Errorf("stands %q, %v, and %v is there; want %q", got.Reveal(), err, srv.Do("GET", tokenKey), stands)
				}
			}
			swap(store.Token{}, a, "a")
			swap(store.Token{}, b, "a")
			swap(c, b, "a")
			swap(a, b, "b")
			if got, err := s.Get(t.Context(), tokenKey); err != nil || got.IssuedAt().IsZero() {
				t.Errorf("the metadata is missing: %v, %v", got, err)
			}
			remove := func(tok store.Token, left any) {
				t.Helper()
				if err := s.CompareAndDelete(t.Context(), tokenKey, tok); err != nil || srv.Do("GET", tokenKey) != left {
					t.Errorf("delete: %v, %v is there; want %v", err, srv.Do("GET", tokenKey), left)
				}
			}
			remove(a, "b")
			remove(b, nil)
			if got, err := s.Restore(t.Context(), tokenKey, store.Token{}, b); !errors.Is(err, store.ErrDeleted) {
				t.Errorf("restored: %v, %v", got, err)
			}
			swap(store.Token{}, b, "b")
			wantTTLs(t, srv)
			if n := strings.Count(log.String(), "EVAL"); n != 1 {
				t.Errorf("said %d times:\n%s", n, log)
			}
		})
	}
}

// Who may not write is told so, and reads on.
func TestWritesThatAreRefusedAreNoOutage(t *testing.T) {
	t.Parallel()
	reader := func(t *testing.T, srv *redistest.Server) *redisstore.Store {
		s, _ := asUser(t, srv, allKeys, "+@read", "+info")
		return s
	}
	for name, c := range map[string]struct {
		store     func(*testing.T, *redistest.Server) *redisstore.Store
		refuse    []string
		forbidden bool
	}{
		"a user who may only read": {reader, nil, true},
		"neither EVAL nor MULTI": {func(t *testing.T, srv *redistest.Server) *redisstore.Store {
			s, _ := asUser(t, srv, allKeys, "+@all", "-@scripting", "-multi")
			return s
		}, nil, true},
		"a replica":     {nil, []string{"REPLICAOF", "127.0.0.1", "1"}, false},
		"a full server": {nil, []string{"CONFIG", "SET", "maxmemory", "1"}, false},
		"a full server that watches": {func(t *testing.T, srv *redistest.Server) *redisstore.Store {
			s, _ := asUser(t, srv, allKeys, "+@all", "-@scripting")
			return s
		}, []string{"CONFIG", "SET", "maxmemory", "1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t)
			srv.Do("SET", tokenKey, "there", "EX", "3180")
			s := newStore(t, srv, redisstore.Config{})
			if c.store != nil {
				s = c.store(t, srv)
			}
			if c.refuse != nil {
				if got := srv.Do(c.refuse...); got != "OK" {
					t.Fatal(got)
				}
			}
			there := token(t, "there", longest)
			for what, write := range map[string]func() error{
				"swap": func() error {
					_, err := s.CompareAndSwap(t.Context(), tokenKey, there, token(t, "new", longest))
					return err
				},
				"restore": func() error {
					_, err := s.Restore(t.Context(), tokenKey, there, token(t, "new", longest))
					return err
				},
			} {
				if err := write(); !errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrForbidden) != c.forbidden || errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if got, err := s.Get(t.Context(), tokenKey); err != nil || got.Reveal() != "there" {
				t.Errorf("Get = %v, %v", got, err)
			}
		})
	}
}

// With neither scripts nor transactions a token is still written where there is none.
func TestWritingWithoutScriptsAndTransactions(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s, log := asUser(t, srv, allKeys, "+@all", "-@scripting", "-multi")
	a, b := token(t, "a", 40*time.Minute), token(t, "b", 40*time.Minute)
	for _, step := range []struct{ old, tok, stands store.Token }{{store.Token{}, a, a}, {store.Token{}, b, a}, {b, b, a}} {
		if got, err := s.CompareAndSwap(t.Context(), tokenKey, step.old, step.tok); err != nil || !got.Equal(step.stands) {
			t.Errorf("stands %v, %v; want %v", got, err, step.stands)
		}
	}
	if got, err := newStore(t, srv, redisstore.Config{}).Get(t.Context(), tokenKey); err != nil || !got.Equal(a) || got.IssuedAt().IsZero() {
		t.Errorf("another process gets %v, %v; want it with its metadata", got, err)
	}
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, a, b); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("replaced: %v", err)
	}
	if n := strings.Count(log.String(), "tokens that others put there are used"); n != 1 {
		t.Errorf("said %d times that ours are not shared:\n%s", n, log)
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, a); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("deleted: %v", err)
	}
	if got := srv.Do("GET", tokenKey); got != "a" {
		t.Errorf("%v is there; want it untouched", got)
	}
	wantTTLs(t, srv)
}

// Nor is it read where its length may not be asked for, if connections bound replies as
// those of store/redis/dial do.
func TestHugeValueIsNotReadWithGETOnly(t *testing.T) { // not parallel: it counts what the process allocates
	srv := redistest.Start(t)
	srv.Do("SETRANGE", tokenKey, fmt.Sprint(64<<20), "x") // more than is allocated, and less than keeps a busy machine
	srv.Do("ACL", "SETUSER", "somebody", "reset", "on", ">s3cret", "+select", allKeys, "+get", "+pttl")
	dialer := redisconn.New(redisconn.Config{})
	defer func() { _ = dialer.Close() }()
	o := patient(srv.Addr())
	o.Username, o.Password, o.Dialer = "somebody", "s3cret", dialer.DialContext
	s := mustNew(t, redisstore.Config{Client: newClient(t, o), ClientHonoursDeadlines: true})
	for range 2 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := s.Get(t.Context(), tokenKey)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, store.ErrUnusable) || n > 16<<20 {
			t.Errorf("got %v, %d bytes were allocated", err, n)
		}
	}
	if _, _, err := s.Look(t.Context(), tokenKey, token(t, "had", time.Hour), 0); !errors.Is(err, store.ErrUnusable) {
		t.Errorf("Look: %v", err)
	}
	srv.Do("SET", tokenKey, "the-token", "EX", "3180")
	if got, err := s.Get(t.Context(), tokenKey); err != nil || got.Reveal() != "the-token" {
		t.Errorf("Get = %v, %v", got, err)
	}
}
