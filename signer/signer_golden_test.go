package signer_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/advoware-go/advoware/signer"
)

// vector is one signature in testdata/golden.json, which programs in other
// languages made: testdata/golden.py tells how.
type vector struct {
	Name      string
	Key       string
	Product   string
	App       string
	Nonce     string
	Timestamp string
	Signature string
}

func (v vector) message() signer.Message {
	return signer.Message{Product: v.Product, App: v.App, Nonce: v.Nonce, Timestamp: v.Timestamp}
}

func golden(tb testing.TB) []vector {
	tb.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		tb.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(data, &file); err != nil {
		tb.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		tb.Fatal("testdata/golden.json has no vectors")
	}
	return file.Vectors
}

func newSigner(tb testing.TB, key string) *signer.Signer {
	tb.Helper()
	k, err := signer.ParseKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := signer.New(k)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestGolden(t *testing.T) {
	for _, v := range golden(t) {
		t.Run(v.Name, func(t *testing.T) {
			s := newSigner(t, v.Key)
			// Twice, because the second signature starts from a used state.
			for range 2 {
				if got := s.Sign(v.message()); got != v.Signature {
					t.Errorf("Sign: got %s, want %s", got, v.Signature)
				}
				if got := s.AppendSign(nil, v.message()); string(got) != v.Signature {
					t.Errorf("AppendSign: got %s, want %s", got, v.Signature)
				}
				text := []byte(v.Product + ":" + v.App + ":" + v.Nonce + ":" + v.Timestamp)
				if got := s.AppendSignText(nil, text); string(got) != v.Signature {
					t.Errorf("AppendSignText: got %s, want %s", got, v.Signature)
				}
			}
			if len(v.Signature) != signer.SignatureLen {
				t.Errorf("SignatureLen is %d, the signature has %d", signer.SignatureLen, len(v.Signature))
			}
		})
	}
}
