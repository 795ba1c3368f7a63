package control_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestOptionsChangeWhileItRuns(t *testing.T) {
	fake, base := start(t)
	var got map[string]any
	call(t, "PATCH", base+"options", `{"lifetime":"10m","token_latency":0.25,"latency":"5ms","skew":-60,"shape":"no-zone"}`).want(t, 200, &got)
	want := map[string]any{
		"lifetime": 600.0, "token_latency": 0.25, "latency": 0.005, "skew": -60.0, "shape": "no-zone", "timestamp_window": 300.0, "strict": false,
		"rows": 0.0, "seed": 0.0, "base_url": fake.BaseURL(), "token_url": fake.TokenURL(), "discovery_url": fake.DiscoveryURL(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	o := fake.Options()
	if o.Lifetime != 10*time.Minute || o.TokenLatency != 250*time.Millisecond || o.Latency != 5*time.Millisecond || o.Skew != -time.Minute || o.Shape != clienttest.ShapeNoZone {
		t.Errorf("%+v", o)
	}
	call(t, "PATCH", base+"options", `{"latency":0}`).want(t, 200, nil)
	call(t, "PATCH", base+"options", `{"latency":3600,"rows":3}`).wantProblem(t, 400, "rows")
	if o := fake.Options(); o.Latency != 0 || o.Lifetime != 10*time.Minute {
		t.Errorf("%+v", o)
	}
	text := call(t, "GET", base+"options", "").text
	if again := call(t, "PATCH", base+"options", `{}`).text; again != text {
		t.Errorf("%s, before %s", again, text)
	}
	for _, shape := range []string{"both", "expires-in", "fraction", "text", "utc", "no-zone", "none"} {
		if call(t, "PATCH", base+"options", `{"shape":"`+shape+`"}`).want(t, 200, &got); got["shape"] != shape {
			t.Errorf("%v, want %s", got, shape)
		}
	}
}

func TestTokens(t *testing.T) {
	fake, base := start(t)
	issue := func() string {
		var got struct{ Token string }
		call(t, "POST", base+"tokens", "").want(t, 201, &got)
		return got.Token
	}
	works := func(token string) bool {
		return call(t, "GET", fake.BaseURL()+"employees", "", "Authorization", "Bearer "+token).status == 200
	}
	a, b := issue(), issue()
	for _, c := range []struct {
		body string
		want bool
	}{{jsonOf(map[string]any{"token": a}), true}, {jsonOf(map[string]any{"token": a}), false}, {`{"token":"x"}`, false}} {
		var got struct{ Revoked bool }
		if call(t, "POST", base+"tokens/revoke", c.body).want(t, 200, &got); got.Revoked != c.want {
			t.Errorf("%s: %v", c.body, got)
		}
	}
	if works(a) || !works(b) {
		t.Error("another one was revoked")
	}
	if call(t, "POST", base+"tokens/revoke", `{"all":true}`).want(t, 200, nil); works(b) {
		t.Error("not all are revoked")
	}
	var counts map[string]int
	call(t, "GET", base+"counts", "").want(t, 200, &counts)
	delete(counts, "connections")
	if diff := cmp.Diff(map[string]int{"token_requests": 0, "tokens_issued": 2, "tokens_refused": 0, "discovery_requests": 0, "api_calls": 3, "unauthorized": 2, "faults": 0}, counts); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func jsonOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
