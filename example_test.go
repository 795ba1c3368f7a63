package advoware_test

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// Both are the quick start of README.md, word for word.

type Employee struct{ Vorname, Nachname string }

func employees(ctx context.Context, c *client.Client) ([]Employee, error) {
	return client.Get[[]Employee](ctx, c, "/employees", url.Values{"limit": {"3"}})
}

// The environment says who calls what; .env.example lists the variables.
func ExampleOpen() {
	defer useSandbox()() // in a program of yours, the environment is set already

	c, err := advoware.Open() // once in a program
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		list, err := employees(context.Background(), c)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(list[0].Vorname, list[0].Nachname)
	}
	fmt.Println(c.Stats().TokenFetches, "token request")
	// Output:
	// Jördis Müller-Lüdenscheidt
	// Jördis Müller-Lüdenscheidt
	// 1 token request
}

// A Config made by hand, or changed after FromEnv, opens the same door.
func ExampleNew() {
	defer useSandbox()()

	cfg, err := advoware.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	cfg.Store = advoware.StoreMemory // this process keeps its tokens to itself
	c, err := advoware.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	for range 3 {
		if _, err := c.Call(context.Background(), client.Request{Endpoint: "/employees"}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(c.Stats().TokenFetches, "token request")
	// Output: 1 token request
}

// useSandbox sets the environment to a fake Advoware without a Redis.
func useSandbox() (restore func()) {
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	undo := []func(){fake.Close}
	for _, line := range append(fake.Env(), "REDIS_HOST=127.0.0.1", "REDIS_PORT=1") {
		name, value, _ := strings.Cut(line, "=")
		before, was := os.LookupEnv(name)
		undo = append(undo, func() {
			if was {
				os.Setenv(name, before)
			} else {
				os.Unsetenv(name)
			}
		})
		os.Setenv(name, value)
	}
	return func() {
		for _, f := range undo {
			f()
		}
	}
}
