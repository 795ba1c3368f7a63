package doctor_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/sealed"
)

// A client takes over what it leaves out from the stores that it shares, and so does the doctor:
// the keys that open tokens, their lifetime, the Redis, and that there is none.
func TestRunTakesOverFromSharedStores(t *testing.T) {
	key, err := sealed.ParseKey(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, sealed.KeyBytes)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		open  func(c *advoware.Config)
		wants []want
	}{
		"sealed": {func(c *advoware.Config) {
			c.Store, c.SealKeys = advoware.StoreTiered, []sealed.Key{key}
		}, []want{
			{"token", "near", doctor.OK, nil, nil}, {"token", "far", doctor.OK, []string{"used for"}, nil},
			{"token", "fingerprint", doctor.OK, []string{"near and far"}, nil},
			{"fleet", "pending writes", doctor.OK, []string{"none"}, nil}, {"Redis", "reach", doctor.OK, nil, nil},
		}},
		"a long lifetime": {func(c *advoware.Config) {
			c.Store, c.TokenLifetime = advoware.StoreTiered, 8*time.Hour
		}, []want{
			{"token", "far", doctor.OK, nil, nil}, {"token", "TTL", doctor.OK, nil, nil}, {"fleet", "helper keys", doctor.OK, nil, nil},
		}},
		"memory": {func(c *advoware.Config) { c.Store = advoware.StoreMemory }, []want{
			{"token", "near", doctor.OK, []string{"used for"}, nil}, {"Redis", "reach", doctor.Skipped, []string{"no Redis is used"}, nil},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, _ := advowaretest.Config(t, clienttest.Options{Lifetime: 8 * time.Hour})
			cfg.TokenKey = "of_an_office"
			whole := cfg
			srv := redistest.Start(t)
			whole.Redis.URL = secret.New("redis://" + srv.Addr() + "/1")
			c.open(&whole)
			stores, err := advoware.OpenStores(whole)
			if err != nil {
				t.Fatal(err)
			}
			defer stores.Close()
			cfg.Store, cfg.Shared = "", stores
			one, err := advoware.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer one.Close()
			if _, err := client.Get[json.RawMessage](t.Context(), one, "/employees", nil); err != nil {
				t.Fatal(err)
			}
			if whole.Store == advoware.StoreTiered { // a busy process may write it later
				for end := time.Now().Add(time.Minute); srv.Do("EXISTS", cfg.TokenKey) != int64(1); <-time.After(10 * time.Millisecond) {
					if time.Now().After(end) {
						t.Fatal("the token is not written to Redis")
					}
				}
			}
			r := doctor.Run(t.Context(), cfg)
			for _, w := range c.wants {
				w.in(t, r)
			}
			if !r.OK {
				t.Error(r)
			}
		})
	}
}
