package signer_test

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/signer"
)

func TestKeyPrintsNothing(t *testing.T) {
	const raw = "swordfish and 23 more bytes"
	text := base64.StdEncoding.EncodeToString([]byte(raw))
	key, err := signer.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	leaktest.Check(t, "Key", key, raw, text)
	leaktest.Check(t, "embedded", embedded{key}, raw, text)
	leaktest.Check(t, "embedded, unexported", embeddedUnexported{key}, raw, text)
	printed := leaktest.Prints(key)
	for _, how := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "slog text", "slog json", "json", "xml"} {
		if got := printed[how]; !strings.Contains(got, "[redacted]") {
			t.Errorf("%s prints %s", how, got)
		}
	}
}

func TestSignerPrintsNothing(t *testing.T) {
	const raw = "swordfish and 23 more bytes"
	text := base64.StdEncoding.EncodeToString([]byte(raw))
	s := newSigner(t, text)
	s.Sign(signer.Message{}) // so that there is a state in the pool
	leaktest.Check(t, "Signer", s, raw, text)
	leaktest.Check(t, "what it points to", reflect.ValueOf(s).Elem().Interface(), raw, text)
}

// Embedding passes the methods of Key on to the struct around it.
type (
	hidden             = signer.Key
	embedded           struct{ signer.Key }
	embeddedUnexported struct{ hidden }
)
