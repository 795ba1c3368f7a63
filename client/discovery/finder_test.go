package discovery_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
)

func TestNewNamesEveryProblem(t *testing.T) {
	_, err := discovery.New(discovery.Config{URL: "http://vendor.example/Url?x=1", BaseURL: "x", Memory: new(memory), TTL: -1, Base: (*vendor)(nil)})
	for _, want := range []string{"URL ", "BaseURL", "TokenURL", "Kanzlei", "Key", "Secret", "TTL", "Base is a nil pointer"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if _, err := discovery.New(discovery.Config{Kanzlei: "k", BaseURL: defaultBase, TokenURL: defaultToken, URL: "http://vendor.example/Url"}); err == nil {
		t.Error("plain http is taken")
	}
}

func TestCallersAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := new(vendor)
		v.does(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return answered(200, office("c.example:88")), nil
		})
		f := open(t, config(v))
		if f.Present() != nil {
			t.Error("something is present before anybody asked")
		}
		wantAsked(t, v, 0)
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { wantAPI(t, mustFind(t, f), "https://c.example:88/") })
		}
		wg.Wait()
		wantAsked(t, v, 1)
		if a := f.Present(); a != mustFind(t, f) {
			t.Error("another pointer")
		}
	})
}

func TestCallerLeavesAtItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := new(vendor)
		v.does(func(*http.Request) (*http.Response, error) {
			time.Sleep(2 * time.Second)
			return answered(200, office("c.example:88")), nil
		})
		f := open(t, config(v))
		cause := errors.New("another call")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		var wg sync.WaitGroup
		wg.Go(func() { // the leader
			_, err := f.Find(ctx)
			if !errors.Is(err, context.Canceled) || errors.Is(err, cause) || errors.Is(err, discovery.ErrNoAddress) {
				t.Error(err)
			}
		})
		synctest.Wait()
		wg.Go(func() { wantAPI(t, mustFind(t, f), "https://c.example:88/") })
		wg.Wait()
		wantAsked(t, v, 1)
		if _, err := open(t, config(v)).Find(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		wantAsked(t, v, 1) // not for a caller who has left
	})
}

func TestFailureIsAskedAgainAfterTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, log := new(vendor), new(records)
		v.fails()
		cfg := config(v)
		cfg.Logger = log.logger()
		f := open(t, cfg)
		wantAPI(t, mustFind(t, f), defaultBase)
		time.Sleep(10*time.Minute - time.Second)
		mustFind(t, f)
		f.Suspect(f.Present())
		if f.Moved(t.Context(), f.Present()) != nil {
			t.Error("the defaults have moved")
		}
		synctest.Wait()
		wantAsked(t, v, 1)
		time.Sleep(time.Second)
		v.hangs()
		for range 100 { // nobody waits, and one asks
			began := time.Now()
			if wantAPI(t, mustFind(t, f), defaultBase); time.Since(began) != 0 {
				t.Error("a caller waits")
			}
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		wantAsked(t, v, 2)
		v.says(office("c.example:88"))
		time.Sleep(10 * time.Minute)
		mustFind(t, f)
		synctest.Wait()
		wantAsked(t, v, 3)
		a := mustFind(t, f)
		if wantAPI(t, a, "https://c.example:88/"); a.Fallback() {
			t.Error(a)
		}
		if n := log.lines("WARN"); n != 1 {
			t.Errorf("%d warnings: %s", n, log.text.String())
		}
	})
}

func TestRequiredIsAskedAgainAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := new(vendor)
		v.fails()
		cfg := config(v)
		cfg.Required = true
		f := open(t, cfg)
		for range 100 {
			if _, err := f.Find(t.Context()); !errors.Is(err, discovery.ErrNoAddress) || !strings.Contains(err.Error(), "no route") {
				t.Error(err)
			}
		}
		wantAsked(t, v, 1)
		v.says(office("c.example:88"))
		time.Sleep(10 * time.Second)
		wantAPI(t, mustFind(t, f), "https://c.example:88/")
		wantAsked(t, v, 2)
	})
}

func TestRenewKeepsAddressesAsFreshAsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := saying(office("a.example"))
		f := open(t, config(v))
		renew := func() *discovery.Addresses {
			t.Helper()
			a, err := f.Renew(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return a
		}
		wantAPI(t, renew(), "https://a.example/")
		renew()
		wantAsked(t, v, 1)
		time.Sleep(47 * time.Minute)
		v.says(office("b.example"))
		wantAPI(t, renew(), "https://a.example/") // what is known serves meanwhile
		wantAsked(t, v, 2)
		wantAPI(t, f.Present(), "https://b.example/")
		v.fails()
		time.Sleep(47 * time.Minute)
		renew()
		wantAPI(t, f.Present(), "https://b.example/")
		wantAsked(t, v, 3)
		if age := time.Since(f.Confirmed()); age != 47*time.Minute {
			t.Errorf("confirmed %v ago, after a question without an answer", age)
		}
		v.says(office("c.example"))
		time.Sleep(time.Hour)
		wantAPI(t, renew(), "https://c.example/") // too old to serve
		wantAsked(t, v, 4)
		v.hangs()
		time.Sleep(time.Hour)
		began := time.Now()
		if wantAPI(t, renew(), "https://c.example/"); time.Since(began) != 3*time.Second {
			t.Errorf("waited %v", time.Since(began))
		}
	})
}

func TestFindersOfOneOfficeShareIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := saying(office("c.example"))
		cfg := config(v)
		cfg.Offices = new(discovery.Offices)
		one := open(t, cfg)
		mustFind(t, one)
		other := open(t, cfg)
		if other.Present() == nil || other.Present() != one.Present() {
			t.Error("the other does not know")
		}
		one.Close()
		one.Close()
		other.Close()
		for range 100 { // a program that opens a client for each call
			f := open(t, cfg)
			mustFind(t, f)
			f.Close()
		}
		wantAsked(t, v, 1)
		cfg.Kanzlei = "another"
		mustFind(t, open(t, cfg))
		wantAsked(t, v, 2)
		cfg.Kanzlei = "kanzlei"
		time.Sleep(time.Hour)
		mustFind(t, open(t, cfg)) // nobody has looked for an hour
		wantAsked(t, v, 3)
	})
}

func TestCloseEndsTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := new(vendor)
		v.hangs()
		cfg := config(v)
		cfg.Offices = new(discovery.Offices)
		one, other := open(t, cfg), open(t, cfg)
		done := make(chan error, 1)
		go func() { _, err := one.Find(context.Background()); done <- err }()
		synctest.Wait()
		one.Close()
		synctest.Wait()
		if len(done) > 0 {
			t.Error("it ended for the other one too")
		}
		other.Close()
		if err := <-done; !errors.Is(err, discovery.ErrClosed) {
			t.Error(err)
		}
		f := open(t, cfg) // and it was no failure
		v.says(office("c.example"))
		wantAPI(t, mustFind(t, f), "https://c.example/")
	})
}

func TestLoggerThatBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := new(vendor)
		v.fails()
		cfg := config(v)
		cfg.Logger = (&writer{func() { panic("no") }}).logger()
		wantAPI(t, mustFind(t, open(t, cfg)), defaultBase)
		cfg.Logger = (&writer{func() { time.Sleep(time.Hour) }}).logger()
		began := time.Now()
		if wantAPI(t, mustFind(t, open(t, cfg)), defaultBase); time.Since(began) > time.Second {
			t.Errorf("waited %v", time.Since(began))
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestPlace(t *testing.T) {
	for url, want := range map[string]string{
		"": "", discovery.DefaultURL: "", "https://test.advo-net.org/Url": "https://test.advo-net.org/Url", "http://127.0.0.1:1/Url": "http://localhost/Url",
	} {
		cfg := config(new(vendor))
		cfg.URL = url
		if got := open(t, cfg).Place(); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}
