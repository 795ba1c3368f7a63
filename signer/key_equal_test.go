package signer_test

import (
	"encoding/base64"
	"testing"

	"github.com/advoware-go/advoware/signer"
)

// Equal is about the bytes of a key, and no key is like no other but itself.
func TestKeyEqual(t *testing.T) {
	keys := map[string]signer.Key{"none": {}}
	for _, text := range []string{"one", "two", "longer than both"} {
		keys[text] = parsed(t, text)
	}
	for a, key := range keys {
		for b, other := range keys {
			if got := key.Equal(other); got != (a == b) {
				t.Errorf("%s and %s: equal is %t", a, b, got)
			}
		}
	}
	if !parsed(t, "one").Equal(parsed(t, "one")) {
		t.Error("the same bytes parsed twice are two keys")
	}
}

func parsed(t *testing.T, bytes string) signer.Key {
	t.Helper()
	k, err := signer.ParseKey(base64.StdEncoding.EncodeToString([]byte(bytes)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}
