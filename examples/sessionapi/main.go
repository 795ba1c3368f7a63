// Command sessionapi makes a call of an API that has nothing to do with Advoware: its tokens are
// sessions, which a signed login issues, and are sent in a header of its own. Lookups, renewal
// ahead, the near and the far store, the lease between processes and the second attempt after a
// 401 are those of the library.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

func main() {
	repeat := flag.Int("repeat", 1, "how many `calls` are made")
	redis := flag.String("redis", "", "the `address` of a Redis on this machine, by which processes share the session")
	flag.Parse()
	if flag.NArg() != 1 || *repeat < 1 {
		fmt.Fprintln(os.Stderr, "usage: sessionapi [-repeat N] [-redis HOST:PORT] ENDPOINT")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, flag.Arg(0), *repeat, *redis); err != nil {
		fmt.Fprintln(os.Stderr, "sessionapi:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, endpoint string, repeat int, redis string) (err error) {
	base, keyID, key := os.Getenv("SESSIONAPI_URL"), os.Getenv("SESSIONAPI_KEY_ID"), secret.New(os.Getenv("SESSIONAPI_KEY"))
	if base == "" || keyID == "" || key.Reveal() == "" {
		return errors.New("set SESSIONAPI_URL, SESSIONAPI_KEY_ID and SESSIONAPI_KEY")
	}
	a, err := Connect(base, &Login{KeyID: keyID, Key: key}, redis)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	for range repeat {
		answer, err := a.Call(ctx, client.Request{Endpoint: endpoint})
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", answer)
	}
	_, err = fmt.Printf("%d token requests\n", a.Stats().TokenFetches)
	return err
}

// API is a client.Client with the stores that it uses.
type API struct {
	*client.Client
	close []func() error
}

// Connect returns a client of the API at base. With the address of a Redis, processes with the
// same key share a session, and one of them logs in.
func Connect(base string, login *Login, redis string) (_ *API, err error) {
	login.URL = base + "/login"
	login.Client = &http.Client{
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	a := new(API)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	near, err := memory.New(memory.Config{})
	if err != nil {
		return nil, err
	}
	a.close = append(a.close, near.Close)
	cfg := token.Config{
		Store: near, Key: "sessionapi:" + login.KeyID, Fetch: login.Fetch, Errors: login,
		Credentials: login.KeyID + "\n" + login.Key.Reveal(), // at most a hash of it leaves the process
		Lifetime:    time.Hour, Logger: slog.Default(),
	}
	if redis != "" {
		if err := a.share(&cfg, redis); err != nil {
			return nil, err
		}
	}
	source, err := token.New(cfg)
	if err != nil {
		return nil, err
	}
	a.Client, err = client.New(client.Config{
		BaseURL: base, Source: source,
		TokenHeader: client.TokenHeader{Name: "X-Api-Session"}, // the session, and no word before it
	})
	if err != nil {
		source.Close()
	}
	return a, err
}

// share puts a Redis behind the near store of cfg.
func (a *API) share(cfg *token.Config, addr string) error {
	rdb := goredis.NewClient(&goredis.Options{Addr: addr, MaxRetries: -1, DialTimeout: 250 * time.Millisecond, ContextTimeoutEnabled: true})
	a.close = append(a.close, rdb.Close)
	far, err := redisstore.New(redisstore.Config{Client: rdb, Lifetime: cfg.Lifetime})
	if err != nil {
		return err
	}
	a.close = append(a.close, far.Close)
	held, err := redisstore.NewLease(redisstore.LeaseConfig{Store: far})
	if err != nil {
		return err
	}
	a.close = append(a.close, held.Close)
	both, err := tiered.New(tiered.Config{Near: cfg.Store, Far: far, Shared: far, Lease: held})
	if err != nil {
		return err
	}
	a.close = append(a.close, both.Close)
	cfg.Store, cfg.Tiers = both, both.Tiers()
	return nil
}

// Close ends the client, and then the stores.
func (a *API) Close() (err error) {
	if a.Client != nil {
		err = a.Client.Close()
	}
	for i := len(a.close) - 1; i >= 0; i-- {
		err = cmp.Or(err, a.close[i]())
	}
	return err
}
