package redis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// The shortest and the longest token are tokens to all who look, one byte more is none.
func TestShortestAndLongestTokenAreSeen(t *testing.T) {
	t.Parallel()
	for length, seen := range map[int]bool{0: false, 1: true, store.MaxTokenBytes: true, store.MaxTokenBytes + 1: false} {
		srv := redistest.Start(t)
		text := strings.Repeat("x", length)
		for name, read := range readers(t, newStore(t, srv, redisstore.Config{})) {
			srv.Do("FLUSHALL")
			srv.Do("SET", tokenKey, text, "EX", "3180")
			if tok, err := read(); (!tok.IsZero() && tok.Reveal() == text && err == nil) != seen {
				t.Errorf("%s of a token of %d bytes: %d bytes, %v", name, length, len(tok.Reveal()), err)
			}
		}
	}
}

// Of metadata in which one field is longer than any of ours, the others count.
func TestOneFieldThatIsTooLongHidesNoOther(t *testing.T) {
	t.Parallel()
	for _, may := range []bool{true, false} {
		srv := redistest.Start(t)
		if !may {
			srv.Do("ACL", "SETUSER", "default", "-hstrlen")
		}
		for name, read := range readers(t, newStore(t, srv, redisstore.Config{})) {
			srv.Do("FLUSHALL")
			srv.Do("SET", tokenKey, "tok", "EX", "1000")
			srv.Do("HSET", metadataKey, "token", hashed("token", "tok"), "identity", strings.Repeat("x", 1<<20), "shift_ms", "0", "issued_ms", "0")
			tok, err := read()
			if err != nil || tok.Reveal() != "tok" {
				t.Errorf("%s: %v, %v", name, tok, err)
			}
			wantNear(t, name+": expiry", tok.Expiry(), time.Now().Add(1000*time.Second))
		}
	}
}

// Nor is it read on the server, whichever field that is.
func TestFieldThatIsTooLongIsNotRead(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	reads := readers(t, newStore(t, srv, redisstore.Config{}))
	for _, field := range []string{"token", "identity", "shift_ms", "issued_ms"} {
		for _, name := range []string{"CompareAndSwap that loses", "Acquire"} {
			srv.Do("SET", tokenKey, "tok", "EX", "1000")
			srv.Do("HSET", metadataKey, "token", hashed("token", "tok"), "identity", "", "shift_ms", "0", "issued_ms", "0")
			srv.Do("HSET", metadataKey, field, strings.Repeat("x", 65))
			monitor := srv.Dial()
			if said, err := monitor.Do("MONITOR"); said != "OK" || err != nil {
				t.Fatal(said, err)
			}
			if tok, err := reads[name](); err != nil || tok.Reveal() != "tok" {
				t.Errorf("%s: %v, %v", name, tok, err)
			}
			srv.Do("ECHO", "that was all")
			read := ""
			for !strings.Contains(read, "that was all") {
				line, err := monitor.Do("PING") // which is answered by the next line
				if err != nil {
					t.Fatal(err)
				}
				read = fmt.Sprint(line)
				if strings.Contains(strings.ToUpper(read), `LUA] "HMGET"`) && strings.Contains(read, `"`+field+`"`) {
					t.Errorf("%s reads %s: %s", name, field, read)
				}
			}
			_ = monitor.Close()
		}
	}
}

// What the user may not do is not tried in vain, where the server can tell: it writes down each
// denial.
func TestNoDenialIsLogged(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", tokenKey, "tok", "EX", "1000")
	srv.Do("HSET", metadataKey, "token", hashed("token", "tok"), "shift_ms", "0")
	admin := srv.Dial()
	srv.Do("ACL", "SETUSER", "default", "-hstrlen")
	for name, read := range readers(t, newStore(t, srv, redisstore.Config{})) {
		if tok, err := read(); err != nil || tok.Reveal() != "tok" {
			t.Errorf("%s: %v, %v", name, tok, err)
		}
	}
	if log, err := admin.Do("ACL", "LOG"); err != nil || strings.Contains(fmt.Sprint(log), "hstrlen") {
		t.Errorf("%v, %v", log, err)
	}
}

// What a holder met replaces whatever is there, and does not keep it from giving the lease back.
func TestFailureReplacesWhatIsThere(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for name, poison := range poisons(failedKey, stranger) {
		srv.Do("FLUSHALL")
		holder, waiter := newProcess(t, srv, redisstore.LeaseConfig{}), newProcess(t, srv, redisstore.LeaseConfig{})
		outcome := holder.ask(t, lease.Ask{})
		busy := waiter.ask(t, lease.Ask{})
		busy.Drop()
		srv.Do(poison...)
		outcome.Release(&lease.Failure{Message: "down", Pause: time.Minute})
		_ = holder.Close()
		if n := srv.Do("EXISTS", leaseKey); n != int64(0) {
			t.Errorf("%s: the lease is not given back", name)
		}
		if f := waiter.ask(t, lease.Ask{Holder: busy.Holder, Tried: true}).Failure; f == nil || f.Message != "down" {
			t.Errorf("%s: told %+v", name, f)
		}
		wantTTLs(t, srv)
	}
}

// A user without the right to tombstones deletes tokens all the same, and writes nothing in their
// place.
func TestDeletionWithoutTombstones(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s, _ := asUser(t, srv, "~"+tokenKey, "~"+metadataKey, "~"+stampKey, "+@all")
	for _, there := range []string{"tok", "another"} {
		tok, stands := token(t, "tok", longest), token(t, there, longest)
		if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, stands); err != nil || !got.Equal(stands) {
			t.Fatalf("%v, %v", got, err)
		}
		if err := s.CompareAndDelete(t.Context(), tokenKey, tok); err != nil {
			t.Fatal(err)
		}
		want := int64(0)
		if there != "tok" {
			want = 1
		}
		if n := srv.Do("EXISTS", tokenKey); n != want {
			t.Errorf("%s: %v tokens are left", there, n)
		}
		if is := srv.Do("TYPE", metadataKey); is != map[int64]string{0: "none", 1: "hash"}[want] {
			t.Errorf("%s: the metadata is a %v", there, is)
		}
	}
}

// Whose token is replaced is asked by those who say who they are, and only of the token that the
// metadata belongs to.
func TestExpectedTokenOfAnotherIdentity(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	as := func(name string) *redisstore.Store {
		return newStore(t, srv, redisstore.Config{Identity: func(string) string { return name }})
	}
	old, next := token(t, "old", longest), token(t, "next", longest)
	for name, c := range map[string]struct {
		mine, theirs, of string // of: the token that the metadata belongs to
		replaced         bool
	}{
		"their token":              {"mine", "theirs", "old", false},
		"our own":                  {"mine", "mine", "old", true},
		"we do not say who we are": {"", "theirs", "old", true},
		"nobody says whose it is":  {"mine", "", "old", true},
		"of an older token":        {"mine", "theirs", "older", true},
		"too long to be one":       {"mine", strings.Repeat("x", 65), "old", true},
	} {
		srv.Do("FLUSHALL")
		srv.Do("SET", tokenKey, "old", "EX", "3180")
		identity := ""
		switch {
		case strings.HasPrefix(c.theirs, "xx"):
			identity = c.theirs
		case c.theirs != "":
			identity = hashed("identity", c.theirs)
		}
		srv.Do("HSET", metadataKey, "token", hashed("token", c.of), "identity", identity, "shift_ms", "110000", "issued_ms", "0")
		stands, err := as(c.mine).CompareAndSwap(t.Context(), tokenKey, old, next)
		if got := srv.Do("GET", tokenKey); (got == "next") != c.replaced || (err == nil && stands.Equal(next)) != c.replaced {
			t.Errorf("%s: %v is there, told %v, %v", name, got, stands, err)
		}
	}
}
