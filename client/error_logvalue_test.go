package client_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// asJSON is what slog writes of a value under the key v.
func asJSON(t *testing.T, v any) map[string]any {
	t.Helper()
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("", "v", v)
	var line struct{ V map[string]any }
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return line.V
}

// Errors are groups for slog, whose keys are those of the library's log lines. Its own lines keep
// the text, and neither shows the token, which a server repeats here.
func TestErrorsAsAttributes(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	bearer := w.warm(t)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 503, Times: 1, Body: `{"sent":"` + bearer + `"}`, Header: http.Header{"X-Request-Id": {"r-1"}}})
	_, err := w.Call(t.Context(), client.Request{Method: "PUT", Endpoint: "/employees?secret=1", Body: 1})
	got := asJSON(t, err)
	want := map[string]any{"kind": "api", "method": "PUT", "path": "/employees", "status": 503.0, "request_id": "r-1", "message": err.Error()}
	if diff := cmp.Diff(want, got); diff != "" || strings.Contains(err.Error(), bearer) {
		t.Error(diff)
	}

	w.fake.RevokeAll()
	w.fake.Inject(clienttest.Fault{On: clienttest.TokenEndpoint, Status: 403, Times: -1, Body: `{"error":"Falscher Name oder falsches Kennwort"}`})
	_, err = w.Call(t.Context(), client.Request{Endpoint: "/employees"})
	if got := asJSON(t, err); got["status"] != 401.0 || got["cause"].(map[string]any)["kind"] != "token" {
		t.Errorf("a 401 without another token: %v", got)
	}
	_, err = w.Call(t.Context(), client.Request{Endpoint: "/employees"})
	got = asJSON(t, err)
	fetch, _ := got["cause"].(map[string]any)
	refusal, _ := fetch["cause"].(map[string]any)
	if got["kind"] != "call" || got["sent"] != false || got["timeout"] != false || fetch["kind"] != "token" || fetch["refused"] != true || fetch["next_attempt"] == nil ||
		refusal["kind"] != "token request refused" || refusal["status"] != 403.0 || refusal["reason"] != "wrong-credentials" {
		t.Errorf("no token: %v", got)
	}
	for _, line := range strings.Split(w.logs.String(), "\n") {
		if strings.Contains(line, "error.") || strings.Contains(line, bearer) {
			t.Errorf("a log line of the library has another form: %s", line)
		}
	}
}

// The status and the counters have the same members as as JSON.
func TestStatusAndStatsAsAttributes(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.warm(t)
	for name, v := range map[string]any{"stats": w.Stats(), "status": w.Status()} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		got := asJSON(t, v)
		for key, value := range want {
			if !strings.Contains("expiry renewal fetched", key) && !cmp.Equal(got[key], value) || got[key] == nil {
				t.Errorf("%s: %s is %v, want %v", name, key, got[key], value)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
