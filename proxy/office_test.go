package proxy_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/proxy"
)

// named is an office that says who it is and what it was asked for.
func named(t *testing.T, name string) (proxy.Office, *clienttest.Server) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/moved") {
			http.Redirect(w, r, "/there", http.StatusFound)
			return
		}
		_, _ = fmt.Fprint(w, name, " ", r.RequestURI)
	}))
	t.Cleanup(srv.Close)
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	cfg.BaseURL, cfg.Transport = srv.URL, nil
	return proxy.Office{Name: name, Client: open(t, cfg)}, fake
}

// Offices are told apart by host and by path, and one that is not connected harms no other.
func TestSeveralOffices(t *testing.T) {
	a, fakeA := named(t, "a")
	b, _ := named(t, "b")
	c, _ := named(t, "c")
	a.Prefix, b.Prefix, b.Hosts, c.Hosts = "/a", "/b/deep", []string{"b.example"}, []string{"c.example", "C2.example"}
	d, _ := named(t, "d")
	d.Prefix = "/a/d"
	fakeA.Inject(clienttest.Fault{Times: -1, Refusal: clienttest.NotConnected})
	r := new(rig)
	r.serve(t, options{}, []proxy.Office{a, b, c, d})
	for target, want := range map[string]string{
		"/a/x": "503", "/a": "503", "/ab/x": "404", "/": "404", "/x": "404", "/%61/x": "404", "/A/x": "404",
		"/a/d": "d /", "/a/d/": "d /", "/a/d/x?y": "d /x?y", "/a/d/../x": "d /../x", "/a/d//x": "d //x", "/a/d/advoware/proxy?endpoint=/e&f": "d /e?f",
		"b.example/b/deep/x": "b /x", "b.example/x": "404", "B.EXAMPLE:1/b/deep/x": "b /x", "b.example/a/d/x": "d /x",
		"c.example/x": "c /x", "c2.example/a/x": "c /a/x", "c.example/advoware/proxy?endpoint=x": "c /x", "d.example/x": "421",
	} {
		host, path, _ := strings.Cut(target, "/")
		if host == "" {
			host = "localhost"
		}
		got := r.do(t, "GET", "/"+path, "", "Host", host)
		text := got.body
		if got.StatusCode != 200 {
			text = fmt.Sprint(got.StatusCode)
		}
		if text != want {
			t.Errorf("%s: %s, want %s", target, text, want)
		}
	}
	if got := r.do(t, "GET", "/a/x", "").wantProblem(t, 503, proxy.NotConnected); got.Office != "a" {
		t.Errorf("%+v", got)
	}
	if got := r.do(t, "GET", "/x", "").wantProblem(t, 404, proxy.UnknownOffice); !strings.Contains(got.Message, "begins with the prefix of an office") {
		t.Errorf("%+v", got)
	}
	if got := r.do(t, "GET", "/a/d/moved", "").Header.Get("Location"); got != "/a/d/there" {
		t.Errorf("a redirect to %s", got)
	}
}

// An office that is slow takes no more than its share of the requests that may be under way.
func TestSlowOfficeLeavesRoom(t *testing.T) {
	arrived, release := make(chan bool, 4), make(chan bool)
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- true; <-release }))
	defer slow.Close()
	cfg, _ := advowaretest.Config(t, clienttest.Options{})
	cfg.BaseURL, cfg.Transport = slow.URL, nil
	quick, _ := named(t, "quick")
	quick.Prefix = "/quick"
	r := new(rig)
	r.serve(t, options{proxy: func(c *proxy.Config) { c.MaxRequests = 4 }}, []proxy.Office{{Name: "slow", Client: open(t, cfg)}, quick})
	for range 2 {
		go func() { _, _ = plain.Get(r.url + "/x") }()
		<-arrived
	}
	got := r.do(t, "GET", "/x", "")
	if p := got.wantProblem(t, 503, proxy.Busy); p.Office != "slow" || p.Outcome != "not_sent" || got.Header.Get("Retry-After") != "1" {
		t.Errorf("%+v, %v", p, got.Header)
	}
	if got := r.do(t, "GET", "/quick/x", ""); got.body != "quick /x" {
		t.Errorf("%s %s", got.Status, got.body)
	}
	close(release)
}

func TestConfigNamesEveryProblem(t *testing.T) {
	one, _ := named(t, "one")
	two := one
	two.Prefix, two.Hosts = "no/slash/", []string{"http://x"}
	three := one
	three.Name, three.Hosts = "three", nil
	_, err := proxy.New(proxy.Config{
		Offices: []proxy.Office{one, two, three, {}}, MaxRequests: -1, MaxOffice: -1, Hosts: []string{"x:80"},
		Allow: []string{"employees", "get /x", "/x*", "/a/../b", "/a//b", "GET, /x", "/a%252f"},
	})
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		`Hosts: "x:80"`, "MaxRequests", "MaxOffice", `"one" is there twice`, `"no/slash/"`, `"http://x"`, "one and three are both served", "Offices[3].Name", "Offices[3] ().Client",
		`"employees"`, `"get /x"`, `"/x*"`, `"/a/../b"`, `"/a//b"`, `"GET, /x"`, `"/a%252f"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nsays nothing of %s", err, want)
		}
	}
	// A Host that cannot be read must not be one of these, and none has a port, in letters that
	// an address may have too.
	for _, name := range []string{"", ".", "[]", "10.0.0.5:8064", "cafe:80", "[::1]:8064", "a:b"} {
		odd := one
		odd.Hosts = []string{name}
		if _, err := proxy.New(proxy.Config{Offices: []proxy.Office{odd}, Hosts: []string{name}}); err == nil || strings.Count(err.Error(), "is not the name of a host") != 2 {
			t.Errorf("%q: %v", name, err)
		}
	}
	fine := one
	fine.Hosts = []string{"10.0.0.5", "[::1]", "fd00::1", "a.example.", "_x.a-b"}
	if _, err := proxy.New(proxy.Config{Offices: []proxy.Office{fine}, Hosts: fine.Hosts}); err != nil {
		t.Error(err)
	}
	if _, err := proxy.New(proxy.Config{}); err == nil || !strings.Contains(err.Error(), "Offices is required") {
		t.Error(err)
	}
}
