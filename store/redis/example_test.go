package redis_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Two processes share a token through Redis.
func Example() {
	server, err := miniredis.Run() // in a program, the address of your Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	open := func() *redisstore.Store {
		client := goredis.NewClient(redisstore.Options(server.Addr()))
		s, err := redisstore.New(redisstore.Config{Client: client, ClientHonoursDeadlines: true})
		if err != nil {
			log.Fatal(err)
		}
		return s
	}
	ctx, now := context.Background(), time.Now()
	tok, err := store.NewToken("a-token", now, now.Add(54*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := open().CompareAndSwap(ctx, "my_access_token", store.Token{}, tok); err != nil {
		log.Fatal(err)
	}
	got, err := open().Get(ctx, "my_access_token") // another process
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got.Equal(tok), server.DB(redisstore.DefaultDB).TTL("my_access_token") > 0)
	// Output: true true
}
