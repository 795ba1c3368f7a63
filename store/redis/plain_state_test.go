package redis_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A server that is busy with a script, or still loads its data, answers no command. That says
// nothing about what it allows: afterwards all is known that was known before.
func TestBusyServerDoesNotRefuseCommands(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	log := new(bytes.Buffer)
	cfg := redisstore.Config{
		Logger: slog.New(slog.NewTextHandler(log, nil)), Identity: func(string) string { return "mine" },
	}
	s, other := newStore(t, srv, cfg), newStore(t, srv, redisstore.Config{Identity: func(string) string { return "theirs" }})
	gone, theirs := token(t, "gone", 40*time.Minute), token(t, "theirs", 40*time.Minute)
	if _, err := other.CompareAndSwap(t.Context(), "theirs", store.Token{}, theirs); err != nil {
		t.Fatal(err)
	}
	if err := other.CompareAndDelete(t.Context(), "gone", gone); err != nil {
		t.Fatal(err)
	}
	srv.Do("CONFIG", "SET", "lua-time-limit", "1")
	if _, err := s.Get(t.Context(), "none"); !errors.Is(err, store.ErrNotFound) { // makes a connection
		t.Fatal(err)
	}
	busy, control := srv.Dial(), srv.Dial()
	defer busy.Close()
	defer control.Close()
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = busy.Do("EVAL", "while true do end", "0") }()
	looks := []store.Looking{{Key: "gone", Had: gone}, {Key: "theirs", Had: gone}}
	for { // until the script runs
		if got, err := control.Do("GET", "gone"); err != nil {
			t.Fatal(err)
		} else if _, runs := got.(redistest.Error); runs {
			break
		}
	}
	if _, _, err := s.Look(t.Context(), "gone", gone, 0); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("Look at a busy server: %v", err)
	}
	for _, r := range s.LookAll(t.Context(), looks) {
		if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) {
			t.Errorf("LookAll at a busy server: %v", r.Err)
		}
	}
	if _, err := s.Get(t.Context(), "theirs"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get at a busy server: %v", err)
	}
	if got, err := control.Do("SCRIPT", "KILL"); got != "OK" {
		t.Fatal(got, err)
	}
	<-ended
	if _, _, err := s.Look(t.Context(), "gone", gone, 0); !errors.Is(err, store.ErrDeleted) {
		t.Errorf("a deleted token: %v, want ErrDeleted", err)
	}
	if _, _, err := s.Look(t.Context(), "theirs", gone, 0); !errors.Is(err, store.ErrIdentity) {
		t.Errorf("a token of another identity: %v, want ErrIdentity", err)
	}
	for i, r := range s.LookAll(t.Context(), looks) {
		if want := []error{store.ErrDeleted, store.ErrIdentity}[i]; !errors.Is(r.Err, want) {
			t.Errorf("LookAll: %v, want %v", r.Err, want)
		}
	}
	if strings.Contains(log.String(), "does not allow") {
		t.Errorf("it is said that the server refuses something:\n%s", log)
	}
}

// A key that a user has no right to says nothing of the commands that the user may use on others:
// these are read as before, together and without what is too long.
func TestForbiddenKeyDoesNotForbidCommands(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	writer := newStore(t, srv, redisstore.Config{})
	tok := token(t, "the-token", 40*time.Minute)
	var looks []store.Looking
	for _, key := range []string{"ours-1", "theirs", "ours-2"} {
		if _, err := writer.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
			t.Fatal(err)
		}
		looks = append(looks, store.Looking{Key: key, Had: tok})
	}
	for name, c := range map[string]struct{ rights, forbidden []string }{
		"all commands":     {[]string{"+@all"}, []string{"GETRANGE", "STRLEN"}},
		"all but GETRANGE": {[]string{"+@all", "-getrange"}, []string{"STRLEN"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := asUser(t, srv, append(c.rights, "~ours-*", "~{ours-*")...)
			readsOursAlone(t, s, looks)
			for _, command := range c.forbidden {
				if strings.Contains(log.String(), "does not allow "+command) {
					t.Errorf("%s is taken for refused:\n%s", command, log)
				}
			}
		})
	}
}

// readsOursAlone fails unless exactly the key "theirs" cannot be read.
func readsOursAlone(t *testing.T, s *redisstore.Store, looks []store.Looking) {
	t.Helper()
	for range 2 {
		for i, r := range s.LookAll(t.Context(), looks) {
			if looks[i].Key == "theirs" {
				if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) {
					t.Errorf("%s: %v, %v", looks[i].Key, r.Token, r.Err)
				}
			} else if r.Err != nil || !r.Token.Equal(looks[i].Had) {
				t.Errorf("%s: %v, %v", looks[i].Key, r.Token, r.Err)
			}
		}
		if _, _, err := s.Look(t.Context(), "theirs", looks[0].Had, 0); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("Look: %v", err)
		}
	}
}
