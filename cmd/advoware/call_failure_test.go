package main_test

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/leaktest"
)

func TestFailedCalls(t *testing.T) {
	api := func(f clienttest.Fault) clienttest.Fault { f.On, f.Times = clienttest.API, -1; return f }
	gateway := func(f clienttest.Fault) clienttest.Fault { f.Times = -1; return f }
	for name, c := range map[string]struct {
		env    func(t *testing.T) []string
		fault  clienttest.Fault
		args   []string
		words  []string // the first stands in front
		noCall bool     // no token, so the API is never asked
	}{
		"not found":     {args: []string{"GET", "/nothing/here"}, words: []string{"API status 404", "GET /nothing/here"}},
		"server error":  {fault: api(clienttest.Fault{Status: 503}), words: []string{"API status 503"}},
		"unauthorized":  {fault: api(clienttest.Fault{Status: 401}), words: []string{"API status 401"}},
		"not JSON":      {fault: api(clienttest.Fault{Body: "<html>\n", Header: http.Header{"Content-Type": {"text/html"}}}), words: []string{"GET /employees: the answer is not JSON", "text/html"}},
		"broken JSON":   {fault: api(clienttest.Fault{Malformed: true}), words: []string{"GET /employees: the answer is not JSON"}},
		"cut":           {fault: api(clienttest.Fault{Cut: true}), words: []string{"network", "GET /employees"}},
		"reset":         {fault: api(clienttest.Fault{Reset: true}), words: []string{"network"}},
		"slow":          {fault: api(clienttest.Fault{Hang: true}), args: []string{"GET", "/employees", "--timeout", "300ms"}, words: []string{"timeout", "GET /employees"}},
		"slow gateway":  {fault: gateway(clienttest.Fault{Hang: true}), args: []string{"GET", "/employees", "--timeout", "300ms"}, words: []string{"timeout"}, noCall: true},
		"gateway error": {fault: gateway(clienttest.Fault{Status: 500}), words: []string{"gateway down", "500"}, noCall: true},
		"gateway reset": {fault: gateway(clienttest.Fault{Reset: true}), words: []string{"gateway down"}, noCall: true},
		"token garbled": {fault: gateway(clienttest.Fault{Malformed: true}), words: []string{"malformed token response"}, noCall: true},
		"no gateway": {env: func(t *testing.T) []string {
			return []string{"ADVOWARE_TOKEN_URL=http://127.0.0.1:" + e2etest.ClosedPort(t) + "/"}
		}, words: []string{"gateway down", "refused"}, noCall: true},
		"no API": {env: func(t *testing.T) []string {
			return []string{"ADVOWARE_API_BASE_URL=http://127.0.0.1:" + e2etest.ClosedPort(t) + "/"}
		}, words: []string{"network", "refused"}, noCall: true},
		"no address": {env: func(t *testing.T) []string {
			return []string{"ADVOWARE_DISCOVERY=on", "ADVOWARE_DISCOVERY_URL=http://127.0.0.1:" + e2etest.ClosedPort(t) + "/"}
		}, words: []string{"the address of the Kanzlei is not known", "refused", "ADVOWARE_DISCOVERY=off", "ADVOWARE_API_BASE_URL"}, noCall: true},
		"wrong password": {env: func(*testing.T) []string { return []string{"ADVOWARE_PASSWORD=" + wrongPassword} },
			words: []string{"token request refused", "401", "wrong user or password"}, noCall: true},
		"wrong key": {env: func(*testing.T) []string { return []string{"ADVOWARE_API_KEY=" + wrongKey} },
			words: []string{"token request refused"}, noCall: true},
	} {
		t.Run(name, func(t *testing.T) {
			fake := clienttest.Start(t, clienttest.Options{})
			vars := fake.Env()
			if c.env != nil {
				vars = append(vars, c.env(t)...)
			}
			if c.fault.Times != 0 {
				fake.Inject(c.fault)
			}
			if c.args == nil {
				c.args = []string{"GET", "/employees"}
			}
			got := run(t, vars, append([]string{"call", "--store", "memory"}, c.args...)...)
			got.wantFailure(t, 1, c.words...)
			if !strings.HasPrefix(got.err, "advoware: "+c.words[0]) {
				t.Errorf("stderr %q; want %q in front", got.err, c.words[0])
			}
			id := fake.Options()
			if form, found := leaktest.Find(got.err, id.Password, id.APIKey, wrongPassword, wrongKey); found {
				t.Errorf("a secret is shown as %q: %q", form, got.err)
			}
			if n := fake.Counts().APICalls; c.noCall != (n == 0) {
				t.Errorf("%d calls arrived", n)
			}
			if n := fake.Counts().TokensRefused; n > 1 {
				t.Errorf("%d token requests were refused: that locks accounts", n)
			}
		})
	}
}

// Whoever writes by the command is told too whether it may have been done.
func TestFailedWritesSayWhetherTheyMayBeDone(t *testing.T) {
	const may, not = "(it may have been carried out)", "(it was not sent)"
	for name, c := range map[string]struct {
		fault clienttest.Fault
		env   string
		args  []string
		want  string
	}{
		"reset":         {fault: clienttest.Fault{On: clienttest.API, Reset: true}, want: may},
		"cut":           {fault: clienttest.Fault{On: clienttest.API, Cut: true}, want: may},
		"slow":          {fault: clienttest.Fault{On: clienttest.API, Hang: true}, args: []string{"--timeout", "300ms"}, want: may},
		"not JSON":      {fault: clienttest.Fault{On: clienttest.API, Body: "<html>"}, want: may},
		"server error":  {fault: clienttest.Fault{On: clienttest.API, Status: 502}, want: may},
		"several":       {fault: clienttest.Fault{On: clienttest.API, Status: 502}, args: []string{"--repeat", "2"}, want: may},
		"conflict":      {fault: clienttest.Fault{On: clienttest.API, Status: 409}},
		"no API":        {env: "ADVOWARE_API_BASE_URL=http://127.0.0.1:" + e2etest.ClosedPort(t) + "/", want: not},
		"gateway":       {fault: clienttest.Fault{Status: 503}, want: not},
		"not connected": {fault: clienttest.Fault{Status: 401, Body: "Die Kanzlei ist nicht angemeldet"}, want: not},
		"read-only":     {env: "ADVOWARE_READ_ONLY=true"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := clienttest.Start(t, clienttest.Options{})
			if c.fault.Times = -1; c.env == "" {
				fake.Inject(c.fault)
			}
			got := run(t, append(fake.Env(), c.env), append([]string{"call", "POST", "/appointments", "-d", `{"datum":"2026-02-10","text":"x"}`, "--store", "memory"}, c.args...)...)
			if may, not := strings.Count(got.err, may), strings.Count(got.err, not); got.status == 0 || may+not > 1 || (c.want != "") != strings.Contains(got.err, cmp.Or(c.want, " (it ")) {
				t.Errorf("%d %q, want %q", got.status, got.err, c.want)
			}
		})
	}
}

const wrongPassword = "falsches-Kennwort"

var wrongKey = base64.StdEncoding.EncodeToString([]byte("ein anderer Schlüssel"))

// A gateway may answer with what it was sent.
func TestEchoedSecretsAreNotShown(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Password: "Schwertfisch-Ümläut"})
	fake.Inject(clienttest.Fault{Status: 400, Times: -1, Body: `{"sent":"Schwertfisch-Ümläut"}`})
	for _, args := range [][]string{{"call", "GET", "/employees"}, {"token"}} {
		got := run(t, fake.Env(), append(args, "--store", "memory")...)
		got.wantFailure(t, 1, "token request refused", "[redacted]")
		if form, found := leaktest.Find(got.err, "Schwertfisch-Ümläut"); found {
			t.Errorf("shown as %q: %q", form, got.err)
		}
	}
}

func TestFailedTokenNamesTheKind(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	run(t, append(fake.Env(), "ADVOWARE_PASSWORD="+wrongPassword), "token", "--store", "memory").
		wantFailure(t, 1, "token request refused")
	run(t, append(fake.Env(), "ADVOWARE_TOKEN_URL=http://127.0.0.1:"+e2etest.ClosedPort(t)), "token", "--store", "memory").
		wantFailure(t, 1, "gateway down")
}

// All of an error's body that the client keeps is shown, on one line that a terminal does
// not act upon.
func TestErrorBodyIsShownWhole(t *testing.T) {
	long := strings.Repeat("Erklärung ", 300) + "das Ende"
	for name, c := range map[string]struct{ body, want string }{
		"JSON":      {"{\n  \"message\": \"" + long + "\",\n  \"a\": [1,\t2]\n}", `{"message":"` + long + `","a":[1,2]}`},
		"text":      {"Zeile 1\r\nZeile 2\n" + long, "Zeile 1 Zeile 2 " + long},
		"short":     {`{"message":"kurz"}`, `{"message":"kurz"}`},
		"a BOM":     {"\ufeff{\"message\":\"" + long + "\"}", `{"message":"` + long + `"}`},
		"an escape": {"\x1b[2J\x07\u009b31m" + long, long},
		"direction": {"\u202e\u2066\u200b" + long, long},
	} {
		t.Run(name, func(t *testing.T) {
			fake := clienttest.Start(t, clienttest.Options{})
			fake.Inject(clienttest.Fault{On: clienttest.API, Status: 422, Times: -1, Body: c.body})
			got := run(t, fake.Env(), "call", "GET", "/employees", "--store", "memory")
			got.wantFailure(t, 1, "API status 422", "GET /employees", c.want)
			if strings.ContainsAny(got.err, "\x1b\x07\u009b\u202e\u2066\u200b") || strings.Count(got.err, c.want) != 1 {
				t.Errorf("stderr %q", got.err)
			}
			got = run(t, fake.Env(), "call", "GET", "/employees", "--store", "memory", "--repeat", "2")
			got.wantFailure(t, 1, c.want, "2 failed calls of 2")
		})
	}
}
