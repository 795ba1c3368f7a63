package doctor_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
)

// Each refusal of the vendor's has its own advice, whatever the status.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		refusal clienttest.Refusal
		hint    []string
	}{
		{clienttest.NotEnabled, []string{"ask the vendor to enable", `App-ID ("sandbox-app")`, `"Müller & Partner"`}},
		{clienttest.EmployeeNotEnabled, []string{"ask the vendor to enable", `employee "MM"`}},
		{clienttest.WrongPassword, []string{`ADVOWARE_USER ("MM": the Kürzel`, "ADVOWARE_PASSWORD", "lock the account"}},
		{clienttest.InvalidPassword, []string{"Kürzel", "lock the account"}},
		{clienttest.NotRegistered, []string{"capitals count", `ADVOWARE_DATABASE ("MUELLER")`, "then ask the vendor"}},
		{clienttest.NotConnected, []string{"office", "server", "heals by itself", "connector"}},
		{clienttest.DatabaseNotConnected, []string{"heals by itself"}},
		{"Die maximale Anzahl gleichzeitiger Lizenzen ist erreicht", []string{"licence is left", "then the vendor"}},
		{"Der Zeitstempel der Anfrage ist ungültig", []string{"set the clock"}},
	} {
		for _, status := range []int{401, 200, 503} {
			if status != 401 && strings.HasPrefix(string(test.refusal), "Der Zeit") { // then it is no refusal
				continue
			}
			o := startOffice(t, clienttest.Options{})
			o.Inject(clienttest.Fault{Refusal: test.refusal, Status: status, Times: -1})
			r := o.look(t, doctor.Options{Fetch: true})
			want{"gateway", "token request", doctor.Failure, []string{test.refusal.Sentence()}, test.hint}.in(t, r)
			want{"gateway", "answer", doctor.OK, nil, nil}.in(t, r)
			if diff := cmp.Diff([]string{"gateway: token request"}, withoutRedis(failures(r))); diff != "" {
				t.Errorf("%s: %s", test.refusal, diff)
			}
		}
	}
}

// A database in small letters is noticed before it is refused, and the refusal says so.
func TestDatabaseInSmallLetters(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	r := o.look(t, doctor.Options{Fetch: true}, "ADVOWARE_DATABASE=mueller")
	want{"configuration", "database", doctor.Warning, []string{`"mueller"`}, []string{"in capitals"}}.in(t, r)
	want{"gateway", "token request", doctor.Failure, []string{"Die Datenbank ist nicht registriert"}, []string{`set ADVOWARE_DATABASE to "MUELLER"`}}.in(t, r)
	if want := `"MUELLER"`; find(t, r, "configuration", "database").Want != want {
		t.Errorf("wanted is %s", find(t, r, "configuration", "database").Want)
	}
}

// A user that is none: an address, a login, a whole name.
func TestUserThatIsNoKuerzel(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	for _, user := range []string{"max@mueller.example", `KANZLEI\max`, "Max Müller", strings.Repeat("x", 40)} {
		r := o.look(t, doctor.Options{}, "ADVOWARE_USER="+user)
		want{"configuration", "user", doctor.Warning, nil, []string{"Kürzel"}}.in(t, r)
	}
	want{"configuration", "user", doctor.OK, []string{`"MM"`}, nil}.in(t, o.look(t, doctor.Options{}))
	r := o.look(t, doctor.Options{Fetch: true}, "ADVOWARE_USER=XX")
	want{"gateway", "token request", doctor.Failure, []string{"falsches Kennwort"}, []string{`"XX": the Kürzel`}}.in(t, r)
}

// A key of another App-ID, or one that was cut without a trace, makes a wrong signature.
func TestWrongSignature(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	r := o.look(t, doctor.Options{Fetch: true}, "ADVOWARE_API_KEY="+strings.Repeat("QUJD", 21)) // 63 bytes
	want{"configuration", "API key", doctor.Warning, []string{"63 bytes"}, []string{"looks cut"}}.in(t, r)
	want{"gateway", "token request", doctor.Failure, []string{"Signatur"}, []string{"ADVOWARE_API_KEY"}}.in(t, r)
}

// What is no answer of a token endpoint.
func TestTokenRequestThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		fault clienttest.Fault
		hint  []string
	}{
		"503":         {clienttest.Fault{Status: 503}, []string{"try again later"}},
		"429":         {clienttest.Fault{Status: 429}, []string{"so many token requests"}},
		"404":         {clienttest.Fault{Status: 404}, []string{"ADVOWARE_TOKEN_URL"}},
		"a redirect":  {clienttest.Fault{RedirectTo: "https://elsewhere.example/login"}, []string{"ADVOWARE_TOKEN_URL"}},
		"no JSON":     {clienttest.Fault{Malformed: true}, []string{"ADVOWARE_TOKEN_URL"}},
		"a reset":     {clienttest.Fault{Reset: true}, []string{"try again later"}},
		"a page":      {clienttest.Fault{Body: "<html>Anmeldung</html>", Header: http.Header{"Content-Type": {"text/html"}}}, []string{"ADVOWARE_TOKEN_URL"}},
		"a cut token": {clienttest.Fault{Cut: true}, []string{"try again later"}},
	} {
		o := startOffice(t, clienttest.Options{})
		test.fault.Times = -1
		o.Inject(test.fault)
		t.Run(name, func(t *testing.T) {
			want{"gateway", "token request", doctor.Failure, nil, test.hint}.in(t, o.look(t, doctor.Options{Fetch: true}))
		})
	}
}

// Without being asked to, no token is requested, and none is asked for with what is wrong.
func TestNoTokenRequestUnlessAsked(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	r := o.look(t, doctor.Options{})
	want{"gateway", "token request", doctor.Skipped, []string{"not made"}, []string{"--fetch"}}.in(t, r)
	want{"API", "endpoint", doctor.Skipped, nil, []string{"--endpoint"}}.in(t, r)
	for _, bad := range []string{"ADVOWARE_PASSWORD=", "ADVOWARE_API_KEY=not base64!", "ADVOWARE_USER=\"MM\"", "ADVOWARE_DISCOVERY=perhaps", "ADVOWARE_TOKEN_URL=ftp://x", "ADVOWARE_ROLE=x"} {
		name, _, _ := strings.Cut(bad, "=")
		r := o.look(t, doctor.Options{Fetch: true, Endpoint: "/employees"}, bad)
		want{"configuration", name, doctor.Failure, nil, nil}.in(t, r)
		want{"gateway", "token request", doctor.Skipped, []string{name}, nil}.in(t, r)
		want{"API", "endpoint", doctor.Skipped, nil, nil}.in(t, r)
	}
	for _, req := range o.Requests() {
		if req.Method != http.MethodHead || strings.HasSuffix(req.Path, "/Token") || req.Header.Get("Authorization") != "" || len(req.Body) > 0 {
			t.Errorf("%s %s was sent", req.Method, req.Path)
		}
	}
	if n := o.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests", n)
	}
}

// An endpoint is asked for once, with one token request at most.
func TestEndpoint(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	r := o.look(t, doctor.Options{Endpoint: "/employees?limit=1"})
	want{"API", "endpoint", doctor.OK, []string{"GET /employees: status 200", "bytes"}, nil}.in(t, r)
	r = o.look(t, doctor.Options{Fetch: true, Endpoint: "employees"})
	want{"gateway", "token request", doctor.OK, []string{"lasts for 54m", "fingerprint"}, nil}.in(t, r)
	want{"API", "endpoint", doctor.OK, []string{"status 200"}, nil}.in(t, r)
	if n := o.Counts(); n.TokenRequests != 2 {
		t.Errorf("%d token requests in two runs", n.TokenRequests)
	}
	for name, test := range map[string]struct {
		fault clienttest.Fault
		path  string
		hint  []string
	}{
		"not found":     {clienttest.Fault{Status: 404}, "/nowhere", []string{"check the path"}},
		"forbidden":     {clienttest.Fault{Status: 403}, "/x", []string{"may not read"}},
		"401":           {clienttest.Fault{Status: 401}, "/x", []string{"does not take the token"}},
		"500":           {clienttest.Fault{Status: 500}, "/x", []string{"ask the office"}},
		"400":           {clienttest.Fault{Status: 400}, "/x", []string{"query"}},
		"not connected": {clienttest.Fault{Refusal: clienttest.NotConnected}, "/x", []string{"heals by itself"}},
		"elsewhere":     {clienttest.Fault{RedirectTo: "http://127.0.0.1:1/x"}, "/x", []string{"see what is said"}},
	} {
		test.fault.On, test.fault.Times, test.fault.Match = clienttest.API, -1, "/"+strings.TrimLeft(test.path, "/")
		o.Inject(test.fault)
		t.Run(name, func(t *testing.T) {
			want{"API", "endpoint", doctor.Failure, []string{"GET " + test.path}, test.hint}.in(t, o.look(t, doctor.Options{Endpoint: test.path}))
		})
		o.ClearFaults()
	}
	o.Inject(clienttest.Fault{Refusal: clienttest.NotEnabled, Times: -1})
	want{"API", "endpoint", doctor.Failure, []string{"no token"}, []string{"enable"}}.in(t, o.look(t, doctor.Options{Endpoint: "/employees"}))
	if slices.Contains(failures(o.look(t, doctor.Options{})), "API: endpoint") {
		t.Error("an endpoint failed that was not asked for")
	}
}

// A gateway and an API that take a request and do not answer it end in time, each by its own check.
func TestRequestsThatHang(t *testing.T) {
	for name, c := range map[string]struct {
		fault clienttest.Fault
		opts  doctor.Options
		wants []want
		fails string
	}{
		"token": {
			clienttest.Fault{Hang: true, Times: -1}, doctor.Options{Fetch: true, Endpoint: "/employees"}, []want{
				{"gateway", "token request", doctor.Failure, []string{"no answer within 7.5s"}, []string{"ask the vendor"}},
				{"API", "endpoint", doctor.Skipped, []string{"there is no token"}, nil},
			}, "gateway: token request",
		},
		"endpoint": {
			clienttest.Fault{On: clienttest.API, Match: "/employees", Hang: true, Times: -1}, doctor.Options{Endpoint: "/employees"}, []want{
				{"API", "endpoint", doctor.Failure, []string{"GET /employees: no answer within 7.5s"}, nil},
			}, "API: endpoint",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
				fake.Inject(c.fault)
				began := time.Now()
				r := c.opts.Run(t.Context(), cfg)
				if took := time.Since(began); took > 8*time.Second {
					t.Errorf("took %v", took)
				}
				for _, w := range c.wants {
					w.in(t, r)
				}
				if diff := cmp.Diff([]string{c.fails}, failures(r)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
