package fleet_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/sealed"
)

// An old and a new password, or a mistyped one, in one process on shared Stores and in
// others: a refusal is of the credentials that were sent, whichever client came last.
func TestRefusalBelongsToTheCredentialsThatWereSent(t *testing.T) {
	_, key := sealKey(t, "s")
	for name, change := range map[string]func(*advoware.Config){
		"tiered":   func(*advoware.Config) {},
		"Redis":    func(cfg *advoware.Config) { cfg.Store = advoware.StoreRedis },
		"sealed":   func(cfg *advoware.Config) { cfg.SealKeys, cfg.TokenKey = []sealed.Key{key}, "sealed" },
		"one-shot": func(cfg *advoware.Config) { cfg.OneShot = true },
		"memory":   func(cfg *advoware.Config) { cfg.Store = advoware.StoreMemory },
	} {
		for order, wrongLast := range map[string]bool{"the right one last": false, "the wrong one last": true} {
			t.Run(name+"/"+order, func(t *testing.T) {
				fake := newFake(t, clienttest.Options{})
				cfg := sharing(t, fake, redistest.Start(t))
				change(&cfg)
				stores, err := advoware.OpenStores(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer stores.Close()
				cfg.Shared = stores
				bad := cfg
				bad.Password = secret.New("mistyped")
				var right, wrong *client.Client
				if wrongLast {
					right = open(t, cfg)
				}
				wrong = open(t, bad)
				if !wrongLast {
					right = open(t, cfg)
				}
				wantRefused(t, wrong)
				elsewhere := cfg
				elsewhere.Shared = nil
				all := []*client.Client{right, wrong, open(t, elsewhere)}
				if cfg.Store != advoware.StoreMemory {
					bad.Shared = nil
					all = append(all, open(t, bad))
					wantRefused(t, all[3]) // told, and not tried
				}
				mustCall(t, right)
				mustCall(t, all[2])
				want := 2 // of the wrong one and of the right one
				if cfg.Store == advoware.StoreMemory {
					want = 3 // which other processes do not hear of
				}
				if n := fake.Counts().TokenRequests; n < want || n > want+late(all...) {
					t.Errorf("%d token requests, want %d", n, want)
				}
			})
		}
	}
}

func wantRefused(t *testing.T, c *client.Client) {
	t.Helper()
	var failed *token.FetchError
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); !errors.As(err, &failed) || !failed.Refused || !errors.Is(err, gateway.ErrRefused) {
		t.Errorf("got %v, want a refusal", err)
	}
}

// The second answer says no less than the first: what the vendor said, that it is a
// refusal, and when the next attempt is.
func TestSecondAnswerSaysWhatTheFirstOneSaid(t *testing.T) {
	const password = "a password of mine"
	fake := newFake(t, clienttest.Options{})
	srv := redistest.Start(t)
	cfg := sharing(t, fake, srv)
	cfg.Password, cfg.OneShot = secret.New(password), true
	var first, second *token.FetchError
	for _, got := range []**token.FetchError{&first, &second} {
		c, err := advoware.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Call(t.Context(), client.Request{Endpoint: "/employees"})
		if !errors.As(err, got) {
			t.Fatalf("got %v", err)
		}
		_ = c.Close() // as a command ends
	}
	var refusal *gateway.TokenError
	if !errors.As(first, &refusal) || refusal.Status != http.StatusUnauthorized && refusal.Status != http.StatusBadRequest || refusal.Detail == "" {
		t.Fatalf("the first: %v", first)
	}
	if !second.Refused || !errors.Is(second, gateway.ErrRefused) || !errors.Is(second, token.ErrRemoteFetch) {
		t.Errorf("the second is no refusal: %v", second)
	}
	for _, want := range []string{refusal.Error(), "next attempt after"} {
		if !strings.Contains(second.Error(), want) {
			t.Errorf("the second: %v\nit does not say %q", second, want)
		}
	}
	if d := second.NextAttempt.Sub(first.NextAttempt).Abs(); d > 2*time.Second {
		t.Errorf("next attempt at %v and %v", first.NextAttempt, second.NextAttempt)
	}
	if strings.Contains(second.Error(), password) {
		t.Errorf("shows the password: %v", second)
	}
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests", n)
	}
}
