package clienttest_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

func discover(t *testing.T, s *clienttest.Server, kanzlei string) reply {
	t.Helper()
	address, err := url.Parse(s.DiscoveryURL())
	if err != nil || address.RawQuery != "" {
		t.Fatalf("%q, %v", s.DiscoveryURL(), err)
	}
	return send(t, s, "GET", address.Path+"?Kanzlei="+url.QueryEscape(kanzlei), "")
}

func TestDiscoveryLeadsHere(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	r := discover(t, s, s.Options().Kanzlei)
	r.wants(t, 200)
	if want := `{"relayUrl":"` + s.BaseURL() + `","connectorUrl":null,"securityGateway":"` + s.BaseURL() + `"}` + "\n"; r.text != want {
		t.Errorf("got %s want %s", r.text, want)
	}
	if got := r.json["securityGateway"].(string) + "api/v1/Token"; got != s.TokenURL() {
		t.Errorf("the token URL is %s, and discovery says %s", s.TokenURL(), got)
	}
	if err := s.AddIdentity(clienttest.Identity{APIKey: "eA==", Kanzlei: "Müller & Söhne / #1"}); err != nil {
		t.Fatal(err)
	}
	discover(t, s, "Müller & Söhne / #1").wants(t, 200)
	discover(t, s, strings.ToUpper(s.Options().Kanzlei)).blames(t, 404, "Kanzlei") // it minds the case
	path := strings.TrimPrefix(s.DiscoveryURL(), strings.TrimSuffix(s.BaseURL(), "/"))
	send(t, s, "GET", path, "").blames(t, 400, "Kanzlei")
	send(t, s, "GET", path+"?Kanzlei=a&Kanzlei=b", "").blames(t, 400, "Kanzlei")
	send(t, s, "POST", path, "{}").wants(t, 405)
	send(t, s, "HEAD", path+"?Kanzlei=sandbox-kanzlei", "").wants(t, 200)
	if c := s.Counts(); c.DiscoveryRequests != 7 || c.APICalls != 0 || c.TokenRequests != 0 {
		t.Errorf("%+v", c)
	}
}

func TestDiscoveryAnswersAnything(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	for name, c := range map[string]struct {
		d      clienttest.Discovery
		status int
		body   string
	}{
		"null":      {clienttest.Discovery{}, 200, `{"relayUrl":null,"connectorUrl":null,"securityGateway":null}` + "\n"},
		"absent":    {clienttest.Discovery{RelayURL: clienttest.Absent, ConnectorURL: clienttest.Absent, SecurityGateway: clienttest.Absent}, 200, "{}\n"},
		"partly":    {clienttest.Discovery{RelayURL: clienttest.Absent, ConnectorURL: "https://a/", SecurityGateway: clienttest.Absent}, 200, `{"connectorUrl":"https://a/"}` + "\n"},
		"empty":     {clienttest.Discovery{ConnectorURL: "", SecurityGateway: "  "}, 200, `{"relayUrl":null,"connectorUrl":"","securityGateway":"  "}` + "\n"},
		"odd":       {clienttest.Discovery{RelayURL: 7, ConnectorURL: []string{"ü"}, SecurityGateway: map[string]any{}}, 200, `{"relayUrl":7,"connectorUrl":["ü"],"securityGateway":{}}` + "\n"},
		"html":      {clienttest.Discovery{Body: []byte("<html>"), Header: http.Header{"content-type": {"text/html"}}}, 200, "<html>"},
		"no text":   {clienttest.Discovery{Body: []byte{}}, 200, ""},
		"none":      {clienttest.Discovery{Status: 204, RelayURL: "http://x/"}, 204, ""},
		"nothing":   {clienttest.Discovery{Status: 204, Body: []byte{}}, 204, ""},
		"redirect":  {clienttest.Discovery{Status: 302, Body: []byte{}, Header: http.Header{"Location": {"http://elsewhere.example/"}}}, 302, ""},
		"large":     {clienttest.Discovery{Body: make([]byte, 10<<20)}, 200, string(make([]byte, 10<<20))},
		"a failure": {clienttest.Discovery{Status: 503, Body: []byte("Wartung")}, 503, "Wartung"},
	} {
		for _, kanzlei := range []string{s.Options().Kanzlei, "unknown & new"} {
			s.SetDiscovery(kanzlei, c.d)
			r := discover(t, s, kanzlei)
			if r.StatusCode != c.status || r.text != c.body {
				t.Errorf("%s: %d %.100q, want %d %.100q", name, r.StatusCode, r.text, c.status, c.body)
			}
			for header, values := range c.d.Header {
				if !slices.Equal(r.Header.Values(header), values) {
					t.Errorf("%s: %s: %q, want %q", name, header, r.Header.Values(header), values)
				}
			}
		}
	}
}

func TestDiscoveryIsChanged(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	kanzlei := s.Options().Kanzlei
	before := s.Discovery(kanzlei)
	moved := before
	moved.ConnectorURL = "https://connector.example:88/"
	s.SetDiscovery(kanzlei, moved)
	if r := discover(t, s, kanzlei); r.json["connectorUrl"] != "https://connector.example:88/" || r.json["relayUrl"] != s.BaseURL() {
		t.Error(r.text)
	}
	s.SetDiscovery(kanzlei, before)
	if r := discover(t, s, kanzlei); r.json["connectorUrl"] != nil {
		t.Error(r.text)
	}
	for name, set := range map[string]func(){
		"a member that is no JSON": func() { s.SetDiscovery(kanzlei, clienttest.Discovery{RelayURL: make(chan int)}) },
		"a status of discovery":    func() { s.SetDiscovery(kanzlei, clienttest.Discovery{Status: 42}) },
		"a status of a fault":      func() { s.Inject(clienttest.Fault{Status: 1000}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was taken", name)
				}
			}()
			set()
		}()
	}
	discover(t, s, kanzlei).wants(t, 200)
}

func TestDiscoveryFails(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	s.Inject(clienttest.Fault{On: clienttest.DiscoveryEndpoint, Status: 500})
	s.Inject(clienttest.Fault{On: clienttest.DiscoveryEndpoint, Cut: true})
	token := fetch(t, s)
	call(t, s, token, "GET", "/employees", "").wants(t, 200) // neither strikes anything else
	discover(t, s, s.Options().Kanzlei).wants(t, 500)
	if r, err := try(t, s, "GET", "/AdvonetConfigurator/api/Url?Kanzlei=sandbox-kanzlei", ""); err == nil {
		t.Errorf("%+v", r)
	}
	discover(t, s, s.Options().Kanzlei).wants(t, 200)
	if c := s.Counts(); c.DiscoveryRequests != 3 || c.Faults != 2 || c.TokensIssued != 1 || c.TokensRefused != 0 {
		t.Errorf("%+v", c)
	}
}

func TestDiscoveryIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.Start(t, clienttest.Options{InMemory: true, Latency: time.Hour, TokenLatency: time.Hour})
		d := s.Discovery(s.Options().Kanzlei)
		d.Delay = 20 * time.Second
		s.SetDiscovery(s.Options().Kanzlei, d)
		s.Inject(clienttest.Fault{On: clienttest.DiscoveryEndpoint, Delay: time.Second})
		began := time.Now()
		discover(t, s, s.Options().Kanzlei).wants(t, 200)
		if took := time.Since(began); took != 21*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestDiscoveryEnv(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	for _, name := range []string{"ADVOWARE_API_BASE_URL", "ADVOWARE_TOKEN_URL"} {
		if s.Getenv(name) == "" || s.DiscoveryGetenv(name) != "" {
			t.Errorf("%s: %q, with discovery %q", name, s.Getenv(name), s.DiscoveryGetenv(name))
		}
	}
	if got := s.DiscoveryGetenv("ADVOWARE_DISCOVERY_URL"); got != s.DiscoveryURL() || s.Getenv("ADVOWARE_DISCOVERY_URL") != "" {
		t.Errorf("%q, want %q", got, s.DiscoveryURL())
	}
	if len(s.DiscoveryEnv()) != len(s.Env())-1 || s.DiscoveryGetenv("ADVOWARE_USER") != s.Getenv("ADVOWARE_USER") {
		t.Errorf("%q", s.DiscoveryEnv())
	}
}
