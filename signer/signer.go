// Package signer signs Advoware token requests.
//
// The gateway wants each token request signed with the API key: HMAC-SHA512 over
// "{Product}:{App}:{Nonce}:{Timestamp}", written in standard base64. [ParseKey]
// reads the key, [New] makes a [Signer] of it, [Signer.Sign] signs a [Message].
//
// It is pure: it reads no clock, draws no random numbers and knows no HTTP. The
// nonce and the timestamp are the caller's, so a signature can be made again and
// compared with one from another program. Package client/gateway makes both.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the
// parts work together.
package signer

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"sync"
)

// SignatureLen is the length of every signature in bytes: 64 bytes of
// HMAC-SHA512 in padded base64.
const SignatureLen = 88

// Message is what a token request is signed over. The gateway reads the same
// values in the request's body, so each must be there byte for byte as here.
//
// The parts are joined as they are, with a colon between them and none escaped:
// an empty part, one with a colon and one outside ASCII (as UTF-8) are fine.
type Message struct {
	Product   string // the product's number in decimal, "64"
	App       string // the app id
	Nonce     string // a UUID, another one for each attempt
	Timestamp string // UTC in ISO 8601 with Z, with or without a fraction
}

func (m Message) appendTo(dst []byte) []byte {
	dst = append(dst, m.Product...)
	dst = append(dst, ':')
	dst = append(dst, m.App...)
	dst = append(dst, ':')
	dst = append(dst, m.Nonce...)
	dst = append(dst, ':')
	return append(dst, m.Timestamp...)
}

// Signer signs messages with one key. It is made by [New], is safe for
// concurrent use and must not be copied. It prints nothing of its key.
type Signer struct{ states sync.Pool } // of *state

// state is what one signature needs. It is pooled because setting up an HMAC
// costs several times what running it does; once Reset, crypto/hmac keeps the
// hash state after the key and starts from there.
type state struct {
	mac     hash.Hash
	message []byte
	sum     [sha512.Size]byte
}

// New returns a Signer that signs with the key. The zero Key is refused with
// ErrKey.
func New(key Key) (*Signer, error) {
	if key.IsZero() {
		return nil, fmt.Errorf("%w: no key given", ErrKey)
	}
	s := new(Signer)
	s.states.New = func() any { return &state{mac: hmac.New(sha512.New, []byte(key.p.bytes()))} }
	return s, nil
}

// Sign returns the signature of m, SignatureLen bytes of base64.
func (s *Signer) Sign(m Message) string {
	var buf [SignatureLen]byte
	return string(s.AppendSign(buf[:0], m))
}

// AppendSign appends the signature of m to dst and returns the longer slice. It
// allocates nothing if dst has room for SignatureLen more bytes.
func (s *Signer) AppendSign(dst []byte, m Message) []byte {
	st := s.states.Get().(*state)
	st.message = m.appendTo(st.message[:0])
	dst = st.appendSign(dst, st.message)
	s.states.Put(st)
	return dst
}

// AppendSignText is AppendSign for a message that is joined already, as Message
// describes it. It keeps nothing of text.
func (s *Signer) AppendSignText(dst, text []byte) []byte {
	st := s.states.Get().(*state)
	dst = st.appendSign(dst, text)
	s.states.Put(st)
	return dst
}

func (st *state) appendSign(dst, text []byte) []byte {
	st.mac.Reset()
	st.mac.Write(text)
	return base64.StdEncoding.AppendEncode(dst, st.mac.Sum(st.sum[:0]))
}
