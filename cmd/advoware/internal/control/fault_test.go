package control_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// seen is how a request ended for its client.
type seen struct {
	status int
	body   string
	header http.Header
	err    error
}

func request(t *testing.T, fake *clienttest.Server, method, url string) seen {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+fake.Issue())
	resp, err := fake.Transport().RoundTrip(req)
	if err != nil {
		return seen{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return seen{resp.StatusCode, string(body), resp.Header, err}
}

// Each field of a fault can be set, by its name.
func TestEveryFieldOfAFault(t *testing.T) {
	fake, base := start(t)
	tested := make(map[string]bool)
	for _, c := range []struct {
		fault string
		works func(seen) bool
	}{
		{`{"on":"api","status":418}`, func(s seen) bool { return s.status == 418 }},
		{`{"on":"api","match":"/api/v1/E","body":"[1]"}`, func(s seen) bool { return s.status == 200 && s.body == "[1]" }},
		{`{"on":"api","header":{"X-A":["b","c"],"x-d":"e"}}`, func(s seen) bool {
			return s.status == 200 && len(s.header["X-A"]) == 2 && s.header.Get("X-D") == "e"
		}},
		{`{"on":"api","reset":true}`, func(s seen) bool { return s.err != nil && s.status == 0 }},
		{`{"on":"api","cut":true}`, func(s seen) bool { return s.err != nil && s.status == 200 }},
		{`{"on":"api","malformed":true}`, func(s seen) bool { return s.status == 200 && !json.Valid([]byte(s.body)) }},
		{`{"on":"api","redirect_to":"http://x.example/","status":308}`, func(s seen) bool { return s.status == 308 && s.header.Get("Location") == "http://x.example/" }},
		{`{"on":"api","refusal":"not-enabled"}`, func(s seen) bool { return s.status == 401 && strings.Contains(s.body, "für diese Kanzlei") }},
		{`{"on":"api","refusal":"not-enabled","latin1":true}`, func(s seen) bool { return s.status == 401 && strings.Contains(s.body, "f\xfcr diese Kanzlei") }},
		{`{"on":"api","status":418,"times":1,"every":1,"where":{"path":"/api/v1/Echo","method":"POST","kanzlei":"sandbox-kanzlei","header":{"Accept-Encoding":"gzip"},"body":"{"}}`,
			func(s seen) bool { return s.status == 418 }},
	} {
		call(t, "POST", base+"faults", c.fault).want(t, 201, nil)
		if got := request(t, fake, "POST", fake.BaseURL()+"api/v1/Echo"); !c.works(got) {
			t.Errorf("%s: %+v", c.fault, got)
		}
		call(t, "DELETE", base+"faults", "").want(t, 204, nil)
		var members map[string]any
		_ = json.Unmarshal([]byte(c.fault), &members)
		for name := range members {
			tested[name] = true
		}
	}

	// With these a request ends when the fake or the client says so.
	fake.SetLatency(0)
	for _, fault := range []string{`{"on":"token","hang":true}`, `{"on":"discovery","delay":3600}`} {
		call(t, "POST", base+"faults", fault).want(t, 201, nil)
	}
	client := &http.Client{Transport: fake.Transport(), Timeout: 100 * time.Millisecond}
	for _, url := range []string{fake.TokenURL(), fake.DiscoveryURL() + "?Kanzlei=sandbox-kanzlei"} {
		if resp, err := client.Get(url); err == nil {
			resp.Body.Close()
			t.Errorf("%s: %s", url, resp.Status)
		}
	}
	tested["hang"], tested["delay"] = true, true
	for field := range reflect.TypeFor[clienttest.Fault]().Fields() {
		name := strings.ToLower(field.Name)
		if name == "redirectto" {
			name = "redirect_to"
		}
		if !tested[name] {
			t.Errorf("%s of a Fault cannot be set, or is not tested", field.Name)
		}
	}
}

// A condition that a request does not meet keeps the fault for others.
func TestWhere(t *testing.T) {
	fake, base := start(t)
	for _, where := range []string{
		`{"method":"GET"}`, `{"kanzlei":"other"}`, `{"path":"/employee"}`, `{"token":"00000000"}`, `{"body":"[]"}`,
		`{"query":{"a":""}}`, `{"header":{"X-A":"b"}}`, `{"path":"/employees","method":""}`,
	} {
		call(t, "POST", base+"faults", `{"on":"api","status":418,"times":-1,"where":`+where+`}`).want(t, 201, nil)
		if got := request(t, fake, "POST", fake.BaseURL()+"employees"); got.status == 418 {
			t.Errorf("%s strikes", where)
		}
	}
}

// Each fault that has a name works as if its members had been sent, and others on top.
func TestNamedFaults(t *testing.T) {
	fake, base := start(t)
	var all []struct {
		Name, Title string
		Fault       json.RawMessage
	}
	call(t, "GET", base+"named", "").want(t, 200, &all)
	names := make(map[string]bool)
	for _, n := range all {
		if names[n.Name] || n.Title == "" {
			t.Errorf("%+v", n)
		}
		names[n.Name] = true
		call(t, "POST", base+"faults", string(n.Fault)).want(t, 201, nil)
		call(t, "POST", base+"faults", `{"named":"`+n.Name+`"}`).want(t, 201, nil)
	}
	for _, r := range clienttest.Refusals() {
		if !names[string(r)] {
			t.Errorf("no fault is named %s", r)
		}
	}
	for _, body := range []string{`{"named":"api-500","status":502,"match":"/employees"}`, `{"match":"/employees","status":502,"named":"api-500"}`} {
		call(t, "DELETE", base+"faults", "").want(t, 204, nil)
		call(t, "POST", base+"faults", body).want(t, 201, nil)
		if got := request(t, fake, "POST", fake.BaseURL()+"employees"); got.status != 502 || !bytes.Contains([]byte(got.body), []byte("502")) {
			t.Errorf("%s: %+v", body, got)
		}
	}
}
