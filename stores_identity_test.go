package advoware_test

import (
	"errors"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/store"
)

func TestTokenOfAClosedClientIsNotAnothersToUse(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Store = advoware.Memory
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	base.Stores = stores
	first := open(t, base)
	mustCall(t, first)
	theirs, _ := first.Source().Token(t.Context(), 0)
	_ = first.Close()

	second := kanzlei(t, fake, base, 1)
	second.TokenKey = base.TokenKey
	c, err := advoware.New(second)
	if errors.Is(err, store.ErrIdentity) {
		return // as good
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if tok, err := c.Source().Token(t.Context(), 0); err != nil || tok.Equal(theirs) {
		t.Errorf("another Kanzlei's client got %v, the first one's token; %v", tok, err)
	}
}
