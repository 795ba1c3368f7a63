package tiered_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/tiered"
)

// A near store answers without waiting, a far one is shared with other processes.
func Example() {
	near, err := memory.New(memory.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer near.Close()
	shared := new(store.Map) // in a program, a store/redis
	both, err := tiered.New(tiered.Config{Near: near, Far: shared})
	if err != nil {
		log.Fatal(err)
	}
	defer both.Close()

	ctx, now := context.Background(), time.Now()
	tok, err := store.NewToken("a-token", now, now.Add(54*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := shared.CompareAndSwap(ctx, "key", store.Token{}, tok); err != nil { // another process
		log.Fatal(err)
	}
	got, err := both.Get(ctx, "key")
	if err != nil {
		log.Fatal(err)
	}
	_, err = near.Get(ctx, "key") // from now on nobody waits for the far store
	fmt.Println(got.Equal(tok), err)
	// Output: true <nil>
}
