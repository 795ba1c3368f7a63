package client_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// Whenever the 401s for one token come, one other token is asked for.
func TestStaggered401s(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers = 1000
		w := start(t, setup{fake: clienttest.Options{TokenLatency: 50 * time.Millisecond}})
		w.warm(t)
		w.fake.RevokeAll()
		w.fake.SetLatency(1500 * time.Millisecond) // all have arrived before the first answer
		before := w.fake.Counts()
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if err := w.get(t.Context(), "/employees"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		want := clienttest.Counts{TokenRequests: 1, TokensIssued: 1, APICalls: 2 * callers, Unauthorized: callers}
		got := w.since(before)
		got.Connections = 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// An endpoint that refuses every token must not keep the gateway busy, nor
// harm the calls of others.
func TestEndpointThatAlwaysAnswers401(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		w.warm(t)
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/bad", Status: 401, Times: -1})
		var requests []time.Time // when tokens were asked for
		last := w.fake.Counts().TokenRequests
		for range 10 * 60 { // ten minutes
			if err := w.get(t.Context(), "/bad"); !errors.Is(err, client.ErrUnauthorized) {
				t.Fatal(err)
			}
			if err := w.get(t.Context(), "/employees"); err != nil {
				t.Fatalf("a good call failed: %v", err)
			}
			for n := w.fake.Counts().TokenRequests; last < n; last++ {
				requests = append(requests, time.Now())
			}
			time.Sleep(time.Second)
		}
		for i := 3; i < len(requests); i++ {
			if d := requests[i].Sub(requests[i-3]); d < time.Minute {
				t.Errorf("four token requests within %v", d)
			}
		}
		if len(requests) < 27 {
			t.Errorf("%d token requests in ten minutes: a real revocation would have waited", len(requests))
		}
	})
}

// A server in trouble after the 401 proves nothing for the new token. Any other answer does, and
// from then on refusals are put to the test.
func TestServerErrorDoesNotRefund(t *testing.T) {
	for status, want := range map[int]int{404: 2, 499: 2, 500: 3, 503: 3} {
		synctest.Test(t, func(t *testing.T) {
			w := start(t, setup{})
			w.warm(t)
			before := w.fake.Counts()
			for range 10 {
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
				w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: status})
				_ = w.get(t.Context(), "/employees")
				w.fake.ClearFaults()
			}
			if n := w.since(before).TokenRequests; n != want {
				t.Errorf("%d: %d token requests, want %d", status, n, want)
			}
		})
	}
}

func TestRealRevocations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		w.warm(t)
		for i := range 5 {
			time.Sleep(12 * time.Second)
			w.fake.RevokeAll()
			before := w.fake.Counts()
			if err := w.get(t.Context(), "/employees"); err != nil {
				t.Errorf("revocation %d: %v", i+1, err)
			}
			want := clienttest.Counts{TokenRequests: 1, TokensIssued: 1, APICalls: 2, Unauthorized: 1}
			if diff := cmp.Diff(want, w.since(before)); diff != "" {
				t.Errorf("revocation %d: %s", i+1, diff)
			}
		}
	})
}
