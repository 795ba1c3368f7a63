package benchmarks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	securitygateway "github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/internal/alloctest"
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

// freshSigners sign a message whose nonce and timestamp they make, as each token
// request needs it.
var freshSigners = []struct {
	name string
	open func(testing.TB) func(dst []byte) []byte
}{
	{"advoware", openFreshSigner},
	{"obvious", openFreshObvious},
	{"floor", openFreshFloor},
}

// openFreshSigner does what the gateway client does.
func openFreshSigner(tb testing.TB) func([]byte) []byte {
	s := must(signer.New(must(signer.ParseKey(signKey))))
	text := []byte(signMessage.Product + ":" + signMessage.App + ":")
	static := len(text)
	return func(dst []byte) []byte {
		var random [16]byte
		rand.Read(random[:])
		text = append(securitygateway.AppendNonce(text[:static], random), ':')
		text = securitygateway.AppendTimestamp(text, time.Now())
		return s.AppendSignText(dst, text)
	}
}

func openFreshObvious(tb testing.TB) func([]byte) []byte {
	sign, m := openObvious(tb), signMessage
	return func(dst []byte) []byte {
		m.Nonce = uuid.NewString()
		m.Timestamp = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		return sign(dst, m)
	}
}

// openFreshFloor compresses, draws 16 random bytes and reads the clock, and writes
// nothing down.
func openFreshFloor(testing.TB) func([]byte) []byte {
	input := make([]byte, floorLen(signMessage))
	return func(dst []byte) []byte {
		rand.Read(input[:16])
		input[16] = byte(time.Now().Nanosecond())
		sum := sha512.Sum512(input)
		return append(dst, sum[0])
	}
}

// BenchmarkSign signs one message; with message=fresh its nonce and timestamp are
// made too. impl=floor is as many SHA-512 compressions as no HMAC of that message can
// do without, and nothing else; with message=fresh the random bytes and the clock too.
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
	for _, s := range freshSigners {
		b.Run("impl="+s.name+"/message=fresh", func(b *testing.B) {
			sign, dst := s.open(b), make([]byte, 0, signer.SignatureLen)
			defer measure(b)()
			for b.Loop() {
				sign(dst)
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

// BenchmarkSignNoAlloc fails with message=fresh too, and measures the one without.
func BenchmarkSignNoAlloc(b *testing.B) {
	sign, fresh, dst := openSigner(b), openFreshSigner(b), make([]byte, 0, signer.SignatureLen)
	alloctest.None(b, func() { fresh(dst) })
	alloctest.None(b, func() { sign(dst, signMessage) })
	defer measure(b)()
	for b.Loop() {
		sign(dst, signMessage)
	}
}
