package token_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// Any number of callers make one token request.
func Example() {
	source, err := token.New(token.Config{
		Store: new(store.Map), // in a program, a store/memory or a store/tiered
		Key:   "my_access_token",
		Fetch: func(context.Context) (store.Token, error) { // in a program, Fetch of a gateway.Gateway
			now := time.Now()
			return store.NewToken("a-token", now, now.Add(54*time.Minute))
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer source.Close()

	var callers sync.WaitGroup
	for range 100 {
		callers.Go(func() {
			if _, err := source.Token(context.Background(), 0); err != nil {
				log.Fatal(err)
			}
		})
	}
	callers.Wait()
	fmt.Println(source.Stats().Fetches, "token request")
	// Output: 1 token request
}

// While the gateway is left alone, each call gets the failure at once, and when the next
// attempt is made.
func ExampleFetchError() {
	down := errors.New("gateway down")
	source, err := token.New(token.Config{
		Store: new(store.Map), Key: "my_access_token",
		Fetch:  func(context.Context) (store.Token, error) { return store.Token{}, down },
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer source.Close()

	_, err = source.Token(context.Background(), 0)
	var failed *token.FetchError
	if errors.As(err, &failed) {
		fmt.Println(errors.Is(err, down), failed.Refused, time.Until(failed.NextAttempt) <= time.Minute)
	}
	// Output: true false true
}

// Sources of one identity that share a Fetcher and a Store act as one towards the gateway.
func ExampleFetcher() {
	cfg := token.Config{
		Store: new(store.Map), Key: "my_access_token", Fetcher: token.NewFetcher(),
		Fetch: func(context.Context) (store.Token, error) {
			now := time.Now()
			return store.NewToken("a-token", now, now.Add(54*time.Minute))
		},
		Logger: slog.New(slog.DiscardHandler),
	}
	var requests uint64
	for range 4 {
		source, err := token.New(cfg)
		if err != nil {
			log.Fatal(err)
		}
		defer source.Close()
		if _, err := source.Token(context.Background(), 0); err != nil {
			log.Fatal(err)
		}
		requests += source.Stats().Fetches
	}
	fmt.Println(requests, "token request")
	// Output: 1 token request
}

// A token that was got elsewhere, in a test for one.
func ExampleStatic() {
	now := time.Now()
	tok, err := store.NewToken("a-token", now, now.Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	source := token.Static(tok)
	defer source.Close()
	got, err := source.Token(context.Background(), 0)
	fmt.Println(got.Equal(tok), err)
	// Output: true <nil>
}
