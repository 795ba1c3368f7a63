package sealed_test

import (
	"fmt"
	"log"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

// In this process tokens are plain, in Redis they are sealed.
func Example() {
	// From where secrets are kept; `openssl rand -base64 32` prints a new one.
	keys, err := sealed.ParseKeys("MnnVcoNUf0vR9Vx4m0v7gV1b6i3rF0jJ2o0gHqv4Q6Y=")
	if err != nil {
		log.Fatal(err)
	}
	client := goredis.NewClient(redisstore.Options("localhost:6379"))
	defer client.Close()
	redis, err := redisstore.New(redisstore.Config{Client: client})
	if err != nil {
		log.Fatal(err)
	}
	far, err := sealed.New(sealed.Config{Store: redis, Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	near, err := memory.New(memory.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer near.Close()
	tokens, err := tiered.New(tiered.Config{Near: near, Far: far})
	if err != nil {
		log.Fatal(err)
	}
	defer tokens.Close()

	fmt.Println(keys, tokens.Stats().FarErrors)
	// Output: [[redacted]] 0
}
