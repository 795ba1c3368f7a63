package lease_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// Two processes need a token: one has the lease and fetches, the other one waits and
// finds it.
func Example() {
	tokens := new(store.Map)
	fetching := &leasemap.Map{Store: tokens} // between processes, a Lease of store/redis
	ctx := context.Background()

	first, err := fetching.Acquire(ctx, "my_access_token", lease.Ask{})
	if err != nil {
		log.Fatal(err)
	}
	second, err := fetching.Acquire(ctx, "my_access_token", lease.Ask{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the first one fetches:", first.Release != nil, "- the second one waits:", second.Holder != "")

	now := time.Now()
	tok, err := store.NewToken("a-token", now, now.Add(54*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := tokens.CompareAndSwap(ctx, "my_access_token", store.Token{}, tok); err != nil {
		log.Fatal(err)
	}
	first.Release(nil)

	if err := second.Wait(ctx); err != nil {
		log.Fatal(err)
	}
	second, err = fetching.Acquire(ctx, "my_access_token", lease.Ask{Holder: second.Holder})
	fmt.Println(second.Token.Equal(tok), err)
	// Output:
	// the first one fetches: true - the second one waits: true
	// true <nil>
}
