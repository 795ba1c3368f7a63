package signer_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/signer"
)

func TestNewRefusesZeroKey(t *testing.T) {
	s, err := signer.New(signer.Key{})
	if s != nil || !errors.Is(err, signer.ErrKey) {
		t.Errorf("got %v, %v; want nil and ErrKey", s, err)
	}
}

func TestAppendSignAppends(t *testing.T) {
	v := golden(t)[0]
	s := newSigner(t, v.Key)
	const before = `{"HMAC512Signature":"`

	t.Run("room", func(t *testing.T) {
		dst := append(make([]byte, 0, len(before)+signer.SignatureLen), before...)
		got := s.AppendSign(dst, v.message())
		if string(got) != before+v.Signature {
			t.Errorf("got %s", got)
		}
		if &got[0] != &dst[0] {
			t.Error("moved, though there was room")
		}
	})
	t.Run("no room", func(t *testing.T) {
		dst := append(make([]byte, 0, len(before)+signer.SignatureLen-1), before...)
		got := s.AppendSign(dst, v.message())
		if string(got) != before+v.Signature {
			t.Errorf("got %s", got)
		}
		if string(dst) != before {
			t.Errorf("dst became %s", dst)
		}
	})
}

func TestSignConcurrently(t *testing.T) {
	v := golden(t)[0]
	s := newSigner(t, v.Key)
	other := v.message()
	other.Nonce, other.App = "another", "a longer app id than the other one"
	otherWant := newSigner(t, v.Key).Sign(other)

	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got := s.Sign(v.message()); got != v.Signature {
					t.Errorf("got %s, want %s", got, v.Signature)
				}
				if got := s.AppendSign(nil, other); string(got) != otherWant {
					t.Errorf("got %s, want %s", got, otherWant)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkSign has the floor beside the result: a signature cannot cost less
// than the two SHA-512 blocks that this message needs, hashed in one go.
func BenchmarkSign(b *testing.B) {
	v := golden(b)[1]
	m := v.message()
	s := newSigner(b, v.Key)
	key, err := base64.StdEncoding.DecodeString(v.Key)
	if err != nil {
		b.Fatal(err)
	}
	twoBlocks := make([]byte, 200)

	b.Run("impl=floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sha512.Sum512(twoBlocks)
		}
	})
	b.Run("impl=advoware-append", func(b *testing.B) {
		dst := make([]byte, 0, signer.SignatureLen)
		b.ReportAllocs()
		for b.Loop() {
			s.AppendSign(dst, m)
		}
	})
	b.Run("impl=advoware", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Sign(m)
		}
	})
	b.Run("impl=obvious", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mac := hmac.New(sha512.New, key)
			fmt.Fprintf(mac, "%s:%s:%s:%s", m.Product, m.App, m.Nonce, m.Timestamp)
			base64.StdEncoding.EncodeToString(mac.Sum(nil))
		}
	})
}

// BenchmarkAppendSignNoAlloc fails when AppendSign allocates. It is no test
// because sync.Pool drops states at random under the race detector.
func BenchmarkAppendSignNoAlloc(b *testing.B) {
	v := golden(b)[0]
	m := v.message()
	s := newSigner(b, v.Key)
	dst := make([]byte, 0, signer.SignatureLen)
	alloctest.None(b, func() { s.AppendSign(dst, m) })
	b.ReportAllocs()
	for b.Loop() {
		s.AppendSign(dst, m)
	}
}
