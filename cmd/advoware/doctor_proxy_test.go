package main_test

import (
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// The advice names the variable that is set, and no other: in small letters, or that of plain
// http. One that cannot be used is not taken for a server that answers in another protocol.
func TestDoctorNamesTheProxyVariable(t *testing.T) {
	_, closed, _ := strings.Cut(noRedis(t)[1], "=")
	fake := clienttest.Start(t, clienttest.Options{})
	for _, test := range []struct{ variable, scheme, value, hint, want string }{
		{"https_proxy", "https", "http://127.0.0.1:" + closed, "correct or unset https_proxy", "CONNECT"},
		{"http_proxy", "http", "http://127.0.0.1:" + closed, "correct or unset http_proxy", "requests"},
		{"https_proxy", "https", "nonsense::", "correct https_proxy", "http://host:port"},
		{"HTTP_PROXY", "http", "ftp://x:geheim@y", "correct HTTP_PROXY", "http://host:port"},
	} {
		vars := env(fake.Env(), noRedis(t), []string{"ADVOWARE_ALLOW_INSECURE=true",
			"ADVOWARE_TOKEN_URL=" + test.scheme + "://gateway.example/api/v1/Token", test.variable + "=" + test.value})
		got := run(t, vars, "doctor", "--json")
		r := reportOf(t, got.out)
		r.want(t, "gateway", "port", "failure", test.hint)
		for _, c := range r.Checks {
			if c["name"] == "proxy" && !strings.Contains(c["want"], test.want) {
				t.Errorf("%s: %v", test.variable, c)
			}
		}
		if strings.Contains(got.out, "geheim") || strings.Contains(got.out, "another program may listen") {
			t.Errorf("%s: %s", test.variable, got.out)
		}
	}
}
