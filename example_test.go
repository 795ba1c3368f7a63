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

type Employee struct {
	ID       int    `json:"id"`
	Vorname  string `json:"vorname"`
	Nachname string `json:"nachname"`
}

// employees is the quick start of README.md, word for word.
func employees(ctx context.Context) ([]Employee, error) {
	c, err := advoware.Open() // configured by the environment, see below
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return client.Get[[]Employee](ctx, c, "/employees", url.Values{"limit": {"10"}})
}

// The environment says who calls what; .env.example lists the variables.
func ExampleOpen() {
	defer useSandbox()() // in a program of yours, the environment is set already

	list, err := employees(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range list[:2] {
		fmt.Println(e.ID, e.Vorname, e.Nachname)
	}
	// Output:
	// 1 Jördis Müller-Lüdenscheidt
	// 2 Karl-Heinz Schäfer
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
