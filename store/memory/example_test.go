package memory_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
)

// Everything that changes a token compares first.
func Example() {
	tokens, err := memory.New(memory.Config{Capacity: 1000})
	if err != nil {
		log.Fatal(err)
	}
	defer tokens.Close()

	ctx := context.Background()
	now := time.Now()
	first, err := store.NewToken("first", now, now.Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	second, err := store.NewToken("second", now, now.Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}

	stands, err := tokens.CompareAndSwap(ctx, "kanzlei 1", store.Token{}, first)
	fmt.Println(stands == first, err)
	stands, err = tokens.CompareAndSwap(ctx, "kanzlei 1", store.Token{}, second) // there is one
	fmt.Println(stands == first, err)
	stands, err = tokens.CompareAndSwap(ctx, "kanzlei 1", first, second) // a renewal
	fmt.Println(stands == second, err)

	err = tokens.CompareAndDelete(ctx, "kanzlei 1", first) // late: the token there stays
	fmt.Println(tokens.Stats().Tokens, err)
	_, err = tokens.Get(ctx, "kanzlei 2")
	fmt.Println(errors.Is(err, store.ErrNotFound))
	// Output:
	// true <nil>
	// true <nil>
	// true <nil>
	// 1 <nil>
	// true
}
