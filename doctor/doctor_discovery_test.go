package doctor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// The Kanzlei in other capitals: the right spelling is found.
func TestKanzleiInOtherCapitals(t *testing.T) {
	o := startOffice(t, clienttest.Options{Kanzlei: "Müller & Partner"})
	for _, name := range []string{"müller & partner", "MÜLLER & PARTNER", " Müller  & Partner "} {
		r := doctor.Options{}.RunEnv(t.Context(), append(o.discovered(t), "ADVOWARE_KANZLEI="+name))
		want{"discovery", "addresses", doctor.Failure, []string{"names no address"}, []string{`set ADVOWARE_KANZLEI to "Müller & Partner"`}}.in(t, r)
		want{"gateway", "address", doctor.Skipped, []string{"see discovery"}, nil}.in(t, r)
	}
	r := doctor.Options{}.RunEnv(t.Context(), append(o.discovered(t), "ADVOWARE_KANZLEI=Maier"))
	want{"discovery", "addresses", doctor.Failure, []string{`"Maier"`}, []string{"letter by letter"}}.in(t, r)
}

// A vendor that does not answer, or not as it should.
func TestDiscoveryThatDoesNotAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		discovery clienttest.Discovery
		url       string
		saw, hint []string
	}{
		"hangs":       {discovery: clienttest.Discovery{Delay: time.Hour}, saw: []string{"does not answer within"}, hint: []string{"firewall", "no call can be made"}},
		"closed":      {url: "http://127.0.0.1:" + e2etest.ClosedPort(t), saw: []string{"refused"}, hint: []string{"ADVOWARE_DISCOVERY_URL", "no call can be made"}},
		"503":         {discovery: clienttest.Discovery{Status: 503}, saw: []string{"status 503"}, hint: []string{"try again later"}},
		"a page":      {discovery: clienttest.Discovery{Body: []byte("<html>Bitte anmelden</html>")}, saw: []string{"status 200"}, hint: []string{"something on the way"}},
		"a redirect":  {discovery: clienttest.Discovery{Status: 302, Header: http.Header{"Location": {"http://login.example/"}}}, saw: []string{"login.example"}, hint: []string{"something on the way"}},
		"nothing":     {discovery: clienttest.Discovery{}, saw: []string{"names no address"}, hint: []string{"ADVOWARE_KANZLEI"}},
		"no https":    {discovery: clienttest.Discovery{ConnectorURL: "http://192.0.2.1:88/"}, saw: []string{"names no address"}, hint: []string{"ADVOWARE_KANZLEI"}},
		"not allowed": {discovery: clienttest.Discovery{Status: 403}, saw: []string{"status 403"}, hint: []string{"ADVOWARE_KANZLEI"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := startOffice(t, clienttest.Options{})
			o.SetDiscovery(o.Identities()[0].Kanzlei, test.discovery)
			env := o.discovered(t)
			if test.url != "" {
				env = append(env, "ADVOWARE_DISCOVERY_URL="+test.url)
			}
			r := doctor.Options{Fetch: true}.RunEnv(t.Context(), env)
			want{"discovery", "addresses", doctor.Failure, test.saw, test.hint}.in(t, r)
			want{"gateway", "token request", doctor.Skipped, nil, nil}.in(t, r)
		})
	}
}

// A gateway that gets no password is said, beside the addresses that are used.
func TestDiscoveryOfAForeignGateway(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	o.SetDiscovery(o.Identities()[0].Kanzlei, clienttest.Discovery{RelayURL: o.BaseURL(), SecurityGateway: "https://gateway.example/"})
	r := doctor.Options{}.RunEnv(t.Context(), append(o.discovered(t), "ADVOWARE_TOKEN_URL="+o.TokenURL()))
	want{"discovery", "unused address", doctor.Warning, []string{"gateway.example", "gets no password"}, []string{"ask the vendor"}}.in(t, r)
	want{"discovery", "addresses", doctor.OK, []string{strings.TrimSuffix(o.BaseURL(), "/")}, nil}.in(t, r)
}

// A connector that is off: the office is asked, not the vendor.
func TestConnectorThatIsOff(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	c, err := o.AddConnector(o.Identities()[0].Kanzlei, clienttest.ConnectorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want{"API", "answer", doctor.OK, nil, nil}.in(t, doctor.Options{}.RunEnv(t.Context(), o.discovered(t)))
	c.Close()
	r := doctor.Options{}.RunEnv(t.Context(), o.discovered(t))
	want{"API", "port", doctor.Failure, []string{"refuses"}, []string{"ask the office", "router passes port " + portOf(t, strings.TrimSuffix(strings.TrimPrefix(c.URL(), "http://"), "/"))}}.in(t, r)
}

// The relay as a fixed address does not reach an office that has a connector.
func TestRelayInPlaceOfAConnector(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	if _, err := o.AddConnector(o.Identities()[0].Kanzlei, clienttest.ConnectorOptions{}); err != nil {
		t.Fatal(err)
	}
	r := o.look(t, doctor.Options{Endpoint: "/employees"})
	want{"API", "endpoint", doctor.Failure, []string{"nicht angemeldet"}, []string{"connector", "leave ADVOWARE_API_BASE_URL"}}.in(t, r)
	r = doctor.Options{Endpoint: "/employees"}.RunEnv(t.Context(), o.discovered(t))
	want{"API", "endpoint", doctor.OK, nil, nil}.in(t, r)
}
