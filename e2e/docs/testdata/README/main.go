package main

import (
	"context"
	"fmt"
	"log"
	"net/url"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

type Employee struct{ Vorname, Nachname string }

func employees(ctx context.Context, c *client.Client) ([]Employee, error) {
	return client.Get[[]Employee](ctx, c, "/employees", url.Values{"limit": {"3"}})
}

func main() {
	c, err := advoware.Open() // once; configured by the environment, see below
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for range 2 { // all calls use it, from any goroutine
		fmt.Println(employees(context.Background(), c))
	}
}
