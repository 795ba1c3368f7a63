// Command offices calls many Kanzleien from one process. They share one cache, one
// connection to Redis and their connections to the API; each has a client and a token of its
// own. One that is refused or switched off does not affect the others.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

// Office is an entry of the file. Passwords are in variables of the environment, whose
// names stand in the file.
type Office struct {
	Name        string `json:"name"` // also the end of its token's key
	Kanzlei     string `json:"kanzlei"`
	Database    string `json:"database"`
	User        string `json:"user"`
	PasswordEnv string `json:"password_env"`
}

func main() {
	flag.Usage = func() { fmt.Fprintln(flag.CommandLine.Output(), "usage: offices FILE.json") }
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "offices:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string) (err error) {
	offices, err := read(file)
	if err != nil {
		return err
	}
	clients, closeAll, err := open(offices)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()

	results := make([]error, len(offices))
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			employees, err := client.Get[[]struct{}](ctx, c, "/employees", nil)
			if err != nil {
				results[i] = fmt.Errorf("%s: %w", offices[i].Name, err)
				return
			}
			fmt.Printf("%s: %d employees\n", offices[i].Name, len(employees))
		})
	}
	all.Wait()
	return errors.Join(results...)
}

func read(file string) ([]Office, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields() // a misspelt member would be left empty
	var offices []Office
	if err := d.Decode(&offices); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(offices) == 0 {
		return nil, fmt.Errorf("%s: there is no office in it", file)
	}
	return offices, nil
}

// open returns a client for each office, and what closes them and their stores.
func open(offices []Office) (clients []*client.Client, closeAll func() error, err error) {
	var stores *advoware.Stores
	closeAll = func() error {
		var errs []error
		for _, c := range clients {
			errs = append(errs, c.Close())
		}
		return errors.Join(append(errs, stores.Close())...) // after the clients that use them
	}
	for _, o := range offices {
		cfg, err := o.config()
		if err == nil && stores == nil {
			stores, err = advoware.OpenStores(cfg)
		}
		var c *client.Client
		if err == nil {
			cfg.Shared = stores
			c, err = advoware.New(cfg)
		}
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", o.Name, err), closeAll())
		}
		clients = append(clients, c)
	}
	return clients, closeAll, nil
}

// config is the environment, with what is the office's own in place of a part of it. An
// App-ID and its API key may be enabled for many Kanzleien.
func (o Office) config() (advoware.Config, error) {
	own := map[string]string{
		"ADVOWARE_KANZLEI":   o.Kanzlei,
		"ADVOWARE_DATABASE":  o.Database,
		"ADVOWARE_USER":      o.User,
		"ADVOWARE_PASSWORD":  os.Getenv(o.PasswordEnv),
		"ADVOWARE_TOKEN_KEY": advoware.DefaultTokenKey + ":" + o.Name, // each identity needs its own
	}
	return advoware.ReadEnv(func(name string) string {
		if value, ok := own[name]; ok {
			return value
		}
		return os.Getenv(name)
	}, advoware.StoreTiered)
}
