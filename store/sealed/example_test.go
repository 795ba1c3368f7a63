package sealed_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
)

// What the inner store keeps is encrypted. In front of it, plain tokens are kept in this
// process: tiered.Config{Near: …, Far: tokens}.
func Example() {
	// From where secrets are kept; `openssl rand -base64 32` prints a new one.
	keys, err := sealed.ParseKeys("MnnVcoNUf0vR9Vx4m0v7gV1b6i3rF0jJ2o0gHqv4Q6Y=")
	if err != nil {
		log.Fatal(err)
	}
	inner := new(store.Map) // in a program, a store/redis
	tokens, err := sealed.New(sealed.Config{Store: inner, Keys: keys})
	if err != nil {
		log.Fatal(err)
	}

	ctx, now := context.Background(), time.Now()
	tok, err := store.NewToken("a-token", now, now.Add(54*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := tokens.CompareAndSwap(ctx, "my_sealed_token", store.Token{}, tok); err != nil {
		log.Fatal(err)
	}
	opened, err := tokens.Get(ctx, "my_sealed_token")
	if err != nil {
		log.Fatal(err)
	}
	kept, err := inner.Get(ctx, "my_sealed_token")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(keys, opened.Reveal() == "a-token", kept.Reveal() == "a-token")
	// Output: [[redacted]] true false
}
