package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
)

func TestCallPrintsTheBody(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	want := employees(t, fake)
	for _, args := range [][]string{
		{"call", "--sandbox", "GET", "/employees"},
		{"call", "GET", "/employees", "--sandbox"},
		{"call", "get", "--sandbox", "employees"},
	} {
		got := run(t, nil, args...)
		got.wantQuiet(t)
		if got.out != want {
			t.Errorf("%q prints %q, want %q", args, got.out, want)
		}
	}
}

// employees asks the fake without any of our code.
func employees(t *testing.T, fake *clienttest.Server) string {
	t.Helper()
	req, _ := http.NewRequest("GET", fake.BaseURL()+"employees", nil)
	req.Header.Set("Authorization", "Bearer "+fake.Issue())
	resp, err := fake.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status, err)
	}
	return string(body)
}

func TestFlagsReachTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(file, []byte("{\"ü\": [1,\n2]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args   []string
		in     string
		method string
		query  url.Values
		header []string
		body   string
	}{
		"nothing":         {args: []string{"GET", "/api/v1/Echo"}, method: "GET"},
		"flags first":     {args: []string{"-q", "a=1", "-d", "{}", "PUT", "/api/v1/Echo"}, method: "PUT", query: url.Values{"a": {"1"}}, body: "{}"},
		"flags between":   {args: []string{"PUT", "-q", "a=1", "/api/v1/Echo", "-d", "{}"}, method: "PUT", query: url.Values{"a": {"1"}}, body: "{}"},
		"long flags":      {args: []string{"PUT", "/api/v1/Echo", "--param=a=1", "--header", "X-A: b", "--data={}"}, method: "PUT", query: url.Values{"a": {"1"}}, header: []string{"b"}, body: "{}"},
		"commas":          {args: []string{"GET", "/api/v1/Echo", "-q", "a=1,2", "-q", "a=3", "-q", "b=x, y=z", "-H", "X-A: b, c;d", "-H", "X-A:e"}, method: "GET", query: url.Values{"a": {"1,2", "3"}, "b": {"x, y=z"}}, header: []string{"b, c;d", "e"}},
		"special":         {args: []string{"GET", "/api/v1/Echo?c=%26", "-q", "a=ü&=+ %", "-q", "b="}, method: "GET", query: url.Values{"c": {"&"}, "a": {"ü&=+ %"}, "b": {""}}},
		"negative":        {args: []string{"POST", "/api/v1/Echo", "-d", "-1.5"}, method: "POST", body: "-1.5"},
		"null":            {args: []string{"POST", "/api/v1/Echo", "-d", "null"}, method: "POST", body: "null"},
		"as written":      {args: []string{"POST", "/api/v1/Echo", "-d", ` {"a" : 1.0, "a":"<&>"}`}, method: "POST", body: ` {"a" : 1.0, "a":"<&>"}`},
		"file":            {args: []string{"POST", "/api/v1/Echo", "-d", "@" + file}, method: "POST", body: "{\"ü\": [1,\n2]}\n"},
		"byte order mark": {args: []string{"POST", "/api/v1/Echo", "-d", "\ufeff{}"}, method: "POST", body: "{}"},
		"standard input":  {args: []string{"PATCH", "/api/v1/Echo", "-d", "-"}, in: "[true]\n", method: "PATCH", body: "[true]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, nil, c.in, append([]string{"call", "--sandbox"}, c.args...)...)
			got.wantQuiet(t)
			var echo clienttest.Echo
			if err := json.Unmarshal([]byte(got.out), &echo); err != nil {
				t.Fatalf("%v: %s", err, got.out)
			}
			if echo.Method != c.method || echo.Body != c.body || !slices.Equal(echo.Header["X-A"], c.header) {
				t.Errorf("%s with %q and %q; want %s with %q and %q", echo.Method, echo.Body, echo.Header["X-A"], c.method, c.body, c.header)
			}
			if c.query == nil {
				c.query = url.Values{}
			}
			if diff := cmp.Diff(c.query, echo.Query); diff != "" {
				t.Errorf("query: -want +got:\n%s", diff)
			}
		})
	}
}

func TestOutputIsTheBodyAsReceived(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	for body, want := range map[string]string{
		`{"z" : 1.0,  "a":"\u00fc", "a":12345678901234567890}`: `{"z" : 1.0,  "a":"\u00fc", "a":12345678901234567890}` + "\n",
		"[\n1\n]\n":                  "[\n1\n]\n",
		"  {\"html\":\"<&>\"}\r\n\n": "  {\"html\":\"<&>\"}\r\n\n",
		"null":                       "null\n",
		"":                           "",
		" \n":                        "",
	} {
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, body)
		}))
		got := run(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL), "call", "GET", "/x", "--store", "memory")
		api.Close()
		got.wantQuiet(t)
		if got.out != want {
			t.Errorf("got %q, want %q", got.out, want)
		}
	}
}

func TestRedirects(t *testing.T) {
	fake, elsewhere := clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{})
	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/moved", RedirectTo: fake.BaseURL() + "employees"})
	got := run(t, fake.Env(), "call", "GET", "/moved", "--store", "memory")
	got.wantQuiet(t)
	if got.out != employees(t, fake) {
		t.Errorf("followed to %q", got.out)
	}

	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/away", RedirectTo: elsewhere.BaseURL() + "employees?a=geheim"})
	got = run(t, fake.Env(), "call", "GET", "/away", "--store", "memory")
	got.wantFailure(t, 1, "redirect", "http://"+elsewhere.Options().Addr)
	if n := elsewhere.Counts().APICalls; n != 0 {
		t.Errorf("%d calls arrived elsewhere", n)
	}

	fake.Inject(clienttest.Fault{On: clienttest.API, Match: "/round", RedirectTo: "/round", Times: -1})
	run(t, fake.Env(), "call", "GET", "/round", "--store", "memory").wantFailure(t, 1, "redirects")
}

// A body has an end, or the process would take all memory before it sends anything.
func TestBodyIsBounded(t *testing.T) {
	const most = 64 << 20
	long := filepath.Join(t.TempDir(), "long")
	if err := errors.Join(os.WriteFile(long, nil, 0o600), os.Truncate(long, most+1)); err != nil {
		t.Fatal(err)
	}
	for from, in := range map[string]string{"@" + long: "", "-": strings.Repeat(" ", most+1)} {
		got := runWith(t, nil, in, "call", "--sandbox", "POST", "/appointments", "-d", from)
		got.wantFailure(t, 2, "--data: there are more than 67108864 bytes")
	}
}
