package tiered_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

// Who may not write uses what others put there, at start and later; its own tokens serve
// itself, and are not offered again and again.
func TestProcessThatMayOnlyReadFollowsOthers(t *testing.T) {
	for name, rights := range map[string][]string{
		"GET and PTTL":     {"~" + key, "+get", "+pttl"},
		"a reader":         {"~*", "+@read"},
		"a reader, pushed": {"~*", "+@read", "+client|tracking", "+info"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			srv.Do(append([]string{"ACL", "SETUSER", "reader", "reset", "on", ">s3cret", "+select", "+ping", "+client|tracking"}, rights...)...)
			srv.Do("SET", key, "there", "EX", "3180")
			p := process(t, srv.Addr(), "reader")
			if !p.gets("there") {
				t.Fatal("the token that is there is not used")
			}
			srv.Do("SET", key, "another", "EX", "3180")
			eventually(t, "a change is followed", func() bool { return p.has("another") })

			another, _ := p.Get(t.Context(), key)
			own := newToken(t, "own", time.Hour)
			if standing := swap(t, p, another, own); !standing.Equal(own) {
				t.Fatalf("%v stands", standing)
			}
			refused := p.far.Stats().Errors
			for range 20 {
				srv.Do("PEXPIRE", key, "3000000") // pushes
			}
			eventually(t, "some looks", func() bool { return p.far.Stats().Hits > 3 })
			if !p.has("own") {
				t.Error("it has given up its own token for one that it had replaced")
			}
			srv.Do("SET", key, "newer", "EX", "3180")
			eventually(t, "what others put there then is followed", func() bool { return p.has("newer") })
			eventually(t, "nothing is pending any more", func() bool { return p.Stats().PendingWrites == 0 })
			if n := p.far.Stats().Errors - refused; n > 3 {
				t.Errorf("%d more attempts to write", n)
			}
			if n := p.log.count("level=WARN"); n > 1 { // one of the client's options
				t.Errorf("%d warnings:\n%s", n, p.log)
			}
		})
	}
}

// A server that takes no writes for a while can be read.
func TestPausedWritesAreNoOutageOfReads(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", key, "there", "EX", "3180")
	if got := srv.Do("CLIENT", "PAUSE", "600000", "WRITE"); got != "OK" {
		t.Fatal(got)
	}
	p := process(t, srv.Addr(), "")
	if !p.gets("there") {
		t.Fatal("the token that is there is not used")
	}
	there, _ := p.Get(t.Context(), key)
	own := newToken(t, "own", time.Hour)
	if standing := swap(t, p, there, own); !standing.Equal(own) {
		t.Fatalf("%v stands", standing)
	}
	for range 10 {
		if tok, err := p.Reread(t.Context(), "another key"); err == nil || !tok.IsZero() {
			t.Fatalf("%v, %v", tok, err)
		}
	}
	if n := p.far.Stats().Absent; n < 10 {
		t.Errorf("far was read %d of 10 times", n)
	}
	if got := srv.Do("GET", key); got != "there" {
		t.Fatalf("%v is there: this shows nothing", got)
	}
	srv.Do("CLIENT", "UNPAUSE")
	eventually(t, "it is written then", func() bool { return srv.Do("GET", key) == "own" })
	if n := p.log.count("unreachable"); n != 0 {
		t.Errorf("taken for an outage:\n%s", p.log)
	}
}

// A database that is swapped is not a deletion.
func TestSwappedDatabaseIsNoDeletion(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	p := process(t, srv.Addr(), "")
	swap(t, p, store.Token{}, newToken(t, "a", time.Hour))
	eventually(t, "it is known to be there", func() bool { return p.far.Stats().Hits > 0 })
	srv.Do("SWAPDB", "1", "2")
	if got := srv.Do("GET", key); got != nil {
		t.Fatalf("%v is there: this shows nothing", got)
	}
	eventuallyWithin(t, 2*time.Minute, "it is written back", func() bool { return srv.Do("GET", key) == "a" })
	if !p.has("a") {
		t.Error("it was dropped")
	}
}
