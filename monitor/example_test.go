package monitor_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
)

// A service with a client, and the monitor among its own handlers.
func Example() {
	fake, err := clienttest.New(clienttest.Options{}) // in a program of yours, the environment
	if err != nil {
		panic(err)
	}
	defer fake.Close()
	cfg, err := advoware.ReadEnv(fake.Getenv, advoware.StoreMemory)
	if err != nil {
		panic(err)
	}

	var history monitor.History
	cfg.Hooks, cfg.Logger = history.Hooks(cfg.Hooks), slog.New(slog.DiscardHandler)
	c, err := advoware.New(cfg)
	if err != nil {
		panic(err)
	}
	defer c.Close()
	m, err := monitor.New(monitor.Config{
		Offices: []monitor.Office{{Name: "muster", Client: c, History: &history}},
		Logger:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	defer m.Close()
	mux := http.NewServeMux()
	mux.Handle("/advoware/", http.StripPrefix("/advoware", m)) // the page is at /advoware/
	mux.Handle("GET /readyz", m)
	server := httptest.NewServer(mux)
	defer server.Close()

	if _, err := c.Call(context.Background(), client.Request{Endpoint: "/employees"}); err != nil {
		panic(err)
	}
	for _, path := range []string{"/readyz", "/advoware/livez", "/advoware/"} {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
		fmt.Println(path, resp.Status)
	}
	m.Drain() // the program is to end
	resp, err := http.Get(server.URL + "/readyz")
	if err != nil {
		panic(err)
	}
	resp.Body.Close()
	fmt.Println("/readyz", resp.Status)
	// Output:
	// /readyz 200 OK
	// /advoware/livez 200 OK
	// /advoware/ 200 OK
	// /readyz 503 Service Unavailable
}
