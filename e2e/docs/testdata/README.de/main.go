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
	c, err := advoware.Open() // einmal; eingestellt durch die Umgebung, siehe unten
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for range 2 { // alle Aufrufe benutzen ihn, aus jeder Goroutine
		fmt.Println(employees(context.Background(), c))
	}
}
