package fleet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/sealed"
)

// says makes the fake answer all token requests with a sentence of the vendor.
func says(fake *clienttest.Server, status int, sentence string) {
	fake.ClearFaults()
	fake.Inject(clienttest.Fault{Status: status, Body: fmt.Sprintf(`{"status":1,"message":%q}`, sentence), Times: -1})
}

// wantReason makes a call that fails for want of a token, and checks what the error says and
// matches.
func wantReason(t *testing.T, c *client.Client, why reason.Reason, pause time.Duration) error {
	t.Helper()
	_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
	failed, ok := errors.AsType[*token.FetchError](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	outage := why == reason.NotConnected
	if !errors.Is(err, why) || errors.Is(err, gateway.ErrOutage) != outage || errors.Is(err, gateway.ErrRefused) == outage || failed.Refused == outage {
		t.Errorf("%v: is %v wanted, refused: %v", err, why, failed.Refused)
	}
	if !strings.Contains(err.Error(), why.Advice()) || !errors.Is(err, client.ErrNotSent) {
		t.Errorf("%v does not say what to do", err)
	}
	if left := time.Until(failed.NextAttempt); left > pause || left < pause-30*time.Second {
		t.Errorf("next attempt in %v, want %v", left, pause)
	}
	return err
}

// What the gateway says of one process's request, others that share the Redis know without
// one: clients of the same process, of another one, sealed or not.
func TestReasonIsKnownInOtherProcesses(t *testing.T) {
	_, key := sealKey(t, "s")
	for why, sentence := range map[reason.Reason]string{
		reason.WrongCredentials: "Falscher Name oder falsches Kennwort",
		reason.NotEnabled:       "Das Produkt ist nicht freigeschaltet",
		reason.NotRegistered:    "Die Kanzlei ist nicht registriert",
		reason.NotConnected:     "Die Kanzlei ist nicht angemeldet",
	} {
		for store, change := range map[string]func(*advoware.Config){
			"tiered": func(*advoware.Config) {},
			"Redis":  func(cfg *advoware.Config) { cfg.Store = advoware.StoreRedis },
			"sealed": func(cfg *advoware.Config) { cfg.SealKeys, cfg.TokenKey = []sealed.Key{key}, "sealed" },
		} {
			t.Run(why.Word()+"/"+store, func(t *testing.T) {
				pause := time.Minute
				if why == reason.NotConnected {
					pause = 70 * time.Second
				}
				fake := newFake(t, clienttest.Options{})
				cfg := sharing(t, fake, redistest.Start(t))
				change(&cfg)
				says(fake, 401, sentence)
				all := []*client.Client{open(t, cfg)}
				if err := wantReason(t, all[0], why, pause); errors.Is(err, token.ErrRemoteFetch) {
					t.Errorf("the first: %v", err)
				}
				for range 2 {
					c := open(t, cfg)
					all = append(all, c)
					if err := wantReason(t, c, why, pause); !errors.Is(err, token.ErrRemoteFetch) && late(all...) == 0 {
						t.Errorf("a later one: %v", err)
					}
				}
				if n := fake.Counts().TokenRequests; n < 1 || n > 1+late(all...) {
					t.Errorf("%d token requests", n)
				}
			})
		}
	}
}

// Two Kanzleien in one process, on one Stores: one whose server is off is left alone, and
// the other one is served meanwhile, as if there were no other.
func TestOfficeThatIsOffHoldsUpNoOther(t *testing.T) {
	for name, redis := range map[string]bool{"with Redis": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			fake := newFake(t, clienttest.Options{})
			base := e2etest.Config(t, fake, nil)
			if redis {
				base = sharing(t, fake, redistest.Start(t))
			}
			stores, err := advoware.OpenStores(base)
			if err != nil {
				t.Fatal(err)
			}
			defer stores.Close()
			var clients []*client.Client
			for i := range 2 {
				cfg := e2etest.Kanzlei(t, fake, base, i)
				cfg.Shared = stores
				clients = append(clients, open(t, cfg))
			}
			off, on := clients[0], clients[1]
			says(fake, 401, "Die Kanzlei ist nicht angemeldet")
			wantReason(t, off, reason.NotConnected, 70*time.Second)
			fake.ClearFaults()
			for range 20 {
				mustCall(t, on)
				wantReason(t, off, reason.NotConnected, 70*time.Second)
			}
			if n := fake.Counts().TokenRequests; n != 2 {
				t.Errorf("%d token requests, want one of each", n)
			}
			if _, err := off.Source().Refresh(t.Context()); err != nil { // which does not wait for the pause
				t.Error(err)
			}
			mustCall(t, off)
		})
	}
}
