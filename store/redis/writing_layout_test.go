package redis_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Whatever the server allows, a token is written with the same keys beside it.
func TestSameLayoutInEveryWayOfWriting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rights     []string
		tombstones bool
		replaces   bool
	}{
		"scripts":              {[]string{allKeys, "+@all"}, true, true},
		"no scripts":           {[]string{allKeys, "+@all", "-@scripting"}, true, true},
		"neither nor MULTI":    {[]string{allKeys, "+@all", "-@scripting", "-multi"}, false, false},
		"no GETRANGE":          {[]string{allKeys, "+@all", "-getrange"}, true, true},
		"no tombstones":        {[]string{"~" + tokenKey, "~" + metadataKey, "~" + stampKey, "+@all"}, false, true},
		"none without scripts": {[]string{"~" + tokenKey, "~" + metadataKey, "~" + stampKey, "+@all", "-@scripting"}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			s, _ := asUser(t, srv, c.rights...)
			wrote := uint64(0)
			for round, restore := range []bool{false, true} {
				srv.Do("FLUSHALL")
				write := s.CompareAndSwap
				if restore {
					write = s.Restore
				}
				tok := token(t, fmt.Sprint("tok-", round), longest)
				late := token(t, "late", time.Minute)
				if got, err := write(t.Context(), tokenKey, store.Token{}, late); err != nil || got != late || srv.Do("DBSIZE") != int64(0) {
					t.Errorf("too late to be shared: %v, %v, %v keys", got, err, srv.Do("DBSIZE"))
				}
				if got, err := write(t.Context(), tokenKey, store.Token{}, tok); err != nil || got != tok {
					t.Fatalf("stands %v, %v", got, err)
				}
				wantLayout(t, srv, tok)
				if wrote++; s.Stats().Writes != wrote {
					t.Errorf("%d writes are counted, not %d", s.Stats().Writes, wrote)
				}
				if !c.replaces {
					continue
				}
				next := ofIssue(t, "next", time.Now().Add(-5*time.Minute), 50*time.Minute)
				if got, err := write(t.Context(), tokenKey, tok, next); err != nil || got != next {
					t.Fatalf("stands %v, %v", got, err)
				}
				wrote++
				wantLayout(t, srv, next)
				if err := s.CompareAndDelete(t.Context(), tokenKey, next); err != nil {
					t.Fatal(err)
				}
				if n := srv.Do("EXISTS", tokenKey, metadataKey); n != int64(0) {
					t.Errorf("%v keys are left of what was deleted", n)
				}
				gone := "{" + tokenKey + "}:gone:" + hashed("token", "next")
				if kept := srv.Do("EXISTS", gone) == int64(1); kept != c.tombstones {
					t.Errorf("a tombstone: %v, want %v", kept, c.tombstones)
				}
				if c.tombstones {
					wantNear(t, "the end of the tombstone", time.Now().Add(pttl(t, srv, gone)), next.Expiry().Add(margin))
				}
				wantTTLs(t, srv)
				if n := srv.Do("EXISTS", stampKey); n != int64(1) {
					t.Error("the timestamp key is gone; it is not ours alone")
				}
			}
		})
	}
}

func ofIssue(t *testing.T, text string, issued time.Time, life time.Duration) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, issued, issued.Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// wantLayout checks all that is written of tok.
func wantLayout(t *testing.T, srv *redistest.Server, tok store.Token) {
	t.Helper()
	if got := srv.Do("GET", tokenKey); got != tok.Reveal() {
		t.Errorf("token key holds %v", got)
	}
	if got, want := srv.Do("GET", stampKey), isoformat(tok.IssuedAt()); got != want {
		t.Errorf("timestamp is %v, want %v", got, want)
	}
	want := []any{hashed("token", tok.Reveal()), "", "110000", strconv.FormatInt(tok.IssuedAt().UnixMilli(), 10)}
	if got := srv.Do("HMGET", metadataKey, "token", "identity", "shift_ms", "issued_ms"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("metadata is %v, want %v", got, want)
	}
	for _, key := range []string{tokenKey, stampKey, metadataKey} {
		wantNear(t, "the end of "+key, time.Now().Add(pttl(t, srv, key)), tok.Expiry().Add(-margin))
	}
}

// Without GETRANGE no script can compare: it neither replaces nor keeps a token that it has not
// read, and a lease cannot be had.
func TestScriptThatMayNotReadChangesNothing(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, old := range []store.Token{{}, token(t, "another", longest)} {
		srv.Do("SET", tokenKey, "there", "EX", "3180")
		s, _ := asUser(t, srv, allKeys, "+@all", "-getrange")
		if got, err := s.CompareAndSwap(t.Context(), tokenKey, old, token(t, "new", longest)); err != nil || got.Reveal() != "there" || srv.Do("GET", tokenKey) != "there" {
			t.Errorf("stands %v, %v; %v is there", got, err, srv.Do("GET", tokenKey))
		}
		s, _ = asUser(t, srv, allKeys, "+@all", "-getrange")
		if err := s.CompareAndDelete(t.Context(), tokenKey, token(t, "there", longest)); err != nil || srv.Do("EXISTS", tokenKey) != int64(0) {
			t.Errorf("%v, or it is still there", err)
		}
	}
	s, log := asUser(t, srv, allKeys, "+@all", "-getrange")
	l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 2 {
		if outcome, err := l.Acquire(t.Context(), tokenKey, lease.Ask{Credentials: "pass-1"}); err == nil {
			t.Errorf("%+v", outcome)
		}
	}
	if n := strings.Count(log.String(), "no lease can be kept here"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log)
	}
	if n := srv.Do("EXISTS", leaseKey); n != int64(0) {
		t.Error("the lease is taken")
	}
}
