package token_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// A run that has ended is not kept: neither what its leader's context has in it, nor that of those
// who waited.
func TestRunIsForgotten(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context, s *token.Source) error{
		"a call": func(ctx context.Context, s *token.Source) error { _, err := s.Token(ctx, 0); return err },
		"a call that joins": func(ctx context.Context, s *token.Source) error {
			first := make(chan error, 1)
			go func() { _, err := s.Token(ctx, 0); first <- err }()
			_, err := s.Token(ctx, 0)
			return errors.Join(err, <-first)
		},
		"a refresh": func(ctx context.Context, s *token.Source) error { _, err := s.Refresh(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := token.New(token.Config{Store: new(store.Map), Key: "key", Fetch: func(context.Context) (store.Token, error) {
				time.Sleep(20 * time.Millisecond) // so that others join; a bubble would keep the timers of the run
				return store.NewToken("token", time.Now(), time.Now().Add(time.Hour))
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			type mark struct{ _ [1 << 10]byte }
			var freed atomic.Bool
			func() {
				value := new(mark)
				runtime.AddCleanup(value, func(int) { freed.Store(true) }, 0)
				if err := run(context.WithValue(t.Context(), mark{}, value), s); err != nil {
					t.Fatal(err)
				}
			}()
			for end := time.Now().Add(time.Minute); !freed.Load(); <-time.After(time.Millisecond) {
				if runtime.GC(); time.Now().After(end) {
					t.Fatal("what a call had in its context is kept")
				}
			}
			runtime.KeepAlive(s)
		})
	}
}
