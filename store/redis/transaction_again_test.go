package redis_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// The commands of a Get are used again by the next one: what one answer said must not
// be heard in another, whatever it was, and whoever asks at the same time.
func TestAnAnswerLeavesNothingForTheNext(t *testing.T) {
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			key := fmt.Sprint("key-", i)
			ended, end := context.WithCancel(t.Context())
			end()
			for round := range 50 {
				text := fmt.Sprint("token-", i, "-", round)
				srv.Do("DEL", key, key+"_timestamp", "{"+key+"}:meta")
				if tok, err := s.Get(t.Context(), key); !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnusable) {
					t.Errorf("absent: %q, %v", tok.Reveal(), err)
				}
				mine := token(t, text, longest)
				if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, mine); err != nil {
					t.Error(err)
				}
				if tok, err := s.Get(t.Context(), key); err != nil || tok.Reveal() != text || tok.IssuedAt().IsZero() {
					t.Errorf("ours: %q, issued %v, %v; want %q", tok.Reveal(), tok.IssuedAt(), err, text)
				}
				if tok, err := s.Get(ended, key); !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled: %q, %v", tok.Reveal(), err)
				}
				srv.Do("DEL", key+"_timestamp", "{"+key+"}:meta")
				srv.Do("SET", key, "theirs", "EX", "1000")
				if tok, err := s.Get(t.Context(), key); err != nil || tok.Reveal() != "theirs" || !tok.IssuedAt().IsZero() {
					t.Errorf("theirs: %q, issued %v, %v", tok.Reveal(), tok.IssuedAt(), err)
				}
				srv.Do("DEL", key)
				srv.Do("LPUSH", key, "x")
				if tok, err := s.Get(t.Context(), key); !errors.Is(err, store.ErrUnusable) {
					t.Errorf("a list: %q, %v", tok.Reveal(), err)
				}
			}
		})
	}
	all.Wait()
}
