package benchmarks

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// fleetEnv makes the test binary a process of a fleet.
const fleetEnv = "ADVOWARE_BENCHMARK_FLEET"

// memberHeader tells the gateway which process asks.
const memberHeader = "X-Member"

// fleetOrder says what a process is to do.
type fleetOrder struct {
	Member, Goroutines    int
	Lock, TokenURL, Redis string
}

// fleetAnswer is how long each caller of a process waited.
type fleetAnswer struct {
	Waited []time.Duration
	Err    string
}

func TestMain(m *testing.M) {
	if text := os.Getenv(fleetEnv); text != "" {
		var order fleetOrder
		if err := json.Unmarshal([]byte(text), &order); err != nil {
			panic(err)
		}
		order.obey()
		return
	}
	if os.Getenv(officeEnv) != "" {
		serveOffice()
		return
	}
	os.Exit(m.Run())
}

// obey does what it is told, until its input ends.
func (o *fleetOrder) obey() {
	say := json.NewEncoder(os.Stdout)
	var get getter
	var closing func()
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		var answer fleetAnswer
		var err error
		switch orders.Text() {
		case "open":
			get, closing, err = o.open()
		case "go":
			answer.Waited, err = o.run(get)
		case "close":
			closing()
		}
		if err != nil {
			answer.Err = err.Error()
		}
		if err := say.Encode(answer); err != nil {
			return
		}
	}
}

func (o *fleetOrder) run(get getter) ([]time.Duration, error) {
	waited, errs := make([]time.Duration, o.Goroutines), make([]error, o.Goroutines)
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	var all sync.WaitGroup
	for i := range o.Goroutines {
		all.Go(func() {
			began := time.Now()
			text, err := get(ctx)
			if err == nil && text != tokenText {
				err = fmt.Errorf("got %.20q", text)
			}
			waited[i], errs[i] = time.Since(began), err
		})
	}
	all.Wait()
	return waited, errors.Join(errs...)
}

func (o *fleetOrder) open() (getter, func(), error) {
	switch o.Lock {
	case "advoware":
		return o.openDoor(advoware.StoreTiered)
	case "none":
		return o.openDoor(advoware.StoreMemory)
	case "poll":
		return o.openLocked(pollLock)
	case "redislock":
		return o.openLocked(redisLock)
	case "redsync":
		return o.openLocked(redSync)
	case "go-redis-cache":
		return o.openShared(sharedGoRedisCache)
	case "python-way":
		return o.openShared(pythonWay)
	}
	return nil, nil, fmt.Errorf("no lock is called %q", o.Lock)
}

// openDoor is the library as everybody gets it.
func (o *fleetOrder) openDoor(kind advoware.StoreKind) (getter, func(), error) {
	key, err := signer.ParseKey(signKey)
	if err != nil {
		return nil, nil, err
	}
	cfg := advoware.Config{
		BaseURL: o.TokenURL, TokenURL: o.TokenURL,
		App: signMessage.App, Kanzlei: "Kanzlei", Database: "Datenbank", User: "api", Password: secret.New("password"), Key: key,
		Store: kind, Transport: marked{o.Member, http.DefaultTransport}, Logger: quiet(),
	}
	if kind != advoware.StoreMemory {
		_, port, _ := net.SplitHostPort(o.Redis)
		cfg.Redis.Host = "127.0.0.1"
		if cfg.Redis.Port, err = strconv.Atoi(port); err != nil {
			return nil, nil, err
		}
	}
	c, err := advoware.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	get := func(ctx context.Context) (string, error) {
		tok, err := c.Source().Token(ctx, 0)
		return tok.Reveal(), err
	}
	return get, func() { _ = c.Close() }, nil
}

// marked says in each request which process sends it.
type marked struct {
	member int
	base   http.RoundTripper
}

func (m marked) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set(memberHeader, strconv.Itoa(m.member))
	return m.base.RoundTrip(req)
}
