package dial_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// A store in Redis, made by hand. The URL may as well name a sentinel or a Cluster.
func ExampleOpen() {
	server := miniredis.NewMiniRedis() // in a program of yours, Redis is there already
	if err := server.Start(); err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	conn, err := dial.Open(dial.Config{URL: secret.New("redis://" + server.Addr() + "/1")}, dial.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	tokens, err := redisstore.New(redisstore.Config{Client: conn.Client(), ClientHonoursDeadlines: true})
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	tok, err := store.NewToken("a-token", time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := tokens.CompareAndSwap(ctx, "a_key", store.Token{}, tok); err != nil {
		log.Fatal(err)
	}
	got, err := tokens.Get(ctx, "a_key")
	fmt.Println(got.Equal(tok), err)

	_, err = dial.Open(dial.Config{URL: secret.New("redis://redis.example/1")}, dial.Options{})
	fmt.Println(err)
	// Output:
	// true <nil>
	// store/redis/dial: Config.URL is neither this machine nor reached by TLS that verifies the server, so that others could read the token on its way: use rediss://, or allow it by Config.AllowRemote
}
