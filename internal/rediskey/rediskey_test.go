package rediskey_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/rediskey"
)

// Programs in other languages and other releases use these names.
func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		rediskey.Timestamp("advoware_access_token"): "advoware_token_timestamp",
		rediskey.Timestamp("other"):                 "other_timestamp",
		rediskey.Metadata("k"):                      "{k}:meta",
		rediskey.Lock("k"):                          "{k}:lock",
		rediskey.Failed("k"):                        "{k}:failed",
		rediskey.Refused("k"):                       "{k}:refused",
		rediskey.Tombstone("k", "token"):            "{k}:gone:" + rediskey.Token.Of("token"),
		rediskey.TombstoneOf("k", "digest"):         "{k}:gone:digest",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
