package advowareotel_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	advowareotel "github.com/advoware-go/advoware/otel"
)

func TestEachAttemptIsASpan(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.warm()
	w.fake.RevokeAll()
	w.warm()
	spans := w.ended("GET /employees")
	var got [][3]string
	for _, s := range spans {
		a := attributes(s)
		got = append(got, [3]string{a["http.response.status_code"], a["http.request.resend_count"], s.Status().Code.String()})
	}
	want := [][3]string{{"200", "", "Unset"}, {"401", "", "Error"}, {"200", "1", "Unset"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	durations := samples(t, w.scrape(), "http_client_request_duration_seconds")
	sum := 0.0
	for name, n := range durations {
		if !strings.Contains(name, "/employees") {
			t.Errorf("%q has no template of a path", name)
		}
		sum += n
	}
	if sum != 3 {
		t.Errorf("%v attempts measured, want 3: %v", sum, durations)
	}
}

func TestRedirectCountsAsAResend(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.warm()
	w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/employees/1?name=Mueller"})
	w.warm()
	spans := w.ended("GET /{redirected}")
	if len(spans) != 1 || attributes(spans[0])["http.request.resend_count"] != "1" {
		t.Errorf("%v", spans)
	}
}

func TestWhatIsShownOfARequest(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.warm()
	if _, err := w.Call(t.Context(), client.Request{Method: http.MethodGet, Endpoint: "/employees/4711", Query: url.Values{"name": {"Mueller"}}}); err != nil {
		t.Log(err) // there is none of that number, perhaps
	}
	spans := w.ended("GET /employees/{id}")
	if len(spans) != 1 {
		t.Fatalf("%d spans", len(spans))
	}
	base, err := url.Parse(w.fake.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	got := attributes(spans[0])
	delete(got, "http.response.status_code")
	delete(got, "error.type")
	want := map[attribute.Key]string{
		"http.request.method": "GET", "url.template": "/employees/{id}", "url.full": "http://" + base.Host + "/employees/%7Bid%7D",
		"server.address": base.Hostname(), "server.port": base.Port(), "network.protocol.version": "1.1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A failure is shown by its kind; the caller gets it as it was.
func TestErrorsAreShownByTheirKind(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.warm()
	reset := w.fake.Inject(clienttest.Fault{On: clienttest.API, Reset: true, Times: -1}) // net/http asks once more
	err := w.call("/employees")
	reset.Remove()
	if err == nil {
		t.Fatal("no error")
	}
	spans := w.ended("GET /employees")
	s := spans[len(spans)-1]
	if s.Status().Code != codes.Error || strings.Contains(s.Status().Description, "127.0.0.1") || attributes(s)["error.type"] == "" {
		t.Errorf("%v, %v", s.Status(), attributes(s))
	}
	if strings.Contains(err.Error(), "the exchange failed") {
		t.Errorf("the caller got %v", err)
	}
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Cut: true})
	if err := w.call("/employees"); err == nil || strings.Contains(err.Error(), "the exchange failed") {
		t.Errorf("of a body that was cut the caller got %v", err)
	}
}

// The API belongs to somebody else.
func TestNothingOfATraceIsSentUnlessWanted(t *testing.T) {
	t.Parallel()
	for _, wanted := range []bool{false, true} {
		opts := advowareotel.Options{}
		if wanted {
			opts.Propagator = propagation.TraceContext{}
		}
		w := start(t, setup{opts: opts})
		w.warm()
		sent := false
		for _, r := range w.fake.Requests() {
			sent = sent || r.Header.Get("Traceparent") != ""
		}
		if sent != wanted {
			t.Errorf("a trace was sent: %v, want %v", sent, wanted)
		}
	}
}

func TestTemplatesAreBounded(t *testing.T) {
	t.Parallel()
	w := start(t, setup{})
	w.warm()
	word := []byte("aaa")
	for range 300 {
		for i := range word {
			if word[i]++; word[i] <= 'z' {
				break
			}
			word[i] = 'a'
		}
		_ = w.call("/" + string(word))
	}
	names := make(map[string]bool)
	for _, s := range w.spans.Ended() {
		names[s.Name()] = true
	}
	if len(names) > 210 || !names["GET /{other}"] {
		t.Errorf("%d names of spans", len(names))
	}
}
