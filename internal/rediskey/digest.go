package rediskey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"
)

// The digests of a token, an identity and credentials.
var (
	Token       = newDigest("advoware redis token v1")
	Identity    = newDigest("advoware redis identity v1")
	Credentials = newDigest("advoware redis credentials v1")
)

// Digest is HMAC-SHA256 under a label for one purpose, in hex.
type Digest struct{ states sync.Pool } // of *digestState, as every read of a token needs one

// digestState is a MAC with its buffers.
type digestState struct {
	mac  hash.Hash
	text []byte
	sum  [sha256.Size]byte
	hex  [2 * sha256.Size]byte
}

func newDigest(label string) *Digest {
	return &Digest{sync.Pool{New: func() any { return &digestState{mac: hmac.New(sha256.New, []byte(label))} }}}
}

// Of returns the digest of text.
func (d *Digest) Of(text string) string {
	st := d.states.Get().(*digestState)
	defer d.states.Put(st)
	return string(st.digest(text))
}

// Is reports whether digest is that of text.
func (d *Digest) Is(digest, text string) bool {
	st := d.states.Get().(*digestState)
	defer d.states.Put(st)
	return digest == string(st.digest(text))
}

func (st *digestState) digest(text string) []byte {
	st.text = append(st.text[:0], text...)
	st.mac.Reset()
	st.mac.Write(st.text)
	clear(st.text) // it may be a token
	hex.Encode(st.hex[:], st.mac.Sum(st.sum[:0]))
	return st.hex[:]
}
