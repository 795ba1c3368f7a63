package token_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

// A Found that no Source returned has no budget and no longer token.
func TestFoundWithoutASource(t *testing.T) {
	f := token.Found{Token: newToken(t, "by-hand", time.Minute)}
	f.Accepted()
	f.Contradicted()
	if longer := f.Longer(t.Context(), time.Hour); longer != f || f.Doubted(t.Context()) || f.RejectUntested(t.Context()) != nil {
		t.Error("it asks or tells somebody")
	}
}
