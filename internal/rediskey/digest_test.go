package rediskey_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/rediskey"
)

// What other releases have written must be found again: openssl dgst -sha256 -hmac LABEL.
func TestDigests(t *testing.T) {
	for d, want := range map[*rediskey.Digest]string{
		rediskey.Token:       "597ebbaca695afe0ed3e6162cd32e3780303eabbe1811be02ced8540d43a811b",
		rediskey.Identity:    "7b4e50acf8765381966e71b28b01ab05ba22b860e7cdf25573d049d38f349a4f",
		rediskey.Credentials: "c2ba1385391697310bb860c99307f07079e4ba1711ae392f55ad0791cca085f5",
	} {
		if got := d.Of("x"); got != want || !d.Is(want, "x") || d.Is(want, "y") || d.Is("", "x") {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
