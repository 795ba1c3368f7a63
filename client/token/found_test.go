package token_test

import (
	"context"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
)

// A Found that no Source returned has no budget and no longer token.
func TestFoundWithoutASource(t *testing.T) {
	f := token.Found{Token: newToken(t, "by-hand", time.Minute)}
	foundhook.Accepted(f)
	foundhook.Contradicted(f)
	if longer := foundhook.Longer(t.Context(), f, time.Hour); longer != f || foundhook.Doubted(t.Context(), f) || foundhook.RejectUntested(t.Context(), f) != nil {
		t.Error("it asks or tells somebody")
	}
}

// Whichever way a Source returns a token, what the API says of it is for that Source.
func TestFoundRemembersItsSource(t *testing.T) {
	for name, find := range map[string]func(*token.Source, context.Context) (token.Found, error){
		"Lookup":  func(s *token.Source, ctx context.Context) (token.Found, error) { return s.Lookup(ctx, 0) },
		"Refresh": (*token.Source).Refresh,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, new(gateway), token.Config{})
			f, err := find(s, t.Context())
			if err != nil {
				t.Fatal(err)
			}
			foundhook.Contradicted(f)
			if !foundhook.Doubted(t.Context(), f) {
				t.Error("the Source was not told")
			}
		})
	}
}
