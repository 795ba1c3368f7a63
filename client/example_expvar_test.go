package client_test

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"
	"log"

	"github.com/advoware-go/advoware/client"
)

// Status and counters for expvar. Its import serves /debug/vars on http.DefaultServeMux, so that
// it is the program that decides on it, and the library does not import it.
func ExampleClient_Status_expvar() {
	fake := sandbox()
	defer fake.Close()
	c := open(fake)
	defer c.Close()

	v := expvar.Func(func() any {
		return map[string]any{"status": c.Status(), "stats": c.Stats()}
	})
	// In the program: expvar.Publish("advoware", v), once for each client.

	if _, err := c.Call(context.Background(), client.Request{Endpoint: "/employees"}); err != nil {
		log.Fatal(err)
	}
	var shown struct {
		Status struct{ State string }
		Stats  struct{ Calls int }
	}
	if err := json.Unmarshal([]byte(v.String()), &shown); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shown.Status.State, shown.Stats.Calls)
	// Output: fresh 1
}
