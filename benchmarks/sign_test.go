package benchmarks

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/advoware-go/advoware/signer"
)

// signKey is a key of 32 bytes in base64.
const signKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// signMessage is as long as a real one: a UUID as the app id and as the nonce.
var signMessage = signer.Message{
	Product:   "64",
	App:       "5a3d2b1c-7e60-4f5a-9b8c-0d1e2f3a4b5c",
	Nonce:     "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
	Timestamp: "2026-02-07T10:18:49.123Z",
}

// signers are the values of the key impl= that give a signature, appended to dst.
var signers = []struct {
	name string
	open func(testing.TB) func(dst []byte, m signer.Message) []byte
}{
	{"advoware", openSigner},
	{"obvious", openObvious},
}

func openSigner(tb testing.TB) func([]byte, signer.Message) []byte {
	key, err := signer.ParseKey(signKey)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := signer.New(key)
	if err != nil {
		tb.Fatal(err)
	}
	return s.AppendSign
}

// openObvious signs as one would at first: a new HMAC, a formatted message and an
// encoded string each time. The key is decoded once.
func openObvious(tb testing.TB) func([]byte, signer.Message) []byte {
	key, err := base64.StdEncoding.DecodeString(signKey)
	if err != nil {
		tb.Fatal(err)
	}
	return func(dst []byte, m signer.Message) []byte {
		mac := hmac.New(sha512.New, key)
		fmt.Fprintf(mac, "%s:%s:%s:%s", m.Product, m.App, m.Nonce, m.Timestamp)
		return append(dst, base64.StdEncoding.EncodeToString(mac.Sum(nil))...)
	}
}

// BenchmarkSign signs one message; with message=fresh its nonce and timestamp are
// made too, as the gateway makes them. impl=floor is as many SHA-512 compressions
// as no HMAC of that message can do without, and nothing else.
func BenchmarkSign(b *testing.B) {
	for _, s := range signers {
		b.Run("impl="+s.name, func(b *testing.B) {
			sign, dst := s.open(b), make([]byte, 0, signer.SignatureLen)
			defer measure(b)()
			for b.Loop() {
				sign(dst, signMessage)
			}
		})
	}
	b.Run("impl=floor", func(b *testing.B) {
		input := make([]byte, floorLen(signMessage))
		defer measure(b)()
		for b.Loop() {
			sha512.Sum512(input)
		}
	})
	for _, s := range signers {
		b.Run("impl="+s.name+"/message=fresh", func(b *testing.B) {
			sign, dst, m := s.open(b), make([]byte, 0, signer.SignatureLen), signMessage
			defer measure(b)()
			for b.Loop() {
				m.Nonce = uuid.NewString()
				m.Timestamp = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
				sign(dst, m)
			}
		})
	}
}

// floorLen is the length of an input that SHA-512 compresses as often as an HMAC
// whose key has been taken in already: the blocks of the message, and one for the
// outer hash.
func floorLen(m signer.Message) int {
	const padding = 17 // a one bit and the length, at least
	message := len(m.Product) + len(m.App) + len(m.Nonce) + len(m.Timestamp) + len(":::")
	blocks := (message+padding+sha512.BlockSize-1)/sha512.BlockSize + 1
	return blocks*sha512.BlockSize - padding
}

func BenchmarkSignNoAlloc(b *testing.B) {
	sign, dst := openSigner(b), make([]byte, 0, signer.SignatureLen)
	mustNotAlloc(b, func() { sign(dst, signMessage) })
	defer measure(b)()
	for b.Loop() {
		sign(dst, signMessage)
	}
}
