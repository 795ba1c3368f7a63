package benchmarks

import (
	"context"
	"crypto/sha512"
	"net/http"
	"testing"
)

// What is compared must do the same work.

func TestSubjectsHitAfterOneRequest(t *testing.T) {
	for _, s := range subjects() {
		t.Run(s.name, func(t *testing.T) {
			gw := new(gateway)
			get := s.open(t, gw)
			for i := range 3 {
				if text, err := get(context.Background()); err != nil || text != tokenText {
					t.Fatalf("call %d: got %q, %v; want the gateway's token", i+1, text, err)
				}
			}
			if n := gw.requests.Load(); n != 1 {
				t.Errorf("%d token requests for 3 calls; want 1", n)
			}
		})
	}
}

// recorder is a stub that keeps what it was sent.
type recorder struct{ sent http.Header }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.sent = req.Header
	return stub{}.RoundTrip(req)
}

func TestTransportsSendTheToken(t *testing.T) {
	for _, tr := range transports {
		t.Run(tr.name, func(t *testing.T) {
			base, req := new(recorder), request(t)
			roundTrip(t, tr.open(t, base, new(gateway)), req)
			want := "Bearer " + tokenText
			if tr.name == "bare" {
				want = ""
			}
			if got := base.sent.Get("Authorization"); got != want {
				t.Errorf("sent Authorization %q; want %q", got, want)
			}
			for name := range req.Header {
				if got, want := base.sent.Get(name), req.Header.Get(name); got != want {
					t.Errorf("sent %s %q; want %q", name, got, want)
				}
			}
			if len(req.Header) != 3 {
				t.Errorf("the caller's request has %d headers now; want the 3 it had", len(req.Header))
			}
		})
	}
}

func TestSignersAgree(t *testing.T) {
	// openssl dgst -sha512 -mac HMAC -macopt key:0123456789abcdef0123456789abcdef -binary | base64
	const want = "2pmiVs3mKP4Rj6hEbP4rPcyGzuHEO8yabHkW7C7NlJbbAO2PKpsZB5ZTVOogAvJNqYnXIreFlWN4Mu9efYolYA=="
	for _, s := range signers {
		if got := string(s.open(t)(nil, signMessage)); got != want {
			t.Errorf("%s: got %s; want %s", s.name, got, want)
		}
	}
}

func TestFloorIsTwoBlocks(t *testing.T) {
	// The message fits into one block with its padding, and the outer hash is one.
	if got, want := floorLen(signMessage)+17, 2*sha512.BlockSize; got != want {
		t.Errorf("the floor compresses %d bytes; want %d", got, want)
	}
}
