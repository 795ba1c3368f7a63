package advoware_test

import (
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/metric"
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
