package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/advoware-go/advoware/advotime"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

// inBubble runs a test with a caller of a fake, where pauses take no time.
func inBubble(t *testing.T, test func(t *testing.T, c *caller, fake *clienttest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, fake := advowaretest.Client(t, clienttest.Options{InMemory: true, Seed: 1})
		test(t, &caller{client: c, limit: rate.NewLimiter(10, 1)}, fake)
	})
}

func appointment() Appointment {
	begin := time.Now().Add(24 * time.Hour).Truncate(time.Hour)
	return Appointment{Anwalt: "HB", Text: "Besprechung", Datum: advotime.InUTC(begin), DatumBis: advotime.InUTC(begin.Add(time.Hour))}
}

func only(method string) func(*clienttest.Request) bool {
	return func(r *clienttest.Request) bool { return r.Method == method }
}

// made is how many appointments of that text there are.
func made(t *testing.T, c *caller, text string) (n int) {
	t.Helper()
	for a, err := range client.Each[Appointment](t.Context(), c.client, client.Request{Endpoint: path}) {
		if err != nil {
			t.Fatal(err)
		}
		if a.Text == text {
			n++
		}
	}
	return n
}

func TestReadingIsRepeated(t *testing.T) {
	for name, fault := range map[string]clienttest.Fault{
		"500": {Status: 500}, "reset": {Reset: true}, "cut": {Cut: true}, "off": {Refusal: clienttest.NotConnected},
		"429": {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *caller, fake *clienttest.Server) {
				fault.On = clienttest.API
				struck, begun := fake.Inject(fault), time.Now()
				list, err := call[[]Appointment](t.Context(), c, client.Request{Endpoint: path, Method: http.MethodGet})
				if err != nil || len(list) == 0 || struck.Hits() != 1 {
					t.Errorf("%d appointments, %v, struck %d times", len(list), err, struck.Hits())
				}
				if took := time.Since(begun); name == "429" && took < 30*time.Second || name == "off" && took < 70*time.Second {
					t.Errorf("again after %v", took)
				}
			})
		})
	}
}

// Whatever happens, there is one appointment at most, and one for each number returned.
func TestWritingIsDoneOnce(t *testing.T) {
	for name, test := range map[string]struct {
		fault clienttest.Fault
		made  int
	}{
		"answer cut":      {clienttest.Fault{On: clienttest.API, Cut: true}, 1}, // it was made, and is found
		"reset":           {clienttest.Fault{On: clienttest.API, Reset: true}, 0},
		"500":             {clienttest.Fault{On: clienttest.API, Status: 500}, 0},
		"gateway is down": {clienttest.Fault{Status: 503}, 1}, // nothing was sent
		"429":             {clienttest.Fault{On: clienttest.API, Status: 429}, 1},
		"refused":         {clienttest.Fault{On: clienttest.API, Status: 403}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *caller, fake *clienttest.Server) {
				before := made(t, c, "Besprechung")
				if test.fault.On == clienttest.TokenEndpoint {
					fake.RevokeAll()
				}
				test.fault.Where = func(r *clienttest.Request) bool { return r.On == clienttest.TokenEndpoint || only("POST")(r) }
				fake.Inject(test.fault)
				number, err := create(t.Context(), c, appointment())
				if n := made(t, c, "Besprechung") - before; n != test.made || (err == nil) != (n == 1) || (number == 0) != (n == 0) {
					t.Errorf("%d made; want %d; number %d, %v", n, test.made, number, err)
				}
			})
		})
	}
}

// A wrong password is tried once: more attempts lock the account.
func TestRefusedCredentialsAreNotRepeated(t *testing.T) {
	inBubble(t, func(t *testing.T, c *caller, fake *clienttest.Server) {
		fake.Inject(clienttest.Fault{Refusal: clienttest.WrongPassword, Times: -1})
		_, err := create(t.Context(), c, appointment())
		if n := fake.Counts().TokenRequests; !errors.Is(err, gateway.ErrWrongCredentials) || n != 1 {
			t.Errorf("%v after %d token requests", err, n)
		}
	})
}

// Five attempts at most; then the error of the last one.
func TestGivesUp(t *testing.T) {
	inBubble(t, func(t *testing.T, c *caller, fake *clienttest.Server) {
		down := fake.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Times: -1})
		_, err := call[[]Appointment](t.Context(), c, client.Request{Endpoint: path, Method: http.MethodGet})
		if e, ok := errors.AsType[*client.APIError](err); !ok || e.Status != 500 || down.Hits() != 5 {
			t.Errorf("%v after %d attempts", err, down.Hits())
		}
	})
}

func TestRate(t *testing.T) {
	inBubble(t, func(t *testing.T, c *caller, fake *clienttest.Server) {
		begun := time.Now()
		for range 21 {
			if _, err := call[any](t.Context(), c, client.Request{Endpoint: "/employees", Method: http.MethodGet}); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(begun); took < 2*time.Second {
			t.Errorf("21 calls in %v", took)
		}
	})
}

func TestAsAProcess(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	if r := exampletest.Run(t, exampletest.Env(fake)); r.Status != 0 || !strings.HasPrefix(r.Stdout, "appointment 50") {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	fake.Inject(clienttest.Fault{On: clienttest.API, Where: only("POST"), Reset: true, Times: -1})
	if r := exampletest.Run(t, exampletest.Env(fake)); r.Status != 1 || !strings.Contains(r.Stderr, "may have been carried out") {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	for _, rate := range []string{"0", "-1", "NaN"} {
		if r := exampletest.Run(t, exampletest.Env(fake), "-rate", rate); r.Status != 1 || !strings.Contains(r.Stderr, "makes none") {
			t.Errorf("rate %s: status %d\n%s", rate, r.Status, r.Stderr)
		}
	}
}
