package gateway

import (
	"encoding/hex"
	"time"
)

// AppendNonce appends a nonce made of 16 random bytes, which should come from
// crypto/rand: a UUID of version 4 (RFC 9562), 36 bytes, as the gateway wants it. It
// allocates nothing if dst has room for them.
func AppendNonce(dst []byte, random [16]byte) []byte {
	random[6] = random[6]&0x0f | 0x40 // version 4
	random[8] = random[8]&0x3f | 0x80 // variant 10
	from := 0
	for i, to := range [...]int{4, 6, 8, 10, 16} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, random[from:to])
		from = to
	}
	return dst
}

// AppendTimestamp appends t as the gateway reads it: UTC in ISO 8601 with
// milliseconds and Z, 24 bytes. (It takes 0 to 7 digits after the second; three are
// what its JavaScript clients send.) It allocates nothing if dst has room for them.
func AppendTimestamp(dst []byte, t time.Time) []byte {
	t = t.UTC()
	dst = t.AppendFormat(dst, time.RFC3339) // by itself, it is several times faster than with milliseconds
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(dst[:len(dst)-len("Z")], '.', digit(ms/100), digit(ms/10), digit(ms), 'Z')
}

func digit(n int) byte { return '0' + byte(n%10) }
