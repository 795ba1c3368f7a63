package oauth2x_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/oauth2x"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// fleet returns Sources of as many processes, which share a far store and a lease.
func fleet(t *testing.T, n int, from func(context.Context) oauth2.TokenSource) (all []*token.Source) {
	t.Helper()
	far := new(store.Map)
	held := &leasemap.Map{Store: far}
	for range n {
		both, err := tiered.New(tiered.Config{Near: new(store.Map), Far: far, Lease: held, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		s, err := token.New(token.Config{
			Store: both, Tiers: both.Tiers(), Key: "key", Credentials: "client", Lifetime: time.Hour,
			Fetch: oauth2x.Fetch(from, store.Margins{}), Errors: oauth2x.Errors{}, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close(); _ = both.Close() })
		all = append(all, s)
	}
	return all
}

// Tiers, lease and renewal serve another API: a fleet asks once for a cold start and once for
// each renewal, and nobody waits for that.
func TestFleetAsksOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int64
		all := fleet(t, 4, func(context.Context) oauth2.TokenSource {
			return fixed(func() (*oauth2.Token, error) {
				text := "token-" + string('a'+rune(requests.Add(1)))
				time.Sleep(time.Second)
				return &oauth2.Token{AccessToken: text, Expiry: time.Now().Add(time.Hour)}, nil
			})
		})
		var callers sync.WaitGroup
		for _, s := range all {
			callers.Go(func() {
				if _, err := s.Token(t.Context(), 0); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if n := requests.Load(); n != 1 {
			t.Errorf("%d token requests for a cold start", n)
		}
		for range 4 * 60 {
			time.Sleep(time.Minute)
			for _, s := range all {
				began := time.Now()
				if _, err := s.Token(t.Context(), 0); err != nil || time.Since(began) > 300*time.Millisecond {
					t.Fatalf("a call waited %v: %v", time.Since(began), err)
				}
			}
		}
		if n := requests.Load(); n < 4 || n > 7 {
			t.Errorf("%d token requests in four hours", n)
		}
	})
}

// Refused credentials are tried once, by whichever process, and each says so.
func TestFleetIsRefusedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int64
		all := fleet(t, 4, func(context.Context) oauth2.TokenSource {
			return fixed(func() (*oauth2.Token, error) {
				requests.Add(1)
				return nil, &oauth2.RetrieveError{ErrorCode: "invalid_client", Body: []byte("secret"), Response: &http.Response{StatusCode: 401, Status: "401 secret"}}
			})
		})
		for _, s := range all {
			_, err := s.Token(t.Context(), 0)
			if failed, ok := errors.AsType[*token.FetchError](err); !ok || !failed.Refused || !errors.Is(err, oauth2x.ErrRefused) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%v", err)
			}
		}
		if n := requests.Load(); n != 1 {
			t.Errorf("%d token requests with refused credentials", n)
		}
	})
}
