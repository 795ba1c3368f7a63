package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// full is a store that takes nothing and says so, as a Redis that is out of memory.
type full struct{ store.Map }

func (*full) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	return store.Token{}, errors.New("OOM command not allowed when used memory > 'maxmemory'")
}

// forgetful is a store that takes everything and keeps nothing, as a near store that
// turns an identity away.
type forgetful struct{ store.Map }

func (*forgetful) CompareAndSwap(_ context.Context, _ string, _, tok store.Token) (store.Token, error) {
	return tok, nil
}

// silent is a store that does nothing at all.
type silent struct{ store.Map }

func (*silent) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	return store.Token{}, nil
}

// placements are the places where a token may stand, or not.
var placements = map[string]func(*token.Config){
	"near":                 func(c *token.Config) { c.Store = new(store.Map) },
	"full store":           func(c *token.Config) { c.Store = new(full) },
	"store keeps nothing":  func(c *token.Config) { c.Store = new(forgetful) },
	"store does nothing":   func(c *token.Config) { c.Store = new(silent) },
	"near turned it away":  func(c *token.Config) { c.Store, c.Tiers.Near = new(store.Map), new(forgetful) },
	"near fails, far full": func(c *token.Config) { c.Store, c.Tiers.Near = new(full), new(full) },
}

// An endpoint that refuses costs three token requests a minute at most, besides the
// first one, wherever the token stands and however it refuses.
func TestEndpointThatRefusesCostsThreeTokenRequestsAMinute(t *testing.T) {
	for name, refusing := range map[string]struct {
		fault    clienttest.Fault
		answered bool // each call gets its answer
	}{
		"always":       {clienttest.Fault{On: clienttest.API, Status: 401, Times: -1}, false},
		"every second": {clienttest.Fault{On: clienttest.API, Status: 401, Times: -1, Every: 2}, true},
		"every third":  {clienttest.Fault{On: clienttest.API, Status: 401, Times: -1, Every: 3}, true},
		"every tenth":  {clienttest.Fault{On: clienttest.API, Status: 401, Times: -1, Every: 10}, true},
	} {
		for place, put := range placements {
			t.Run(name+"/"+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := start(t, setup{token: put})
					w.fake.Inject(refusing.fault)
					for i := range 40 {
						if err := w.get(t.Context(), "/employees"); (err == nil) != refusing.answered {
							t.Fatalf("call %d: %v", i+1, err)
						}
						time.Sleep(time.Second)
					}
					if n := w.fake.Counts().TokenRequests; n > 1+3 {
						t.Errorf("%d token requests for 40 calls in 40 s, want the first and 3", n)
					}
				})
			})
		}
	}
}

// The same from many callers at a time, and with bodies of every kind.
func TestEndpointThatRefusesEverySecondRequestOfMany(t *testing.T) {
	for name, body := range map[string]func() io.Reader{
		"none":   func() io.Reader { return nil },
		"again":  func() io.Reader { return strings.NewReader("[1]") },
		"once":   func() io.Reader { return io.LimitReader(strings.NewReader("[1]"), 3) },
		"seeker": func() io.Reader { return struct{ io.ReadSeeker }{strings.NewReader("[1]")} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{fake: clienttest.Options{Latency: 10 * time.Millisecond, TokenLatency: 100 * time.Millisecond}})
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Times: -1, Every: 2})
				var wg sync.WaitGroup
				for range 8 {
					wg.Go(func() {
						for range 20 {
							req, _ := http.NewRequestWithContext(t.Context(), "POST", w.fake.BaseURL()+echoPath, body())
							if resp, err := w.Do(req); err != nil {
								t.Error(err)
							} else {
								resp.Body.Close()
							}
						}
					})
				}
				wg.Wait()
				if n := w.fake.Counts().TokenRequests; n > 1+2*3 { // those under way when it shows
					t.Errorf("%d token requests for 160 calls", n)
				}
			})
		})
	}
}

// Revocations are recovered however many there are and however young the tokens, and
// wherever they stand.
func TestRevocationsInQuickSuccessionAreAllRecovered(t *testing.T) {
	for place, put := range placements {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{token: put})
				for i := range 50 {
					if _, err := client.Post[any](t.Context(), w.Client, echoPath, []int{i}); err != nil {
						t.Fatalf("revocation %d: %v", i, err)
					}
					w.fake.RevokeAll()
				}
				if n := w.fake.Counts().TokenRequests; n != 50 {
					t.Errorf("%d token requests for 49 revocations and the first token", n)
				}
			})
		})
	}
}

// Tokens that are revoked while an endpoint refuses now and then are replaced within
// seconds, however often, and not only when the refusals count no more.
func TestRevocationsAmongRefusalsAreRecovered(t *testing.T) {
	many, revocations := 20, 5
	if underRace { // for time
		many, revocations = 10, 3
	}
	for every, callers := range map[int]int{2: 1, 5: 1, 10: many} {
		for place, put := range placements {
			t.Run(fmt.Sprintf("every %d/callers=%d/%s", every, callers, place), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := start(t, setup{token: put, fake: clienttest.Options{Latency: 10 * time.Millisecond}})
					w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Times: -1, Every: every})
					ctx, stop := context.WithCancel(t.Context())
					var wg sync.WaitGroup
					var good atomic.Int64
					for range callers {
						wg.Go(func() {
							for ctx.Err() == nil {
								if w.get(t.Context(), "/employees/1") == nil {
									good.Add(1)
								}
								time.Sleep(500 * time.Millisecond)
							}
						})
					}
					for i := range revocations {
						time.Sleep(6 * time.Second)
						w.fake.RevokeAll()
						before := good.Load()
						time.Sleep(4 * time.Second)
						if good.Load() == before {
							t.Errorf("revocation %d: no call succeeded in 4 s", i+1)
						}
					}
					stop()
					wg.Wait()
					if n := w.fake.Counts().TokenRequests; n > 1+2*3+revocations {
						t.Errorf("%d token requests for %d revocations", n, revocations)
					}
				})
			})
		}
	}
}

// After a minute without them, refusals are taken at their word again.
func TestEndpointThatCameToItsSensesIsBelievedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401, Times: -1, Every: 2})
		for range 20 {
			_ = w.get(t.Context(), "/employees")
		}
		w.fake.ClearFaults()
		time.Sleep(time.Minute)
		for i := range 10 {
			w.fake.RevokeAll()
			if err := w.get(t.Context(), "/employees"); err != nil {
				t.Errorf("revocation %d: %v", i+1, err)
			}
		}
	})
}

// While the gateway is known to be down, a token that no near store has is not given up
// either: it may be good for every other endpoint.
func TestRefusalTakesNothingAwayWhileTheGatewayIsDownWhereverTheTokenStands(t *testing.T) {
	for place, put := range placements {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{token: put})
				w.warm(t)
				w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
				_, _ = w.source.Refresh(t.Context())
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
				var failed *token.FetchError
				if err := w.get(t.Context(), "/employees"); !errors.Is(err, client.ErrUnauthorized) || !errors.As(err, &failed) {
					t.Errorf("refused: %v", err)
				}
				if err := w.get(t.Context(), "/employees"); err != nil {
					t.Errorf("the next call: %v", err)
				}
			})
		})
	}
}
