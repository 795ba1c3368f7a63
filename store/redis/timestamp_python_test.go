package redis_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

func isoformat(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

func TestPythonReadsOurs(t *testing.T) {
	srv := redistest.Start(t)
	py, s := python{t, srv}, newStore(t, srv, redisstore.Config{})
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "ours", longest)); err != nil {
		t.Fatal(err)
	}
	if got := py.get(); got != "ours" {
		t.Errorf("the service reads %q", got)
	}
}

func TestWeReadPythons(t *testing.T) {
	srv := redistest.Start(t)
	now := time.Now().UTC()
	micros := now.Truncate(time.Microsecond)
	tests := map[string]struct {
		play [][]string // what comes after the token and its fresh timestamp
		want time.Time
	}{
		"fresh":               {nil, micros},
		"no fraction":         {[][]string{{"SET", stampKey, now.Format("2006-01-02T15:04:05")}}, now.Truncate(time.Second)},
		"one digit":           {[][]string{{"SET", stampKey, now.Format("2006-01-02T15:04:05.0")}}, now.Truncate(100 * time.Millisecond)},
		"nine digits":         {[][]string{{"SET", stampKey, now.Format("2006-01-02T15:04:05.000000000")}}, now},
		"timestamp missing":   {[][]string{{"DEL", stampKey}}, time.Time{}},
		"timestamp empty":     {[][]string{{"SET", stampKey, ""}}, time.Time{}},
		"timestamp older":     {[][]string{{"SET", stampKey, isoformat(now.Add(-53 * time.Minute))}}, time.Time{}},
		"timestamp newer":     {[][]string{{"EXPIRE", tokenKey, "600"}}, time.Time{}},
		"timestamp in future": {[][]string{{"SET", stampKey, isoformat(now.Add(time.Hour))}}, time.Time{}},
		"not a timestamp":     {[][]string{{"SET", stampKey, "yesterday"}}, time.Time{}},
		"far too long":        {[][]string{{"SETRANGE", stampKey, "1000000", "x"}}, time.Time{}},
		"wrong type":          {[][]string{{"DEL", stampKey}, {"LPUSH", stampKey, "x"}}, time.Time{}},
		"metadata is a list":  {[][]string{{"LPUSH", metadataKey, "x"}}, micros},
		"metadata is empty":   {[][]string{{"HSET", metadataKey, "other", "x"}}, micros},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv.Do("FLUSHALL")
			python{t, srv}.set("theirs", isoformat(now))
			for _, args := range tt.play {
				srv.Do(args...)
			}
			left := pttl(t, srv, tokenKey)
			tok, err := newStore(t, srv, redisstore.Config{}).Get(t.Context(), tokenKey)
			if err != nil || tok.Reveal() != "theirs" {
				t.Fatalf("got %v, %v; want their token", tok, err)
			}
			if stands, err := newStore(t, srv, redisstore.Config{}).CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "ours", longest)); err != nil || !stands.Equal(tok) {
				t.Errorf("after a swap %v stands, %v; want their token", stands, err)
			}
			if !tok.IssuedAt().Equal(tt.want) {
				t.Errorf("issued at %v; want %v", tok.IssuedAt(), tt.want)
			}
			wantNear(t, "expiry", tok.Expiry(), time.Now().Add(left+margin))
		})
	}
}

// The clocks of two machines differ: a timestamp slightly ahead of ours means now.
func TestTimestampAheadOfOurClock(t *testing.T) {
	srv := redistest.Start(t)
	python{t, srv}.set("theirs", isoformat(time.Now().Add(30*time.Second)))
	tok, err := newStore(t, srv, redisstore.Config{}).Get(t.Context(), tokenKey)
	if err != nil || tok.IssuedAt().IsZero() || tok.IssuedAt().After(time.Now()) {
		t.Errorf("issued at %v, %v; want now", tok.IssuedAt(), err)
	}
}

func TestPythonReplacesOurs(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{Identity: func(string) string { return "us" }})
	other := newStore(t, srv, redisstore.Config{Identity: func(string) string { return "others" }})
	ours := token(t, "ours", 10*time.Minute)
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, ours); err != nil {
		t.Fatal(err)
	}
	// Not in the millisecond of ours: the timestamp would be taken for that of our token.
	issued := ours.IssuedAt().Add(-time.Second).UTC().Truncate(time.Microsecond)
	python{t, srv}.set("theirs", isoformat(issued))

	// The metadata belongs to our token: nothing of it holds for theirs.
	for _, s := range []*redisstore.Store{s, other} {
		tok, err := s.Get(t.Context(), tokenKey)
		if err != nil || tok.Reveal() != "theirs" || !tok.IssuedAt().Equal(issued) {
			t.Errorf("got %v issued at %v, %v; want theirs, issued at %v", tok, tok.IssuedAt(), err, issued)
		}
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, ours); err != nil || srv.Do("GET", tokenKey) != "theirs" {
		t.Errorf("a late delete of ours: %v, %v is there", err, srv.Do("GET", tokenKey))
	}
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, ours, token(t, "next", longest)); err != nil || got.Reveal() != "theirs" {
		t.Errorf("a late swap of ours: stands %v, %v; want theirs", got, err)
	}
	wantTTLs(t, srv)
}

func TestExpiryIsAtMostALifetimeAway(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	for _, ms := range []string{"86400000", "9000000000000000"} {
		srv.Do("SET", tokenKey, "theirs", "PX", ms)
		tok, err := s.Get(t.Context(), tokenKey)
		if err != nil || tok.Expiry().After(time.Now().Add(longest)) {
			t.Errorf("TTL of %s ms: expiry %v, %v; want at most %v from now", ms, tok.Expiry(), err, longest)
		}
	}
}

func TestIdentity(t *testing.T) {
	srv := redistest.Start(t)
	as := func(name string) *redisstore.Store {
		return newStore(t, srv, redisstore.Config{Identity: func(string) string { return name }})
	}
	mine, theirs, whoever := as("mine"), as("theirs"), newStore(t, srv, redisstore.Config{})
	tok, next := token(t, "tok", longest), token(t, "next", longest)
	if _, err := mine.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	if _, err := theirs.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrIdentity) || errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get: %v; want ErrIdentity and not a miss", err)
	}
	for name, old := range map[string]store.Token{"nothing": {}, "the token": tok, "another": next} {
		for _, repl := range []store.Token{next, tok} {
			if got, err := theirs.CompareAndSwap(t.Context(), tokenKey, old, repl); !errors.Is(err, store.ErrIdentity) {
				t.Errorf("CompareAndSwap of %s: %v, %v; want ErrIdentity", name, got, err)
			}
		}
	}
	if got := srv.Do("GET", tokenKey); got != "tok" {
		t.Errorf("%v is there; want it unchanged", got)
	}
	if n := theirs.Stats().Identity; n != 7 {
		t.Errorf("%d operations counted under Identity; want 7", n)
	}
	for _, s := range []*redisstore.Store{mine, whoever, as("")} {
		if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.Equal(tok) {
			t.Errorf("Get of the owner, or of one who does not check: %v, %v", got, err)
		}
	}
	if _, err := whoever.CompareAndSwap(t.Context(), tokenKey, tok, next); err != nil {
		t.Fatal(err)
	}
	if got, err := mine.Get(t.Context(), tokenKey); err != nil || !got.Equal(next) {
		t.Errorf("Get of a token of nobody in particular: %v, %v; want it on trust", got, err)
	}
	if got, err := mine.CompareAndSwap(t.Context(), tokenKey, next, tok); err != nil || got != tok {
		t.Errorf("CompareAndSwap of such a token: %v, %v", got, err)
	}
	// Whoever holds exactly this token may take it away.
	if err := theirs.CompareAndDelete(t.Context(), tokenKey, tok); err != nil || srv.Do("EXISTS", tokenKey) != int64(0) {
		t.Errorf("CompareAndDelete: %v, the token is still there", err)
	}
}

// A timestamp that another token left behind says nothing of this one, however young both
// are: its program writes none, or writes it in a moment.
func TestTimestampOfAnotherTokenIsNotBelieved(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	srv.Do("SET", stampKey, isoformat(time.Now().Add(-30*time.Second)), "EX", "3150")
	srv.Do("SET", tokenKey, "theirs", "EX", "3180")
	for range 2 {
		if tok, err := s.Get(t.Context(), tokenKey); err != nil || !tok.IssuedAt().IsZero() {
			t.Errorf("Get: issued %v, %v; want that not to be known", tok.IssuedAt(), err)
		}
		if tok, _, err := s.Look(t.Context(), tokenKey, store.Token{}, 0); err != nil || !tok.IssuedAt().IsZero() {
			t.Errorf("Look: issued %v, %v; want that not to be known", tok.IssuedAt(), err)
		}
	}
}

// Nor does the one that we wrote with a token of ours a moment ago: their token would count
// as issued with ours, and be replaced by a token that a process fetched since.
func TestTimestampOfOurTokenIsNotTheirs(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	issued := time.Now().Add(-time.Second)
	ours, err := store.NewToken("ours", issued, issued.Add(longest))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, ours); err != nil || srv.Do("EXISTS", stampKey) != int64(1) {
		t.Fatalf("%v, or there is no timestamp", err)
	}
	srv.Do("SET", tokenKey, "theirs", "EX", "3180")
	if tok, err := s.Get(t.Context(), tokenKey); err != nil || !tok.IssuedAt().IsZero() {
		t.Errorf("Get: issued %v, %v; want that not to be known", tok.IssuedAt(), err)
	}
	if tok, _, err := s.Look(t.Context(), tokenKey, store.Token{}, 0); err != nil || !tok.IssuedAt().IsZero() {
		t.Errorf("Look: issued %v, %v; want that not to be known", tok.IssuedAt(), err)
	}
	srv.Do("SET", stampKey, isoformat(time.Now().UTC()), "EX", "3180") // theirs
	if tok, err := s.Get(t.Context(), tokenKey); err != nil || tok.IssuedAt().Before(issued.Add(500*time.Millisecond)) {
		t.Errorf("Get: issued %v, %v; want that of their timestamp", tok.IssuedAt(), err)
	}
}

// Who meets another identity's token is told by which digits both can be found, until when that
// lasts, and what helps.
func TestIdentityErrorNamesBoth(t *testing.T) {
	srv := redistest.Start(t)
	as := func(name string) *redisstore.Store {
		return newStore(t, srv, redisstore.Config{Identity: func(string) string { return name }})
	}
	tok := token(t, "tok", longest)
	if _, err := as("theirs").CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	said := func() string {
		_, err := as("mine").Get(t.Context(), tokenKey)
		if !errors.Is(err, store.ErrIdentity) {
			t.Fatalf("got %v", err)
		}
		_, until, _ := strings.Cut(err.Error(), "lasts until ")
		at, parseErr := time.Parse(time.RFC3339, strings.Fields(until)[0])
		if parseErr != nil {
			t.Fatal(err)
		}
		wantNear(t, "lasts until", at, time.Now().Add(pttl(t, srv, tokenKey)))
		return err.Error()
	}
	mine, theirs := hashed("identity", "mine")[:8], hashed("identity", "theirs")[:8]
	if text := said(); !strings.Contains(text, "(identity "+theirs+") is for") || !strings.Contains(text, "ours (identity "+mine+"),") {
		t.Errorf("said %s", text)
	}
	srv.Do("HSET", metadataKey, "identity", "not hexadecimal")
	if text := said(); !strings.Contains(text, "(identity unknown) is for") {
		t.Errorf("said %s", text)
	}
	srv.Do("HSET", metadataKey, "identity", "abcdef0")
	if text := said(); !strings.Contains(text, "(identity unknown) is for") {
		t.Errorf("said %s", text)
	}
	srv.Do("HSET", metadataKey, "identity", "abcdef01")
	if text := said(); !strings.Contains(text, "(identity abcdef01) is for") {
		t.Errorf("said %s", text)
	}
	srv.Do("PEXPIREAT", tokenKey, "9000000000000000")
	_, err := as("mine").Get(t.Context(), tokenKey)
	if year := time.Now().UTC().Add(365 * 24 * time.Hour).Format("2006-01-02"); err == nil || !strings.Contains(err.Error(), "lasts until "+year) {
		t.Errorf("without an end in sight: %v, want %s", err, year)
	}
}
