package redis_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

func TestUnusableValues(t *testing.T) {
	srv := redistest.Start(t)
	type counter = func(redisstore.Stats) uint64
	wrongType := func(s redisstore.Stats) uint64 { return s.WrongType }
	noTTL := func(s redisstore.Stats) uint64 { return s.NoTTL }
	empty := func(s redisstore.Stats) uint64 { return s.Empty }
	tooLong := func(s redisstore.Stats) uint64 { return s.TooLong }
	badBytes := func(s redisstore.Stats) uint64 { return s.BadBytes }
	set := func(value string) []string { return []string{"SET", tokenKey, value, "EX", "3180"} }
	tests := map[string]struct {
		poison  []string
		counter counter
	}{
		"list":          {[]string{"LPUSH", tokenKey, "x"}, wrongType},
		"hash":          {[]string{"HSET", tokenKey, "token", "x"}, wrongType},
		"no TTL":        {[]string{"SET", tokenKey, "poison"}, noTTL},
		"empty":         {set(""), empty},
		"empty, no TTL": {[]string{"SET", tokenKey, ""}, empty},
		"too long":      {set(strings.Repeat("x", store.MaxTokenBytes+1)), tooLong},
		"huge":          {set(strings.Repeat("x", 1<<20)), tooLong},
		"space":         {set("two words"), badBytes},
		"only a space":  {set(" "), badBytes},
		"line end":      {set("poison\r\n"), badBytes},
		"NUL":           {set("poi\x00son"), badBytes},
		"DEL":           {set("poison\x7f"), badBytes},
		"umlaut":        {set("pöison"), badBytes},
		"not UTF-8":     {set("poison\xff"), badBytes},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			s := newStore(t, srv, redisstore.Config{})
			if reply, bad := srv.Do(tt.poison...).(redistest.Error); bad {
				t.Fatal(reply)
			}
			srv.Do("LPUSH", metadataKey, "poison too")
			srv.Do("LPUSH", stampKey, "poison too")

			_, err := s.Get(t.Context(), tokenKey)
			if !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrUnusable) {
				t.Errorf("got %v; want a miss that says why", err)
			}
			if n := tt.counter(s.Stats()); n != 1 {
				t.Errorf("counted %d times; want 1 in %+v", n, s.Stats())
			}
			if err := s.CompareAndDelete(t.Context(), tokenKey, token(t, "x", longest)); err != nil {
				t.Errorf("CompareAndDelete of another: %v", err)
			}
			if srv.Do("EXISTS", tokenKey) != int64(1) {
				t.Error("CompareAndDelete of another took it away")
			}

			good := token(t, "good", longest)
			if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, good); err != nil || got != good {
				t.Fatalf("repair: %v, %v", got, err)
			}
			if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.Equal(good) || got.IssuedAt().IsZero() {
				t.Errorf("after the repair: %v issued at %v, %v; want the good token with all we know of it", got, got.IssuedAt(), err)
			}
			if got, ok := srv.Do("GET", stampKey).(string); !ok {
				t.Errorf("the timestamp key is not repaired: %v", got)
			}
			wantTTLs(t, srv)
		})
	}
}

func TestAbsentIsAPlainMiss(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	_, err := s.Get(t.Context(), tokenKey)
	if !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnusable) {
		t.Errorf("got %v; want ErrNotFound alone", err)
	}
	if n := s.Stats().Absent; n != 1 {
		t.Errorf("counted %d times", n)
	}
}

func TestLongestToken(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	tok := token(t, strings.Repeat("x", store.MaxTokenBytes), longest)
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "short", longest)); err != nil || !got.Equal(tok) {
		t.Errorf("swap: %v, %v; want the long one to stand", got, err)
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, tok); err != nil || srv.Do("EXISTS", tokenKey) != int64(0) {
		t.Errorf("delete: %v, still there", err)
	}
}

// forcePTTL makes every PTTL in a transaction answer ms.
type forcePTTL struct{ ms int64 }

func (f *forcePTTL) DialHook(next goredis.DialHook) goredis.DialHook          { return next }
func (f *forcePTTL) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (f *forcePTTL) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			if c, ok := cmd.(*goredis.IntCmd); ok && cmd.Name() == "pttl" {
				c.SetVal(f.ms)
			}
		}
		return err
	}
}

func TestEveryPTTL(t *testing.T) {
	mr := miniredis.RunT(t)
	c := newClient(t, patient(mr.Addr()))
	hook := new(forcePTTL)
	c.AddHook(hook)
	s := mustNew(t, redisstore.Config{Client: c})
	mr.DB(1).Set(tokenKey, "tok")

	for _, ms := range []int64{-3, -2, -1, 0, 1, 399, 400, 1600, 3_180_000, 3_300_000, 1 << 62, 1<<63 - 1} {
		hook.ms = ms
		before := time.Now()
		tok, err := s.Get(t.Context(), tokenKey)
		after := time.Now()
		if ms <= 0 {
			if !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrUnusable) {
				t.Errorf("PTTL %d: %v, %v; want a miss", ms, tok, err)
			}
			continue
		}
		life := longest
		if ms < longest.Milliseconds() {
			life = min(time.Duration(ms)*time.Millisecond+margin, longest)
		}
		if err != nil || tok.Expiry().Before(before.Add(life)) || tok.Expiry().After(after.Add(life)) {
			t.Errorf("PTTL %d: expiry %v, %v; want %v after the read", ms, tok.Expiry(), err, life)
		}
	}
}

// FuzzValue: whatever is under the key, Get returns exactly that, as a token that
// may be sent, or a miss; and a swap takes the same things for usable.
func FuzzValue(f *testing.F) {
	mr := miniredis.RunT(f)
	c := newClient(f, patient(mr.Addr()))
	s := mustNew(f, redisstore.Config{Client: c})
	next := token(f, "next", longest)
	for _, seed := range []string{
		"", "tok", " ", "a b", "tok\n", "tok\r", "\x00", "a\x00b", "\x7f", "~", "!", "ä", "\xff", "%", "]", "^", "-",
		strings.Repeat("x", store.MaxTokenBytes), strings.Repeat("x", store.MaxTokenBytes+1),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		db := mr.DB(1)
		db.FlushDB()
		if err := db.Set(tokenKey, value); err != nil {
			t.Fatal(err)
		}
		db.SetTTL(tokenKey, time.Minute)

		tok, err := s.Get(t.Context(), tokenKey)
		_, bad := store.NewToken(value, time.Time{}, time.Now())
		switch {
		case bad == nil && (err != nil || tok.Reveal() != value || !tok.ValidAt(time.Now())):
			t.Errorf("%q: got %q, %v; want it", value, tok.Reveal(), err)
		case bad != nil && !(errors.Is(err, store.ErrNotFound) && errors.Is(err, store.ErrUnusable)):
			t.Errorf("%q: got %q, %v; want a miss", value, tok.Reveal(), err)
		}
		want := value
		if bad != nil {
			want = "next"
		}
		if stands, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, next); err != nil || stands.Reveal() != want {
			t.Errorf("%q: after a swap %q stands, %v; want %q", value, stands.Reveal(), err, want)
		}
	})
}
