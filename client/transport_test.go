package client_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// What RoundTrip is given stays as it is, whatever comes back.
func TestRoundTripLeavesTheRequestAlone(t *testing.T) {
	for name, status := range map[string]int{"200": 200, "401": 401, "500": 500} {
		t.Run(name, func(t *testing.T) {
			n := 0
			base := roundTrip(func(req *http.Request) (*http.Response, error) {
				n++
				req.Header.Set("X-Base", "was here") // its copy, so it may
				if n > 1 {
					status = 200
				}
				return answer(req, status, ""), nil
			})
			tr := &client.Transport{Source: newSource(t, "tok-1", "tok-2"), Origin: parse(t, "https://api.test/base"), Base: base, Logger: new(logs).logger()}
			req, err := http.NewRequestWithContext(t.Context(), "POST", "https://api.test/x?q=1", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = http.Header{"X-Many": {"1", "2"}, "authorization": {"mine"}, "X-Nil": nil, "x-lower": {""}}
			req.Host, req.Trailer = "other.test", http.Header{"T": {"1"}}
			before, header, url, trailer := *req, req.Header.Clone(), *req.URL, req.Trailer.Clone()
			spare := req.Header["X-Many"][:2:2]

			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if resp.Request != req {
				t.Error("Response.Request is not the caller's own")
			}
			if diff := cmp.Diff(header, req.Header); diff != "" {
				t.Errorf("header: %s", diff)
			}
			if &spare[0] != &req.Header["X-Many"][0] || *req.URL != url || !cmp.Equal(req.Trailer, trailer) {
				t.Error("header values, URL or trailer were changed")
			}
			// Funcs compare by identity of the field, everything else by ==.
			was, is := reflect.ValueOf(before), reflect.ValueOf(*req)
			for i := range was.NumField() {
				f := was.Type().Field(i)
				if !f.IsExported() || f.Type.Kind() == reflect.Map || f.Type.Kind() == reflect.Slice {
					continue
				}
				if f.Type.Kind() == reflect.Func {
					if was.Field(i).Pointer() != is.Field(i).Pointer() {
						t.Errorf("%s was changed", f.Name)
					}
				} else if was.Field(i).Interface() != is.Field(i).Interface() {
					t.Errorf("%s was changed", f.Name)
				}
			}
			if req.Context() != t.Context() {
				t.Error("the context was changed")
			}
		})
	}
}

// What is sent is what the caller has set, with our Authorization instead of all of
// his, however many there are and however they are written.
func TestRoundTripSendsTheCallersHeader(t *testing.T) {
	for _, own := range [][]string{nil, {"Authorization"}, {"authorization"}, {"AUTHORIZATION", "Authorization"}} {
		for n := range 20 {
			var sent http.Header
			tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, "https://api.test"), Logger: new(logs).logger(),
				Base: roundTrip(func(req *http.Request) (*http.Response, error) { sent = req.Header; return answer(req, 200, ""), nil })}
			req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.test/x", nil)
			want := http.Header{"Authorization": {"Bearer tok-1"}}
			for i := range n {
				name := fmt.Sprint("X-Header-", i)
				req.Header[name], want[name] = []string{"v"}, []string{"v"}
			}
			for _, name := range []string{"Accept", "Content-Type", "User-Agent"}[:n%4] { // what most requests have
				req.Header[name], want[name] = []string{"v"}, []string{"v"}
			}
			for _, name := range own {
				req.Header[name] = []string{"Basic mine"}
			}
			for i := range n % 3 * 10 { // a map that had more names once is another kind of map
				req.Header.Set(fmt.Sprint("Gone-", i), "v")
			}
			for i := range n % 3 * 10 {
				req.Header.Del(fmt.Sprint("Gone-", i))
			}
			before := req.Header.Clone()
			if _, err := tr.RoundTrip(req); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, sent); diff != "" {
				t.Errorf("%d headers and %v: sent (-want +got):\n%s", n, own, diff)
			}
			if diff := cmp.Diff(before, req.Header); diff != "" {
				t.Errorf("%d headers and %v: the caller's were changed:\n%s", n, own, diff)
			}
		}
	}
}

func TestRoundTripWithoutHeader(t *testing.T) {
	tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, "https://api.test"), Logger: new(logs).logger(),
		Base: roundTrip(func(req *http.Request) (*http.Response, error) {
			if got := req.Header.Get("Authorization"); got != "Bearer tok-1" {
				t.Errorf("Authorization: %q", got)
			}
			return answer(req, 200, ""), nil
		})}
	req := (&http.Request{Method: "GET", URL: parse(t, "https://api.test:443/x")}).WithContext(context.Background())
	if _, err := tr.RoundTrip(req); err != nil || req.Header != nil {
		t.Errorf("%v, header %v", err, req.Header)
	}
}

// A copy of the request and a header map, no more than 3 allocations.
func TestRoundTripAllocations(t *testing.T) {
	resp := &http.Response{StatusCode: 200, Body: http.NoBody}
	base := roundTrip(func(*http.Request) (*http.Response, error) { return resp, nil })
	tr := &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, "https://api.test"), Base: base, Logger: slog.New(slog.DiscardHandler)}
	for n := range 8 {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.test/x", nil)
		for i := range n {
			req.Header.Set(fmt.Sprintf("X-Header-%d", i), "v")
		}
		floor := testing.AllocsPerRun(100, func() { _, _ = base.RoundTrip(req) })
		got := testing.AllocsPerRun(100, func() { _, _ = tr.RoundTrip(req) })
		t.Logf("%d headers: %v allocations more", n, got-floor)
		if got-floor > 3 {
			t.Errorf("%d headers: %v allocations more, want 3 at most", n, got-floor)
		}
	}
}

// The copy that was sent, token included, stays inside, also after a retry.
func TestRequestOfAResponse(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	w.fake.RevokeAll()
	for _, target := range []string{"employees", "nowhere"} {
		resp, err := w.HTTPClient().Get(w.fake.BaseURL() + target)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if len(resp.Request.Header["Authorization"]) != 0 {
			t.Errorf("%s: the token is in Response.Request", target)
		}
	}
}

func TestTransportWithDefaults(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{}) // on loopback, for http.DefaultTransport
	defer http.DefaultClient.CloseIdleConnections()
	old := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(old)
	h := &http.Client{Transport: &client.Transport{Source: newSource(t, fake.Issue()), Origin: parse(t, fake.BaseURL())}}
	resp, err := h.Get(fake.BaseURL() + "employees")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()
}
