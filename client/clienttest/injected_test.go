package clienttest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestInjectedCountsAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true})
		token := s.Issue()
		fault := s.Inject(clienttest.Fault{On: clienttest.API, Match: "/employees", Status: 503, Times: 2})
		began := time.Now()
		go func() {
			for range 3 {
				time.Sleep(time.Second)
				call(t, s, token, "GET", "/appointments", "").wants(t, 200) // another path
				call(t, s, token, "GET", "/employees", "")
			}
		}()
		if err := fault.Wait(t.Context(), 2); err != nil || time.Since(began) != 2*time.Second || fault.Hits() != 2 {
			t.Errorf("after %v: %d, %v", time.Since(began), fault.Hits(), err)
		}
		if err := fault.Wait(t.Context(), 3); err == nil || !strings.Contains(err.Error(), "2 of 3") {
			t.Errorf("it strikes twice, and a third time was waited for: %v", err)
		}
		if err := fault.Wait(t.Context(), 1); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		call(t, s, token, "GET", "/employees", "").wants(t, 200)
		if fault.Hits() != 2 || s.Counts().Faults != 2 {
			t.Errorf("%d hits, %+v", fault.Hits(), s.Counts())
		}
	})
}

func TestInjectedWaitEnds(t *testing.T) {
	for name, end := range map[string]func(*clienttest.Server, *clienttest.Injected){
		"removed": func(_ *clienttest.Server, i *clienttest.Injected) { i.Remove(); i.Remove() },
		"cleared": func(s *clienttest.Server, i *clienttest.Injected) { s.ClearFaults() },
		"closed":  func(s *clienttest.Server, i *clienttest.Injected) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := clienttest.Start(t, clienttest.Options{InMemory: true})
				fault := s.Inject(clienttest.Fault{Status: 500, Times: -1})
				askToken(t, s, "{}").wants(t, 500)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := fault.Wait(ctx, 2); !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				time.AfterFunc(time.Second, func() { end(s, fault) })
				began := time.Now()
				if err := fault.Wait(t.Context(), 2); err == nil || time.Since(began) != time.Second {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
				if err := fault.Wait(t.Context(), 1); err != nil {
					t.Error(err)
				}
				if name != "closed" {
					askToken(t, s, "{}").wants(t, 400)
				}
			})
		})
	}
}

func TestObserve(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	all := s.Observe(clienttest.API, nil)
	puts := s.Observe(clienttest.API, func(r *clienttest.Request) bool { return r.Method == "PUT" })
	bearers := s.Observe(clienttest.API, func(r *clienttest.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token })
	tokens := s.Observe(clienttest.TokenEndpoint, nil)
	s.Inject(clienttest.Fault{On: clienttest.API, Status: 503})
	call(t, s, token, "PUT", "/employees", "{}").wants(t, 503)
	s.ClearFaults() // has nothing to do with it
	call(t, s, token, "PUT", "/employees", "{}").wants(t, 405)
	call(t, s, "other", "GET", "/employees", "").wants(t, 401)
	puts.Remove()
	call(t, s, token, "PUT", "/employees", "{}").wants(t, 405)
	if all.Hits() != 4 || puts.Hits() != 2 || bearers.Hits() != 3 || tokens.Hits() != 0 || s.Counts().Faults != 1 {
		t.Errorf("%d %d %d %d %+v", all.Hits(), puts.Hits(), bearers.Hits(), tokens.Hits(), s.Counts())
	}
	if err := all.Wait(t.Context(), 4); err != nil {
		t.Error(err)
	}
}

func TestFaultWhere(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Kanzlei: "Nord"})
	south := sandbox(s)
	south.Kanzlei = "Süd"
	if err := s.AddIdentity(south); err != nil {
		t.Fatal(err)
	}
	nested := s.Observe(clienttest.DiscoveryEndpoint, nil)
	fault := s.Inject(clienttest.Fault{Refusal: clienttest.NotConnected, Times: -1, Where: func(r *clienttest.Request) bool {
		s.Requests() // it may call the server
		nested.Remove()
		return r.Kanzlei == "Süd" && strings.Contains(string(r.Body), `"sandbox-password"`)
	}})
	every := s.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Times: -1, Every: 2,
		Where: func(r *clienttest.Request) bool { return r.Query.Get("x") == "1" }})
	for range 2 {
		askToken(t, s, toJSON(credentials(south, time.Now()))).wants(t, 503)
		fetch(t, s)
	}
	token := s.Issue()
	call(t, s, token, "GET", "/employees?x=1", "").wants(t, 200)
	call(t, s, token, "GET", "/employees?x=2", "").wants(t, 200)
	call(t, s, token, "GET", "/employees?x=1", "").wants(t, 500)
	if fault.Hits() != 2 || every.Hits() != 1 {
		t.Errorf("%d and %d", fault.Hits(), every.Hits())
	}
	s.Inject(clienttest.Fault{On: clienttest.API, Where: func(*clienttest.Request) bool { panic("of a test") }})
	if r, err := try(t, s, "GET", "/employees", ""); err == nil {
		t.Errorf("%+v", r)
	}
}

// As many requests are struck as Times says, however many come at once.
func TestInjectedIsExact(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		token := s.Issue()
		observed := s.Observe(clienttest.API, nil)
		fault := s.Inject(clienttest.Fault{On: clienttest.API, Status: 503, Times: 10, Where: func(*clienttest.Request) bool { return true }})
		var mu sync.Mutex
		failed := 0
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 5 {
					r, err := try(t, s, "GET", "/employees", "", "Authorization: Bearer "+token)
					mu.Lock()
					if err == nil && r.StatusCode == 503 {
						failed++
					}
					mu.Unlock()
					s.Inject(clienttest.Fault{On: clienttest.DiscoveryEndpoint}).Remove()
				}
			})
		}
		if err := fault.Wait(t.Context(), 10); err != nil {
			t.Error(err)
		}
		all.Wait()
		if failed != 10 || fault.Hits() != 10 || observed.Hits() != 40 {
			t.Errorf("%d failed, %d hits, %d observed", failed, fault.Hits(), observed.Hits())
		}
	})
}
