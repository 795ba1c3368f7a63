package advoware_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/internal/storehook"
	"github.com/advoware-go/advoware/store"
)

// The near store that the door opens keeps NearCapacity tokens. Fails if the field does not
// reach it.
func TestNearCapacity(t *testing.T) {
	t.Parallel()
	for _, kind := range []advoware.StoreKind{advoware.StoreMemory, advoware.StoreTiered} {
		stores, err := advoware.OpenStores(advoware.Config{Store: kind, NearCapacity: 3, OneShot: true})
		if err != nil {
			t.Fatal(err)
		}
		defer stores.Close()
		near := storehook.Of(stores).Near
		kept := 0
		for i := range 10 {
			tok, err := store.NewToken("token", time.Now(), time.Now().Add(time.Hour))
			if err == nil {
				_, err = near.CompareAndSwap(t.Context(), fmt.Sprint(i), store.Token{}, tok)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range 10 {
			if _, err := near.Get(t.Context(), fmt.Sprint(i)); err == nil {
				kept++
			}
		}
		if kept != 3 {
			t.Errorf("%s: %d tokens are kept, want 3", kind, kept)
		}
	}
}

func TestNearCapacityIsChecked(t *testing.T) {
	t.Parallel()
	shared, err := advoware.OpenStores(advoware.Config{Store: advoware.StoreMemory, NearCapacity: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Close()
	for name, c := range map[string]struct {
		cfg  advoware.Config
		want string // "" for no mention of it
	}{
		"negative":                       {advoware.Config{Store: advoware.StoreMemory, NearCapacity: -1}, "NearCapacity is -1, must be 0 (for 100000) to 10000000"},
		"the most":                       {advoware.Config{NearCapacity: 10_000_000}, ""},
		"too many":                       {advoware.Config{NearCapacity: 10_000_001}, "NearCapacity is 10000001"},
		"redis":                          {advoware.Config{Store: advoware.StoreRedis, NearCapacity: 10}, "NearCapacity has no effect with Store redis"},
		"lazy":                           {advoware.Config{Lazy: true, NearCapacity: 10}, "NearCapacity has no effect with Lazy"},
		"other stores":                   {advoware.Config{Shared: shared, NearCapacity: 11}, "NearCapacity has no effect with Shared"},
		"same stores":                    {advoware.Config{Shared: shared, NearCapacity: 10}, ""},
		"default":                        {advoware.Config{Shared: shared}, ""},
		"as the environment fills it in": {advoware.Config{Store: advoware.StoreRedis, NearCapacity: 100_000}, ""},
	} {
		_, err := advoware.New(c.cfg) // which has no credentials either
		if err == nil || c.want == "" && strings.Contains(err.Error(), "NearCapacity") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
}
