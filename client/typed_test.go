package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

type appointment struct {
	ID    int    `json:"id,omitempty"`
	Datum string `json:"datum,omitempty"`
	Text  string `json:"text,omitempty"`
}

func TestTypedHelpers(t *testing.T) {
	w := start(t, setup{})
	ctx := t.Context()
	made, err := client.Post[appointment](ctx, w.Client, "/appointments", appointment{Datum: "2026-03-01", Text: "Gütetermin"})
	if err != nil || made.ID == 0 {
		t.Fatalf("Post: %+v, %v", made, err)
	}
	one := "/appointments/" + strconv.Itoa(made.ID)
	put, err := client.Put[appointment](ctx, w.Client, one, appointment{Text: "verlegt"})
	if want := (appointment{made.ID, "2026-03-01", "verlegt"}); err != nil || put != want {
		t.Errorf("Put: %+v, %v", put, err)
	}
	patched, err := client.Patch[*appointment](ctx, w.Client, one, map[string]string{"datum": "2026-03-02"})
	if want := (&appointment{made.ID, "2026-03-02", "verlegt"}); err != nil || !cmp.Equal(patched, want) {
		t.Errorf("Patch: %+v, %v", patched, err)
	}
	list, err := client.Get[[]appointment](ctx, w.Client, "/appointments", url.Values{"from": {"2026-03-01"}})
	if want := []appointment{*patched}; err != nil || !cmp.Equal(list, want) {
		t.Errorf("Get: %+v, %v", list, err)
	}
	if err := client.Delete(ctx, w.Client, one); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if _, err := client.Get[appointment](ctx, w.Client, one, nil); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	var methods []string
	for _, r := range w.fake.Requests()[1:] {
		methods = append(methods, r.Method)
	}
	if diff := cmp.Diff([]string{"POST", "PUT", "PATCH", "GET", "DELETE", "GET"}, methods); diff != "" {
		t.Error(diff)
	}
}

func TestTypedZero(t *testing.T) {
	w := start(t, setup{})
	for range 2 {
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: http.StatusNoContent})
	}
	if v, err := client.Get[appointment](t.Context(), w.Client, "/x", nil); err != nil || v != (appointment{}) {
		t.Errorf("struct: %+v, %v", v, err)
	}
	if v, err := client.Get[map[string]int](t.Context(), w.Client, "/x", nil); err != nil || v != nil {
		t.Errorf("map: %+v, %v", v, err)
	}
}

func TestDecodeOfSomethingElse(t *testing.T) {
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Body: `[{"id":7},{"id":"seven"}]`})
	v, err := client.Decode[[]appointment](t.Context(), w.Client, client.Request{Endpoint: "/x?q=secret"})
	if v != nil {
		t.Errorf("half a value was returned: %+v", v)
	}
	var wrongType *json.UnmarshalTypeError
	var call *client.CallError
	if !errors.As(err, &wrongType) || !errors.As(err, &call) {
		t.Fatalf("got %v; want encoding/json's error in a CallError", err)
	}
	if call.Method != "GET" || call.Endpoint != "/x" || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error does not name the call: %v", err)
	}
}

// An answer that is wanted as it is, is what encoding/json makes of it, the space around it
// taken off.
func TestRawMessageIsTheAnswer(t *testing.T) {
	for _, body := range []string{"{\"a\": [1, 2]}", " \t\r\n[1]\n", "null", " null ", `"x"`, "12345678901234567890", "[1", "", "1 2"} {
		var want json.RawMessage
		wantErr := body != "" && json.Unmarshal([]byte(body), &want) != nil
		for _, useNumber := range []bool{false, true} {
			w := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return answer(req, 200, body), nil })
			got, err := client.Decode[json.RawMessage](t.Context(), w, client.Request{UseNumber: useNumber})
			if string(got) != string(want) || (err != nil) != wantErr {
				t.Errorf("%q, UseNumber %v: %q, %v, want %q", body, useNumber, got, err, want)
			}
		}
	}
}
