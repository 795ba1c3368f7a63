package advoware_test

import (
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/sealed"
)

func TestMetricsHaveTheStores(t *testing.T) {
	t.Parallel()
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	cfg.Store = advoware.StoreMemory
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Source().Token(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Metrics().Stores, (metric.Stores{Near: true, NearTokens: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A value in Redis that is no token counts as an error, also where a near store is in front, or where
// it could be read and was not sealed.
func TestMetricsCountUnusableTokens(t *testing.T) {
	_, key := sealKey(t, "a")
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		for value, keys := range map[string][]sealed.Key{"two words": nil, "not-sealed": {key}} {
			t.Run(string(kind)+"/"+value, func(t *testing.T) {
				t.Parallel()
				srv := redistest.Start(t)
				cfg := config(t, newFake(t, clienttest.Options{}), srv)
				cfg.Store, cfg.TokenKey, cfg.SealKeys = kind, "a_key", keys
				srv.Do("SET", cfg.TokenKey, value, "EX", "3000")
				c := open(t, cfg)
				mustCall(t, c)
				if got := c.Metrics().Stores; !got.Far || got.FarErrors == 0 || got.FarErrors > 9 {
					t.Errorf("%+v; want an error", got)
				}
			})
		}
	}
}
