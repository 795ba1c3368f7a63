package client_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// Options are for one call, in each of the helpers.
func TestOptions(t *testing.T) {
	w := start(t, setup{})
	var answer client.Answer
	options := []client.Option{
		client.WithHeader("x-one", "1"), client.WithHeader("X-One", "2"), client.WithQuery(url.Values{"b": {"3"}}), client.WithQuery(url.Values{"b": {"4"}}),
		client.WithAnswer(&answer), client.WithTimeout(time.Minute), nil,
	}
	given := url.Values{"b": {"2"}}
	r := client.Request{Method: "GET", Endpoint: echoPath + "?a=1", Query: given, Header: http.Header{}}
	r.Header["x-one"] = []string{"0"} // as some write it
	type echoed = clienttest.Echo
	for name, call := range map[string]func() error{
		"GET": func() error {
			_, err := client.Get[echoed](t.Context(), w.Client, echoPath+"?a=1", given, options...)
			return err
		},
		"POST": func() error {
			_, err := client.Post[echoed](t.Context(), w.Client, echoPath+"?a=1&b=2", 1, options...)
			return err
		},
		"PUT": func() error {
			_, err := client.Put[echoed](t.Context(), w.Client, echoPath+"?a=1&b=2", 1, options...)
			return err
		},
		"PATCH": func() error {
			_, err := client.Patch[echoed](t.Context(), w.Client, echoPath+"?a=1&b=2", 1, options...)
			return err
		},
		"DELETE": func() error {
			err := client.Delete(t.Context(), w.Client, echoPath+"?a=1&b=2", options...)
			return err
		},
		"Decode": func() error { _, err := client.Decode[echoed](t.Context(), w.Client, r, options...); return err },
		"Open": func() error {
			resp, err := client.Open(t.Context(), w.Client, r, options...)
			return errors.Join(err, resp.Body.Close())
		},
		"Each": func() error {
			for range client.Each[echoed](t.Context(), w.Client, r, options...) {
			}
			return nil
		},
	} {
		answer = client.Answer{Status: 999}
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		requests := w.fake.Requests()
		got := requests[len(requests)-1]
		header := []string{"1", "2"}
		if name == "Decode" || name == "Open" || name == "Each" {
			header = []string{"0", "1", "2"}
		} else if got.Method != name {
			t.Errorf("%s arrived as %s", name, got.Method)
		}
		if diff := cmp.Diff(header, got.Header["X-One"]); diff != "" || got.Query.Encode() != "a=1&b=2&b=3&b=4" {
			t.Errorf("%s: %s %s", name, diff, got.Query.Encode())
		}
		if answer.Status != 200 || answer.Header.Get("Content-Type") == "" {
			t.Errorf("%s: answer %+v", name, answer)
		}
	}
	if diff := cmp.Diff(url.Values{"b": {"2"}}, given); diff != "" || len(r.Header) != 1 {
		t.Errorf("what the caller gave was changed: %s, %v", diff, r.Header)
	}
}

// The header of a good answer, and of no other.
func TestAnswer(t *testing.T) {
	w := start(t, setup{})
	var got client.Answer
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 201, Body: "7", Header: http.Header{"Location": {"/appointments/7"}, "Etag": {`"a"`}}})
	id, err := client.Post[int](t.Context(), w.Client, "/appointments", 1, client.WithAnswer(&got))
	if err != nil || id != 7 || got.Status != 201 || got.Header.Get("Location") != "/appointments/7" || got.Header.Get("ETag") != `"a"` {
		t.Errorf("%d, %v, %+v", id, err, got)
	}
	for name, f := range map[string]clienttest.Fault{"status": {Status: 404}, "reset": {Reset: true}} {
		f.On, f.Times = clienttest.API, -1
		w.fake.Inject(f)
		if _, err := w.Call(t.Context(), client.Request{Answer: &got}); err == nil || got.Status != 0 || got.Header != nil {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
		w.fake.ClearFaults()
		got.Status = 1
	}
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Body: "[1,2]", Header: http.Header{"X-Total-Count": {"2"}}})
	for _, err := range client.Each[int](t.Context(), w.Client, client.Request{Answer: &got}) {
		if err != nil || got.Header.Get("X-Total-Count") != "2" {
			t.Errorf("%v, %+v", err, got)
		}
	}
}

func TestTimeoutOption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		hang(w)
		began := time.Now()
		_, err := client.Get[any](t.Context(), w.Client, "/employees", nil, client.WithTimeout(2*time.Second))
		if took := time.Since(began); !isTimeout(err) || took != 2*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestBodyOption(t *testing.T) {
	w := start(t, setup{})
	got, err := client.Decode[clienttest.Echo](t.Context(), w.Client, client.Request{Method: http.MethodDelete, Endpoint: echoPath}, client.WithBody(map[string]int{"a": 1}))
	if err != nil || got.Body != `{"a":1}` {
		t.Errorf("%+v, %v", got, err)
	}
}
