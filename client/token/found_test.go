package token_test

import (
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
