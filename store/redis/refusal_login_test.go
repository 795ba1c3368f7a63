package redis_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A wrong password, of which Redis says that the user may be disabled, is no command that is not allowed:
// nothing is done without afterwards, and it is tried once for many keys.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	const keys = 100
	srv := redistest.Start(t)
	asUser(t, srv, allKeys, "+@all")
	o := patient(srv.Addr())
	o.Username, o.Password = "somebody", "another"
	var log bytes.Buffer
	s := mustNew(t, redisstore.Config{Client: newClient(t, o), ClientHonoursDeadlines: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	tok, next := token(t, "the-token", longest), token(t, "the-next", longest)
	var looks []store.Looking
	var back []store.Restoring
	for i := range keys {
		key := fmt.Sprintf("many-%d", i)
		looks, back = append(looks, store.Looking{Key: key, Had: tok}), append(back, store.Restoring{Key: key, Token: tok})
	}
	connections := func() (n int) {
		for line := range strings.Lines(fmt.Sprint(srv.Do("INFO", "stats"))) {
			_, _ = fmt.Sscanf(line, "total_connections_received:%d", &n)
		}
		return n
	}
	before := connections()
	want := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "WRONGPASS") || errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, r := range s.LookAll(t.Context(), looks) {
		want("LookAll", r.Err)
	}
	for _, r := range s.RestoreAll(t.Context(), back) {
		want("RestoreAll", r.Err)
	}
	_, err = s.Get(t.Context(), tokenKey)
	want("Get", err)
	_, _, err = s.Look(t.Context(), tokenKey, tok, 0)
	want("Look", err)
	_, err = s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok)
	want("CompareAndSwap", err)
	_, err = s.Restore(t.Context(), tokenKey, store.Token{}, tok)
	want("Restore", err)
	want("CompareAndDelete", s.CompareAndDelete(t.Context(), tokenKey, tok))
	_, err = l.Acquire(t.Context(), tokenKey, lease.Ask{})
	want("Acquire", err)
	if n := connections() - before; n > keys/2 {
		t.Errorf("%d logins", n)
	}
	srv.Do("ACL", "SETUSER", "somebody", ">another")
	srv.Do("CONFIG", "RESETSTAT")
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || !got.Equal(tok) {
		t.Errorf("CompareAndSwap: %v, %v", got, err)
	}
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, tok, next); err != nil || !got.Equal(next) {
		t.Errorf("CompareAndSwap: %v, %v", got, err)
	}
	if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.Equal(next) {
		t.Errorf("Get: %v, %v", got, err)
	}
	if used := fmt.Sprint(srv.Do("INFO", "commandstats")); !strings.Contains(used, "cmdstat_multi:") || strings.Contains(used, "cmdstat_watch:") {
		t.Errorf("afterwards: %s", used)
	}
	if strings.Contains(log.String(), "WRONGPASS") {
		t.Errorf("logged: %s", log.String())
	}
}
