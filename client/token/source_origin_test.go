package token_test

import (
	"testing"

	"github.com/advoware-go/advoware/client/token"
)

func TestOriginHasANameWhateverItIs(t *testing.T) {
	for o, want := range map[token.Origin]string{
		token.Near: "near", token.Far: "far", token.Fetched: "fetched", 3: "Origin(3)", 255: "Origin(255)",
	} {
		if got := o.String(); got != want {
			t.Errorf("Origin %d is %q, want %q", uint8(o), got, want)
		}
	}
}
