package client_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/store"
)

func fingerprint(t *testing.T, text string) string {
	t.Helper()
	tok, err := store.NewToken(text, time.Time{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return tok.Fingerprint()
}

func TestRequestsAreLogged(t *testing.T) {
	w := start(t, setup{})
	tok := fingerprint(t, w.warm(t))
	_, _ = w.Call(t.Context(), client.Request{Method: "PUT", Endpoint: "/nowhere?q=secret"})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Reset: true})
	_, _ = w.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/employees", Body: 1})

	records := w.logs.records(t, "api request")
	var got []map[string]any
	for _, r := range records {
		if _, failed := r["error"]; failed {
			r["error"] = "some"
		}
		delete(r, "time")
		delete(r, "msg")
		got = append(got, r)
	}
	want := []map[string]any{
		{"level": "DEBUG", "method": "GET", "path": "/employees", "status": 200.0, "token": tok, "token_from": "fetched"},
		{"level": "DEBUG", "method": "PUT", "path": "/nowhere", "status": 404.0, "token": tok, "token_from": "near"},
		{"level": "DEBUG", "method": "POST", "path": "/employees", "error": "some", "token": tok, "token_from": "near"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r := w.logs.records(t, "token fetched"); len(r) != 1 || r[0]["level"] != "INFO" || r[0]["token"] != tok {
		t.Errorf("token fetched: %v", r)
	}
	failures := w.logs.records(t, "api call failed")
	if len(failures) != 2 || failures[0]["level"] != "DEBUG" || failures[0]["path"] != "/nowhere" || failures[0]["method"] != "PUT" || failures[1]["error"] == nil {
		t.Errorf("api call failed: %v", failures)
	}
}

// Both attempts are there, each with its own token.
func TestRetriesAreLogged(t *testing.T) {
	w := start(t, setup{})
	first := fingerprint(t, w.warm(t))
	w.fake.RevokeAll()
	second := fingerprint(t, w.warm(t))
	var got []string
	for _, r := range w.logs.records(t, "api request")[1:] {
		got = append(got, r["token"].(string)+" "+r["token_from"].(string))
	}
	if diff := cmp.Diff([]string{first + " near", second + " fetched"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	w := start(t, setup{})
	var secrets []string
	note := func() {
		if tok := w.bearer(); tok != "" {
			secrets = append(secrets, tok, tok[:20], tok[len(tok)-20:])
		}
	}
	w.warm(t)
	note()
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Body: "you sent " + w.bearer(), Header: http.Header{"X-Request-Id": {w.bearer()}}})
	_ = w.get(t.Context(), "/employees?kennwort=swordfish")
	w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "http://user:swordfish@elsewhere.test/?swordfish"})
	_ = w.get(t.Context(), "/employees")
	_ = w.get(t.Context(), "https://user:swordfish@elsewhere.test/")
	w.fake.RevokeAll()
	w.warm(t)
	note()
	w.fake.RevokeAll()
	w.fake.Inject(clienttest.Fault{Status: 401, Body: "Kennwort " + w.fake.Options().Password, Times: -1})
	_ = w.get(t.Context(), "/employees")
	secrets = append(secrets, "swordfish", "Bearer ", w.fake.Options().Password, w.fake.Options().APIKey)
	for _, r := range w.fake.RawRequests() {
		if r.Path == "/api/v1/Token" {
			_, signature, _ := strings.Cut(string(r.Body), `"HMAC512Signature":"`)
			secrets = append(secrets, signature[:40])
		}
	}
	for _, s := range secrets {
		if form, found := leaktest.Find(w.logs.String(), s); found {
			t.Errorf("%.12s… is in the log as %s:\n%s", s, form, w.logs)
		}
	}
}

func TestQuietAboveDebug(t *testing.T) {
	l := new(logs)
	w := start(t, setup{client: func(c *client.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}})
	w.warm(t)
	if l.String() != "" {
		t.Errorf("logged: %s", l)
	}
}

// A call is logged at the level that is set, and what it meets is not an error of the
// log: its caller has it.
func TestCallLevel(t *testing.T) {
	for level, want := range map[slog.Leveler]string{nil: "DEBUG", slog.LevelInfo: "INFO", new(slog.LevelVar): "INFO", slog.LevelError: "ERROR"} {
		w := start(t, setup{client: func(c *client.Config) { c.CallLevel = level }})
		w.warm(t)
		_ = w.get(t.Context(), "/nowhere")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = w.get(ctx, "/employees")
		_ = w.get(t.Context(), "/x?q=100%")
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Reset: true})
		_, _ = w.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/employees", Body: 1})
		failures := w.logs.records(t, "api call failed")
		for _, r := range append(w.logs.records(t, "api request"), failures...) {
			if r["level"] != want {
				t.Errorf("%v: %v", level, r)
			}
		}
		if len(failures) != 4 {
			t.Errorf("%d failures, want 4", len(failures))
		}
	}
}

// Without a Logger what goes wrong is written to the one of the process.
func TestDefaultLogger(t *testing.T) {
	logged, old := new(logs), slog.Default()
	slog.SetDefault(logged.logger())
	defer slog.SetDefault(old)
	c, err := client.New(client.Config{BaseURL: apiBase, Source: newSource(t, "tok-1"), Base: roundTrip(func(req *http.Request) (*http.Response, error) {
		return answer(req, 404, ""), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "/a"}); !errors.Is(err, client.ErrNotFound) {
		t.Error(err)
	}
	if len(logged.records(t, "api request")) != 1 || len(logged.records(t, "api call failed")) != 1 {
		t.Errorf("logged: %s", logged)
	}
}
