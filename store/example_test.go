package store_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A token does not print. Whoever needs its text says so.
func Example() {
	now := time.Now()
	tok, err := store.NewToken("swordfish", now, now.Add(55*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	var tokens store.Map // the simplest store; a program uses store/tiered or store/memory
	stands, err := tokens.CompareAndSwap(context.Background(), "advoware_access_token", store.Token{}, tok)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %+v\n", stands, struct{ Token store.Token }{stands})
	fmt.Println(stands.Header()[0] == "Bearer "+tok.Reveal(), stands.ValidAt(now.Add(time.Hour)))
	// Output:
	// [token 777d8384] {Token:[token 777d8384]}
	// true false
}

// counted is a store that counts the misses of another one.
type counted struct {
	store.Store
	misses int
}

func (c *counted) Get(ctx context.Context, key string) (store.Token, error) {
	tok, err := c.Store.Get(ctx, key)
	if err != nil {
		c.misses++
	}
	return tok, err
}

// A Store is three methods, so that one is easily put around another.
func ExampleStore() {
	tokens := counted{Store: new(store.Map)}
	_, err := tokens.Get(context.Background(), "advoware_access_token")
	fmt.Println(tokens.misses, err)
	// Output: 1 store: no usable token
}
