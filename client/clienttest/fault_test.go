package clienttest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// Both networks have to fail alike.
var networks = map[string]bool{"tcp": false, "memory": true}

func onBoth(t *testing.T, f func(t *testing.T, s *clienttest.Server)) {
	for name, inMemory := range networks {
		t.Run(name, func(t *testing.T) { f(t, clienttest.Start(t, clienttest.Options{InMemory: inMemory})) })
	}
}

func TestFaultStatus(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	get := func() reply { return call(t, s, token, "GET", "/employees", "") }

	s.Inject(clienttest.Fault{On: clienttest.API, Status: 503, Header: http.Header{"retry-after": {"7"}}})
	r := get()
	r.blames(t, 503, "")
	if got := r.Header.Get("Retry-After"); got != "7" {
		t.Errorf("Retry-After %q", got)
	}
	get().wants(t, 200) // once

	s.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}})
	if r := get(); r.StatusCode != 500 || r.text != "<html>" || r.Header.Get("Content-Type") != "text/html" {
		t.Errorf("%d %s %v", r.StatusCode, r.text, r.Header)
	}
	s.Inject(clienttest.Fault{On: clienttest.API, Body: `{"a":1}`})
	if r := get(); r.StatusCode != 200 || r.text != `{"a":1}` {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	s.Inject(clienttest.Fault{On: clienttest.API, Status: 204})
	if r := get(); r.StatusCode != 204 || r.text != "" {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	s.Inject(clienttest.Fault{On: clienttest.API, Malformed: true})
	if r := get(); r.StatusCode != 200 || r.json != nil || r.text == "" {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	s.Inject(clienttest.Fault{On: clienttest.API, Header: http.Header{"X-More": {"1"}}})
	if r := get(); r.StatusCode != 200 || r.Header.Get("X-More") != "1" || len(array(t, r)) == 0 {
		t.Errorf("an ordinary answer with one more header: %d %v", r.StatusCode, r.Header)
	}
	if got := s.Counts(); got.Faults != 6 || got.APICalls != 7 {
		t.Errorf("counted %+v", got)
	}
}

func TestFaultsInOrder(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	get := func(path string) int { return call(t, s, token, "GET", path, "").StatusCode }
	s.Inject(clienttest.Fault{Status: 500}) // the token endpoint
	s.Inject(clienttest.Fault{On: clienttest.API, Match: "/api/v1/", Status: 501})
	s.Inject(clienttest.Fault{On: clienttest.API, Status: 502, Times: 2})
	s.Inject(clienttest.Fault{On: clienttest.API, Status: 503, Times: -1})
	for i, step := range []struct {
		path string
		want int
	}{
		{"/employees", 502}, {"/api/v1/Akten", 501}, {"/api/v1/Akten", 502},
		{"/employees", 503}, {"/api/v1/Akten", 503}, {"/employees", 503},
	} {
		if got := get(step.path); got != step.want {
			t.Errorf("request %d: status %d, want %d", i, got, step.want)
		}
	}
	s.ClearFaults()
	if got := get("/employees"); got != 200 {
		t.Errorf("after ClearFaults: status %d", got)
	}
	fetch(t, s) // its fault is cleared too
}

func TestFaultRedirect(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	for status, want := range map[int]int{0: 302, 307: 307} {
		s.Inject(clienttest.Fault{RedirectTo: "http://elsewhere.test/", Status: status})
		r := askToken(t, s, "{}")
		r.wants(t, want)
		if got := r.Header.Get("Location"); got != "http://elsewhere.test/" {
			t.Errorf("Location %q", got)
		}
	}
	if got := s.Counts(); got.TokensRefused != 0 || got.TokenRequests != 2 {
		t.Errorf("counted %+v", got)
	}
}

func TestFaultReset(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		token := s.Issue()
		s.Inject(clienttest.Fault{On: clienttest.API, Reset: true})
		_, err := try(t, s, "DELETE", "/appointments/123", "", "Authorization: Bearer "+token)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("error %v, want a reset", err)
		}
		call(t, s, token, "GET", "/appointments/123", "").wants(t, 200) // nothing was done
	})
}

func TestFaultCut(t *testing.T) {
	onBoth(t, func(t *testing.T, s *clienttest.Server) {
		token := s.Issue()
		whole := call(t, s, token, "GET", "/employees", "").text
		s.Inject(clienttest.Fault{On: clienttest.API, Cut: true})
		req, _ := http.NewRequestWithContext(t.Context(), "GET", s.BaseURL()+"employees", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		got, err := io.ReadAll(res.Body)
		if res.ContentLength != int64(len(whole)) || string(got) != whole[:len(whole)/2] || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of %d bytes (declared %d), %v", len(got), len(whole), res.ContentLength, err)
		}

		s.Inject(clienttest.Fault{On: clienttest.API, Cut: true})
		if r, err := try(t, s, "DELETE", "/appointments/123", "", "Authorization: Bearer "+token); err == nil {
			t.Errorf("an answer without a body came: %d", r.StatusCode)
		}
		call(t, s, token, "GET", "/appointments/123", "").wants(t, 404) // it was done
		s.Inject(clienttest.Fault{Cut: true, Body: `{"access_token":"abc"}`})
		if _, err := try(t, s, "POST", "/api/v1/Token", "{}", isJSON); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("token endpoint: %v", err)
		}
	})
}

func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true, Latency: time.Second, TokenLatency: time.Minute})
		took := func(f func()) time.Duration { begin := time.Now(); f(); return time.Since(begin) }
		var token string
		check := func(what string, got, want time.Duration) {
			t.Helper()
			if got != want {
				t.Errorf("%s took %v, want %v", what, got, want)
			}
		}
		get := func() { call(t, s, token, "GET", "/employees", "").wants(t, 200) }
		check("token", took(func() { token = fetch(t, s) }), time.Minute)
		check("call", took(get), time.Second)
		s.Inject(clienttest.Fault{On: clienttest.API, Delay: time.Hour})
		s.SetLifetime(2 * time.Hour)
		token = s.Issue()
		check("delayed call", took(get), time.Hour+time.Second)
		s.SetLatency(0)
		s.SetTokenLatency(-1)
		check("call", took(get), 0)
		check("token", took(func() { fetch(t, s) }), 0)
		s.Inject(clienttest.Fault{Status: 500, Delay: 3 * time.Second})
		check("failure", took(func() { askToken(t, s, "{}").wants(t, 500) }), 3*time.Second)
		s.Inject(clienttest.Fault{Reset: true, Delay: 3 * time.Second})
		check("reset", took(func() { try(t, s, "POST", "/api/v1/Token", "{}", isJSON) }), 3*time.Second)
	})
}

// A request that waits ends with its client and with the server. In a bubble a
// handler that did not would show as virtual time that passes, or as a deadlock.
func TestWaitingEndsEarly(t *testing.T) {
	for name, fault := range map[string]clienttest.Fault{
		"hang":  {Hang: true},
		"delay": {Delay: 1000 * time.Hour},
		"reset": {Delay: 1000 * time.Hour, Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := clienttest.Start(t, clienttest.Options{InMemory: true})
				begin := time.Now()
				post := func(ctx context.Context) error {
					req, _ := http.NewRequestWithContext(ctx, "POST", s.TokenURL(), http.NoBody)
					res, err := s.Client().Do(req)
					if err == nil {
						res.Body.Close()
					}
					return err
				}
				s.Inject(fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := post(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("client that goes: %v", err)
				}

				s.Inject(fault)
				done := make(chan error)
				go func() { done <- post(t.Context()) }()
				synctest.Wait()
				s.Close()
				if err := <-done; err == nil {
					t.Error("an answer from a closed server")
				}
				if passed := time.Since(begin); passed != time.Minute {
					t.Errorf("%v passed", passed)
				}
			})
		})
	}
}

func TestFaultStrikesEachSoManyRequests(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	s.Inject(clienttest.Fault{On: clienttest.API, Match: "/employees", Status: 401, Times: 2, Every: 3})
	for i, want := range []int{200, 200, 401, 200, 200, 401, 200, 200, 200} {
		call(t, s, token, "GET", "/api/v1/Akten", "").wants(t, 200) // does not match, so it does not count
		if r := call(t, s, token, "GET", "/employees", ""); r.StatusCode != want {
			t.Errorf("request %d: %d, want %d", i+1, r.StatusCode, want)
		}
	}
}
