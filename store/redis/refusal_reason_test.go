package redis_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A server that is full refuses a transaction because of its memory, not because of
// anybody's rights: the log says so, and what is not allowed later is told all the same.
func TestReasonOfARefusalIsTheTrueOne(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	log := new(bytes.Buffer)
	s := mustNew(t, redisstore.Config{Client: newClient(t, patient(srv.Addr())), Logger: slog.New(slog.NewTextHandler(log, nil))})
	tok := token(t, "the-token", 40*time.Minute)
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	srv.Do("CONFIG", "SET", "maxmemory", "1")
	for range 2 {
		if got, err := s.Get(t.Context(), tokenKey); err != nil || !got.Equal(tok) {
			t.Errorf("with a full server: %v, %v", got, err)
		}
	}
	if text := log.String(); strings.Count(text, "has no memory left for MULTI and EXEC") != 1 || strings.Contains(text, "does not allow") {
		t.Errorf("the reason is not told once:\n%s", text)
	}
}
