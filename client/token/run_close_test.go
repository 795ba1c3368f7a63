package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

// A caller whose Source is closed leaves a run that goes on for another Source, and reads
// nothing of it before its end: the race detector watches.
func TestCloseLeavesARunUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 10 * time.Second}
		for name, ask := range map[string]func(*token.Source) error{
			"Lookup":  func(s *token.Source) error { _, err := s.Lookup(t.Context(), 0); return err },
			"Refresh": func(s *token.Source) error { _, err := s.Refresh(t.Context()); return err },
		} {
			sources := team(t, g, 2, token.Config{})
			go func() { _, _ = sources[0].Token(context.Background(), 0) }()
			synctest.Wait()
			time.AfterFunc(time.Second, sources[1].Close)
			left := make(chan struct{})
			go func() {
				defer close(left)
				if err := ask(sources[1]); !errors.Is(err, token.ErrClosed) {
					t.Errorf("%s: %v", name, err)
				}
				time.Sleep(time.Hour) // nothing orders what it did before the end of the run
			}()
			<-left
		}
	})
}
