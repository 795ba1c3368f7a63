package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/advoware-go/advoware/store"
)

// The form of a sealed token must not change without another prefix, because other releases
// read it. It is visible ASCII, like every token:
//
//	prefix + base64url(id of the ring key | nonce | ciphertext | tag)
//
// The nonce is not random but derived from the plaintext: the first 96 bits of an HMAC over
// binding and token, under a subkey of its own. So the same token for the same key name and
// identity has exactly one form under a ring key. To compare forms is to compare tokens, and
// the inner store's compare-and-swap stays exact without any state here. A reader of the
// inner store learns only whether two values are the same token. Two different tokens share
// a nonce only if their HMACs collide in 96 bits, which is no likelier than for random
// nonces, and does not depend on a good source of random numbers.
const (
	prefix  = "advoware-sealed-v1."
	idBytes = 8

	nonceBytes = 12
	tagBytes   = 16

	// Each subkey has a label.
	idLabel    = "advoware sealed v1 key id"
	nonceLabel = "advoware sealed v1 nonce"
	sealLabel  = "advoware sealed v1 seal"
)

// MaxTokenBytes is the longest token that can be sealed: 12,237 bytes. Its sealed form is a
// third longer, and must not exceed store.MaxTokenBytes.
const MaxTokenBytes = (store.MaxTokenBytes-len(prefix))*3/4 - idBytes - nonceBytes - tagBytes

// encoding is strict, so that a sealed token has one text only.
var encoding = base64.RawURLEncoding.Strict()

// sealer seals and opens under one key of the ring. Its secrets are in functions, which fmt
// cannot look into.
type sealer struct {
	id   string
	seal func(binding []byte, text string) []byte
	open func(binding, box []byte) (text string, ok bool)
}

func newSealer(k Key) (sealer, error) {
	id, err1 := hkdf.Key(sha256.New, []byte(k.p.bytes()), nil, idLabel, idBytes)
	nonceKey, err2 := hkdf.Key(sha256.New, []byte(k.p.bytes()), nil, nonceLabel, sha256.Size)
	sealKey, err3 := hkdf.Key(sha256.New, []byte(k.p.bytes()), nil, sealLabel, KeyBytes)
	if err := errors.Join(err1, err2, err3); err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return sealer{}, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return sealer{}, err
	}
	nonceOf := func(binding, text []byte) []byte {
		mac := hmac.New(sha256.New, nonceKey)
		mac.Write(binding)
		mac.Write(text)
		return mac.Sum(nil)[:nonceBytes]
	}
	return sealer{
		id: string(id),
		seal: func(binding []byte, text string) []byte {
			nonce := nonceOf(binding, []byte(text))
			return gcm.Seal(nonce, nonce, []byte(text), binding)
		},
		open: func(binding, box []byte) (string, bool) {
			if len(box) < nonceBytes {
				return "", false
			}
			nonce := box[:nonceBytes]
			text, err := gcm.Open(nil, nonce, box[nonceBytes:], binding)
			// Another nonce would be another form of the same token.
			ok := err == nil && hmac.Equal(nonce, nonceOf(binding, text))
			return string(text), ok
		},
	}, nil
}

// sealed returns tok in its form under this key, with its times. The zero Token
// stays zero; one over MaxTokenBytes is an error that matches store.ErrUnusable.
func (k sealer) sealed(binding []byte, tok store.Token) (store.Token, error) {
	if tok.IsZero() {
		return store.Token{}, nil
	}
	text := tok.Reveal()
	if len(text) > MaxTokenBytes {
		return store.Token{}, fmt.Errorf("%w: %d bytes, over the %d that can be sealed", store.ErrUnusable, len(text), MaxTokenBytes)
	}
	box := append([]byte(k.id), k.seal(binding, text)...)
	return store.NewToken(prefix+encoding.EncodeToString(box), tok.IssuedAt(), tok.Expiry())
}

// open returns the token in a sealed one, with the times of that. The error is a reason.
func open(ring []sealer, binding []byte, sealed store.Token) (store.Token, error) {
	text, ok := strings.CutPrefix(sealed.Reveal(), prefix)
	if !ok {
		return store.Token{}, notSealed
	}
	box, err := encoding.DecodeString(text)
	if err != nil || len(box) < idBytes {
		return store.Token{}, broken
	}
	reason := unknownKey
	for _, k := range ring {
		if k.id != string(box[:idBytes]) {
			continue
		}
		if text, ok := k.open(binding, box[idBytes:]); ok {
			if tok, err := store.NewToken(text, sealed.IssuedAt(), sealed.Expiry()); err == nil {
				return tok, nil
			}
		}
		reason = broken
	}
	return store.Token{}, reason
}

// binding returns the key name and the identity as the additional data of the cipher. The
// lengths make it unambiguous.
func (s *Store) binding(key string) []byte {
	identity := ""
	if s.identity != nil {
		identity = s.identity(key)
	}
	b := []byte(prefix)
	for _, part := range []string{key, identity} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}
