package discovery_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestConnectorBeforeRelay(t *testing.T) {
	const gateway = `"securityGateway":"https://security.advo-net.net/"`
	for body, want := range map[string]string{
		`{"relayUrl":"https://www2.advo-net.net:90/","connectorUrl":null,` + gateway + `}`:                           defaultBase,
		`{"relayUrl":"https://relay.advo-net.net:91/"}`:                                                              "https://relay.advo-net.net:91/",
		`{"relayUrl":"https://relay.example:90/","connectorUrl":"https://connector.local:88/"}`:                      "https://connector.local:88/",
		`{"relayUrl":null,"connectorUrl":"https://kanzlei.example:22222"}`:                                           "https://kanzlei.example:22222/",
		`{"relayUrl":"https://relay.example:90/","connectorUrl":""}`:                                                 "https://relay.example:90/",
		`{"relayUrl":"https://relay.example:90/","connectorUrl":"  "}`:                                               "https://relay.example:90/",
		`{"relayUrl":"https://relay.example:90/","connectorUrl":7}`:                                                  "https://relay.example:90/",
		`{"relayUrl":"https://relay.example:90/","connectorUrl":{"a":1}}`:                                            "https://relay.example:90/",
		`{"RelayURL":"https://relay.example:90/","ConnectorURL":" https://Connector.Example.:88/ "}`:                 "https://connector.example:88/",
		"\ufeff" + `{"relayUrl":"https://relay.example:90/"}`:                                                        "https://relay.example:90/",
		`{"connectorUrl":"https://c.example:00088/"}`:                                                                "https://c.example:88/",
		`{"connectorUrl":"https://[::ffff:192.0.2.7]:88/"}`:                                                          "https://192.0.2.7:88/",
		`{"connectorUrl":"https://192.0.2.7:88/"}`:                                                                   "https://192.0.2.7:88/",
		`{"connectorUrl":"https://[2001:db8::7]:88/"}`:                                                               "https://[2001:db8::7]:88/",
		`{"connectorUrl":"https://Kanzlei-Müller.example:88/"}`:                                                      "https://xn--kanzlei-mller-4ob.example:88/",
		`{"connectorUrl":"https://my_server.kanzlei.local:88"}`:                                                      "https://my_server.kanzlei.local:88/",
		`{"connectorUrl":"https://c.example:/"}`:                                                                     "https://c.example/",
		`{"relayUrl":"https://relay.example/","connectorUrl":"https://c.example:1","other":[1,2],"connectorUrl2":5}`: "https://c.example:1/",
	} {
		f := open(t, config(saying(body)))
		a := mustFind(t, f)
		wantAPI(t, a, want)
		if a.Fallback() || a.Token.String() != defaultToken {
			t.Errorf("%s: %v", body, a)
		}
	}
}

func TestOddAddressIsAsIfAbsent(t *testing.T) {
	for _, odd := range []string{
		"http://c.example:88/", "http://127.0.0.1:88/", "http://localhost/", "ftp://c.example/", "c.example:88", "//c.example", "https:///x", "https://",
		"https://user@c.example/", "https://user:password@c.example/", "https://c.example/path", "https://c.example/?q=1", "https://c.example/?", "https://c.example/#f",
		"https://c.example:0/", "https://c.example:65536/", "https://c.example:x/", "https://c.example:-1/", "https://:88/",
		"https://0.0.0.0:88/", "https://[::ffff:0.0.0.0]:88/", "https://[::ffff:224.0.0.1]/", "https://[::]:88/", "https://[fe80::1%25eth0]:88/", "https://224.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.1/", "https://1.2.3/",
		"https://c..example/", "https://c example/", "https://c.exam\\tple/", "https://c.example\\u0000/", "https://" + strings.Repeat("a", 64) + ".example/",
		"https://" + strings.Repeat("a.", 200) + "example/", "https://c.example/" + strings.Repeat("/", 5000), "https://c.ex%41mple/", "https://ⓐ\\u200d.example/", "javascript:alert(1)",
		"https://c.example@evil.example/", "https://c.example;evil/", "https://*.example/", "https://%00.example", "https://\\ufffd.example/",
	} {
		f := open(t, config(saying(`{"relayUrl":"https://relay.example:90/","connectorUrl":"`+odd+`"}`)))
		wantAPI(t, mustFind(t, f), "https://relay.example:90/")
		v := saying(`{"relayUrl":"` + odd + `"}`)
		a := mustFind(t, open(t, config(v)))
		if wantAPI(t, a, defaultBase); !a.Fallback() {
			t.Errorf("%s: is used", odd)
		}
	}
}

func TestGatewayGetsThePasswordUnderTheSameDomainOnly(t *testing.T) {
	const api = `"relayUrl":"https://relay.example:90/"`
	for _, c := range []struct {
		asked, configured, gateway, want string
	}{
		{"", "", "https://security.advo-net.net/", defaultToken},
		{"", "", "https://security2.advo-net.net:8443", "https://security2.advo-net.net:8443/api/v1/Token"},
		{"", "", "https://advo-net.net/", "https://advo-net.net/api/v1/Token"},
		{"", "", "https://www2.advo-net.net/", "https://www2.advo-net.net/api/v1/Token"},
		{"", "", "https://evil.example/", defaultToken},
		{"", "", "https://advo-net.net.evil.example/", defaultToken},
		{"", "", "https://evil-advo-net.net/", defaultToken},
		{"", "", "https://net/", defaultToken},
		{"", "", "https://192.0.2.1/", defaultToken},
		{"", "", "https://127.0.0.1/", defaultToken},
		{"", "", "https://localhost/", defaultToken},
		{"", "", "http://security.advo-net.net/", defaultToken},
		{"", "", "https://security.advo-net.net/other/", defaultToken},
		{"", "", "https://u:p@security.advo-net.net/", defaultToken},
		{"", "", "https://security.advo-net.org/", defaultToken},
		{"https://test.advo-net.org/Url", "", "https://security.advo-net.org/", "https://security.advo-net.org/api/v1/Token"},
		{"https://test.advo-net.org/Url", "https://tokens.example:1/t", "https://tokens.example:1/", "https://tokens.example:1/t"},
		{"https://test.advo-net.org/Url", "https://tokens.example:1/t", "https://tokens.example:2/", "https://tokens.example:1/t"},
		{"https://test.advo-net.org/Url", "https://tokens.example:1/t", "https://security.advo-net.org/", "https://security.advo-net.org/api/v1/Token"},
		{"https://vendor.co.uk/Url", "", "https://evil.co.uk/", defaultToken},
		{"https://vendor.github.io/Url", "", "https://evil.github.io/", defaultToken},
		{"https://github.io/Url", "", "https://evil.github.io/", defaultToken},
		{"https://discovery.corp/Url", "", "https://gateway.corp/", defaultToken},
		{"https://discovery/Url", "", "https://discovery:8/", "https://discovery:8/api/v1/Token"},
		{"https://192.0.2.1/Url", "", "https://192.0.2.1:8/", "https://192.0.2.1:8/api/v1/Token"},
		{"https://192.0.2.1/Url", "", "https://192.0.2.2/", defaultToken},
		{"http://127.0.0.1:1/Url", "", "http://127.0.0.1:2/", "http://127.0.0.1:2/api/v1/Token"},
		{"http://localhost:1/Url", "", "http://[::1]:2/", "http://[::1]:2/api/v1/Token"},
		{"http://127.0.0.1:1/Url", "", "https://evil.example/", defaultToken},
		{"http://127.0.0.1:1/Url", "", "http://evil.example/", defaultToken},
	} {
		cfg := config(saying("{" + api + `,"securityGateway":"` + c.gateway + `"}`))
		cfg.URL = c.asked
		if c.configured != "" {
			cfg.TokenURL = c.configured
		}
		a := mustFind(t, open(t, cfg))
		if a.Token.String() != c.want || a.Fallback() {
			t.Errorf("%+v: %v", c, a.Token)
		}
	}
}

// A service on this machine may name this machine by plain http, and no other.
func TestPlainHTTPIsForThisMachineOnly(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.2:88": "http://127.0.0.2:88/", "[::1]:88": "http://[::1]:88/", "LocalHost:88": "http://localhost:88/",
		"relay.example:90": "", "192.168.1.1:88": "", "localhost.example:88": "", "x.localhost:88": "", "localhost.:88": "", "[::ffff:192.0.2.7]:88": "",
	} {
		cfg := config(saying(`{"connectorUrl":"http://` + host + `/","relayUrl":"https://relay.example:90/"}`))
		cfg.URL = "http://127.0.0.1:7/Url"
		if want == "" {
			want = "https://relay.example:90/"
		}
		wantAPI(t, mustFind(t, open(t, cfg)), want)
	}
}

func TestAllowInsecurePermitsPlainHTTP(t *testing.T) {
	cfg := config(saying(`{"connectorUrl":"http://c.example:88/","securityGateway":"http://security.advo-net.net/"}`))
	cfg.AllowInsecure = true
	a := mustFind(t, open(t, cfg))
	if wantAPI(t, a, "http://c.example:88/"); a.Token.String() != "http://security.advo-net.net/api/v1/Token" {
		t.Error(a.Token)
	}
}

func TestKanzleiIsEscaped(t *testing.T) {
	for _, name := range []string{"Müller & Söhne", "a/b", "a#b", "a?b=c", "a+b", "a%20b", " a ", "Ä\"'<>", "a&Kanzlei=b", "..", "漢字"} {
		v := new(vendor)
		v.does(func(req *http.Request) (*http.Response, error) {
			u, err := url.Parse(req.URL.String()) // as a server does it
			if err != nil || u.Path != "/AdvonetConfigurator/api/Url" || u.Host != "www2.advo-net.net" || len(u.Query()) != 1 || u.Query().Get("Kanzlei") != name || strings.Contains(u.RawQuery, "+") {
				t.Errorf("%q: %s", name, req.URL)
			}
			return answered(200, office("c.example")), nil
		})
		cfg := config(v)
		cfg.Kanzlei = name
		mustFind(t, open(t, cfg))
		wantAsked(t, v, 1)
	}
}

func TestWarnsOnceOfWhatIsNotUsed(t *testing.T) {
	log := new(records)
	cfg := config(saying(`{"relayUrl":"https://relay.example:90/","connectorUrl":"http://c.example/","securityGateway":"https://evil.example/"}`))
	cfg.Logger = log.logger()
	f := open(t, cfg)
	mustFind(t, f)
	f.Moved(context.Background(), f.Present()) // asks again
	if n := log.lines("WARN"); n != 1 {
		t.Errorf("%d warnings: %s", n, log.text.String())
	}
	for _, want := range []string{"connectorUrl is plain http", "securityGateway https://evil.example", "ADVOWARE_TOKEN_URL"} {
		if !strings.Contains(log.text.String(), want) {
			t.Errorf("the log does not say %q: %s", want, log.text.String())
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(office("c.example:88"))
	f.Add(`{"connectorUrl":"https://ü.example"}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		finder := open(t, config(saying(body)))
		a, err := finder.Find(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		again, err := url.Parse(a.API.String())
		if err != nil || again.Scheme != "https" || again.Host != a.API.Host || again.User != nil || again.Path != "/" {
			t.Errorf("%q: %s, %v", body, a.API, err)
		}
		if host := a.Token.Hostname(); host != "advo-net.net" && !strings.HasSuffix(host, ".advo-net.net") {
			t.Errorf("%q: the password goes to %s", body, a.Token)
		}
	})
}
