package advoware_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
	"github.com/advoware-go/advoware/store/tiered"
)

// What New does, by hand: Redis, the tiers of the store, the gateway, the source of tokens
// and the client. Each is closed after what uses it.
func Example_byHand() {
	server, err := miniredis.Run() // in a program of yours, Redis is there already
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	fake, err := clienttest.New(clienttest.Options{}) // and Advoware
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	o, logger := fake.Options(), slog.New(slog.DiscardHandler)

	conn, err := dial.Open(dial.Config{URL: secret.New("redis://" + server.Addr() + "/1")}, dial.Options{Logger: logger})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	key, err := signer.ParseKey(o.APIKey)
	if err != nil {
		log.Fatal(err)
	}
	gc := gateway.Config{
		URL: fake.TokenURL(), App: o.AppID, Kanzlei: o.Kanzlei, Database: o.Database,
		User: o.User, Password: secret.New(o.Password), Key: key, Logger: logger,
	}
	gw, err := gateway.New(gc)
	if err != nil {
		log.Fatal(err)
	}

	far, err := redisstore.New(redisstore.Config{
		Client: conn.Client(), ClientHonoursDeadlines: true, // what dial.Open makes does
		Identity: func(string) string { return gc.Identity() }, // nobody else's token under our key
		Logger:   logger,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer far.Close()
	fetching, err := redisstore.NewLease(redisstore.LeaseConfig{Store: far}) // one process of many fetches
	if err != nil {
		log.Fatal(err)
	}
	defer fetching.Close()
	near, err := memory.New(memory.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer near.Close()
	tokens, err := tiered.New(tiered.Config{
		Near: near, Far: far, Shared: far, Lease: fetching, Explain: conn.Explain, Logger: logger,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer tokens.Close()

	source, err := token.New(token.Config{
		Store: tokens, Tiers: tokens.Tiers(), Key: "my_access_token",
		Fetch: gw.Fetch, Errors: gateway.Errors{}, Credentials: gw.Credentials(), Logger: logger,
	})
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(client.Config{BaseURL: fake.BaseURL(), Source: source, Logger: logger})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close() // closes the source

	employees, err := client.Get[[]struct{ Nachname string }](context.Background(), c, "/employees", nil)
	fmt.Println(len(employees), err, server.DB(1).Exists("my_access_token"))
	// Output: 8 <nil> true
}
