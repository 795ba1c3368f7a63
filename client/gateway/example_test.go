package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// A token by hand, from a fake of the gateway. A token.Source does this when it has to.
func Example() {
	fake, err := clienttest.New(clienttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()

	o := fake.Options()
	key, err := signer.ParseKey(o.APIKey)
	if err != nil {
		log.Fatal(err)
	}
	cfg := gateway.Config{
		URL: fake.TokenURL(), // without it: gateway.DefaultURL
		App: o.AppID, Kanzlei: o.Kanzlei, Database: o.Database, User: o.User,
		Password: secret.New(o.Password), Key: key,
		Logger: slog.New(slog.DiscardHandler),
	}
	gw, err := gateway.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	tok, err := gw.Fetch(context.Background())
	fmt.Println(!tok.IsZero(), err)

	cfg.Password = secret.New("mistyped")
	gw, err = gateway.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	_, err = gw.Fetch(context.Background())
	fmt.Println(errors.Is(err, gateway.ErrRefused))
	// Output:
	// true <nil>
	// true
}
