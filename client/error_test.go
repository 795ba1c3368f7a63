package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
)

// failed makes a call that gets this answer and returns the APIError.
func failed(t *testing.T, w *world, r client.Request, f clienttest.Fault) *client.APIError {
	t.Helper()
	f.On, f.Times = clienttest.API, -1
	w.fake.Inject(f)
	_, err := w.Call(t.Context(), r)
	w.fake.ClearFaults()
	var api *client.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got %v; want an APIError", err)
	}
	return api
}

func TestAPIErrorFields(t *testing.T) {
	w := start(t, setup{})
	r := client.Request{Method: "PUT", Endpoint: "/api/v1/Akten/7?kennwort=geheim", Query: url.Values{"q": {"geheim"}}, Body: 1}
	got := failed(t, w, r, clienttest.Fault{
		Status: 409, Body: "{\n \"message\":\t\"Konflikt\"}", Header: http.Header{"Retry-After": {"7"}, "X-Request-Id": {"r-7"}},
	})
	if got.Status != 409 || got.Method != "PUT" || got.Path != "/api/v1/Akten/7" || got.RequestID != "r-7" ||
		string(got.Body) != "{\n \"message\":\t\"Konflikt\"}" || got.Header.Get("Retry-After") != "7" || got.TokenErr != nil {
		t.Errorf("got %#v", got)
	}
	const want = `client: PUT /api/v1/Akten/7: status 409 Conflict: { "message": "Konflikt"} (request r-7)`
	if got.Error() != want {
		t.Errorf("message %s\nwant    %s", got.Error(), want)
	}
}

func TestAPIErrorAfterRedirect(t *testing.T) {
	w := start(t, setup{})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/gone?secret=1", Status: http.StatusSeeOther})
	_, err := w.Call(t.Context(), client.Request{Endpoint: "/employees"})
	var got *client.APIError
	if !errors.As(err, &got) || got.Status != 404 || got.Method != "GET" || got.Path != "/gone" {
		t.Errorf("got %v; want the request that was answered", err)
	}
}

func TestSentinels(t *testing.T) {
	sentinels := map[int]error{
		401: client.ErrUnauthorized, 403: client.ErrForbidden, 404: client.ErrNotFound,
		409: client.ErrConflict, 429: client.ErrTooManyRequests,
	}
	for status := 400; status < 600; status++ {
		err := fmt.Errorf("deeper: %w", &url.Error{Op: "Get", URL: "x", Err: &client.APIError{Status: status}})
		for of, sentinel := range sentinels {
			if got, want := errors.Is(err, sentinel), of == status; got != want {
				t.Errorf("status %d matches %v: %v", status, sentinel, got)
			}
		}
	}
}

func TestStatusThatHTTPDoesNotKnow(t *testing.T) {
	if got, want := (&client.APIError{Status: 599, Method: "GET", Path: "/x"}).Error(), "client: GET /x: status 599"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	w := start(t, setup{})
	for name, f := range map[string]clienttest.Fault{
		"controls":   {Status: 500, Body: "a\r\nb\x00\x1b[31m\u0085\u2028\u2029c\u009b"},
		"long":       {Status: 500, Body: strings.Repeat("Ä", 10_000)},
		"request id": {Status: 500, Header: http.Header{"X-Request-Id": {strings.Repeat("x", 5000)}}},
	} {
		got := failed(t, w, client.Request{Endpoint: "/a%0Ab%85"}, f)
		text := got.Error()
		if strings.ContainsAny(text, "\r\n\x00\x1b\u0085\u2028\u2029\u009b") || len(text) > 1100 {
			t.Errorf("%s: message %q", name, text)
		}
	}
}

func TestErrorBodyIsCapped(t *testing.T) {
	w := start(t, setup{})
	body := strings.Repeat("0123456789abcdef", 1<<16)
	if got := failed(t, w, client.Request{}, clienttest.Fault{Status: 500, Body: body}); string(got.Body) != body[:64<<10] || !got.Truncated || len(got.Error()) > 300 {
		t.Errorf("%d bytes were kept, truncated: %v: %v", len(got.Body), got.Truncated, got)
	}
	if got := failed(t, w, client.Request{}, clienttest.Fault{Status: 500, Body: body[:64<<10]}); string(got.Body) != body[:64<<10] || got.Truncated {
		t.Errorf("%d bytes were kept, truncated: %v", len(got.Body), got.Truncated)
	}
}

// A server may write our own bearer into its answer.
func TestErrorsDoNotShowTheToken(t *testing.T) {
	statuses := []int{302, 500, 304, 400, 401}
	if underRace {
		statuses = statuses[:2] // for time
	}
	const opaque = `a+b/c=d.e"f\g~h&i'j<k>` // all that a token may have
	for _, text := range []string{opaque, strings.Repeat("ab+/", 200)} {
		c := func(f func(*http.Request) *http.Response) *client.APIError {
			c, err := client.New(client.Config{
				BaseURL: "http://api.test", AllowInsecure: true, Source: newSource(t, text), Logger: new(logs).logger(),
				Base: roundTrip(func(req *http.Request) (*http.Response, error) { return f(req), nil }),
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Call(t.Context(), client.Request{Endpoint: "/x"})
			var api *client.APIError
			if !errors.As(err, &api) {
				t.Fatalf("got %v; want an APIError", err)
			}
			return api
		}
		jsonEscaped := strings.NewReplacer(`+`, `\u002B`, `/`, `\/`, `"`, `\"`, `\`, `\\`, `&`, `\u0026`, `'`, `\u0027`, `<`, `\u003c`, `>`, `\u003E`).Replace(text)
		htmlEscaped := strings.NewReplacer(`+`, `&#x2B;`, `"`, `&#34;`, `&`, `&#38;`, `'`, `&#39;`, `<`, `&#60;`, `>`, `&#x3e;`).Replace(text)
		for name, written := range map[string]string{
			"plain": text, "JSON": jsonEscaped, "HTML": htmlEscaped, "query": url.QueryEscape(text), "path": url.PathEscape(text),
		} {
			for _, status := range statuses {
				const kept = 64<<10 - 6
				body := strings.Repeat(".", kept) + written + "!" // at the end of what is kept
				got := c(func(req *http.Request) *http.Response {
					return answer(req, status, body, "X-Request-Id: "+written, "X-Echo: Bearer "+written)
				})
				shown := fmt.Sprint(string(got.Body), got.RequestID, got.Header, got.Error(), fmt.Sprintf("%#v", got))
				if i := strings.Index(shown, written[:3]); i >= 0 || strings.Contains(shown, text) {
					t.Errorf("%s, status %d: shown: …%.40s", name, status, shown[max(0, i-10):])
				}
				if want := strings.Repeat(".", kept) + "[redac"; string(got.Body) != want || !got.Truncated {
					t.Errorf("%s, status %d: body ends in %q", name, status, got.Body[len(got.Body)-16:])
				}
			}
		}
	}
}

func TestRedirectDoesNotShowTheToken(t *testing.T) {
	c := stubbed(t, "http://api.test", func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/x" {
			return answer(req, 302, "", "Location: /y/tok-1"), nil
		}
		return answer(req, 500, ""), nil
	})
	_, err := c.Call(t.Context(), client.Request{Endpoint: "/x"})
	var api *client.APIError
	if !errors.As(err, &api) || api.Path != "/y/[redacted]" {
		t.Errorf("got %v", err)
	}
}

func TestErrorsDoNotShowAPassword(t *testing.T) {
	w := start(t, setup{})
	err := w.get(t.Context(), "https://user:swordfish@api.test/x")
	if err == nil || strings.Contains(err.Error()+w.logs.String(), "swordfish") {
		t.Errorf("got %v", err)
	}
}

// Whoever calls finds out why there is no token, by Call and below it.
func TestTokenErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		fault clienttest.Fault
		want  error
	}{
		"refused":   {clienttest.Fault{Status: 401}, gateway.ErrRefused},
		"down":      {clienttest.Fault{Status: 503}, gateway.ErrOutage},
		"malformed": {clienttest.Fault{Malformed: true}, gateway.ErrMalformed},
		"reset":     {clienttest.Fault{Reset: true}, gateway.ErrOutage},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setup{})
			tt.fault.Times = -1
			w.fake.Inject(tt.fault)
			errs := map[string]error{"Call": w.get(t.Context(), "/employees?q=secret")}
			_, errs["HTTPClient"] = w.HTTPClient().Get(w.fake.BaseURL() + "employees")
			req, _ := http.NewRequest("GET", w.fake.BaseURL()+"employees", nil)
			_, errs["Do"] = w.Do(req)
			for from, err := range errs {
				var te *gateway.TokenError
				var fe *token.FetchError
				if !errors.Is(err, tt.want) || !errors.As(err, &te) || !errors.As(err, &fe) {
					t.Errorf("%s: %v", from, err)
				} else if !oneLine(err) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%s: message %q", from, err)
				}
			}
			if n := w.fake.Counts(); n.TokenRequests != 1 || n.APICalls != 0 {
				t.Errorf("%+v; want one token request and no call", n)
			}
		})
	}
}

func TestNothingButA401IsRetried(t *testing.T) {
	for _, f := range []clienttest.Fault{
		{Status: 400}, {Status: 403}, {Status: 404}, {Status: 408}, {Status: 425}, {Status: 429, Header: http.Header{"Retry-After": {"0"}}},
		{Status: 500}, {Status: 502}, {Status: 503, Header: http.Header{"Retry-After": {"0"}}}, {Status: 504}, {Reset: true}, {Cut: true},
	} {
		w := start(t, setup{})
		w.warm(t)
		before := w.fake.Counts()
		f.On, f.Times = clienttest.API, -1
		w.fake.Inject(f)
		// Not GET: net/http itself sends that again when an idle connection breaks.
		if _, err := w.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/x", Body: 1}); err == nil {
			t.Errorf("%+v: no error", f)
		}
		want := clienttest.Counts{APICalls: 1, Faults: 1}
		if diff := cmp.Diff(want, w.since(before)); diff != "" {
			t.Errorf("%+v: %s", f, diff)
		}
	}
}
