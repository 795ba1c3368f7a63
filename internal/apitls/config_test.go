package apitls_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/certtest"
)

// All that is wrong is said at once, by the names that the author knows.
func TestProblemsAllAtOnce(t *testing.T) {
	ca := certtest.NewCA(t)
	own := ca.Sign("own", nil)
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, p := range (apitls.Config{CAFile: empty, ServerName: "https://x", CertFile: own.CertFile, KeyFile: ca.File(), Pin: "x"}).Problems(apitls.Use{Name: apitls.Variable}) {
		fields = append(fields, apitls.Variable(p.Field))
	}
	want := []string{"ADVOWARE_API_TLS_SERVER_NAME", "ADVOWARE_API_TLS_PIN", "ADVOWARE_API_TLS_CA_FILE", "ADVOWARE_API_TLS_KEY_FILE"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
}

// A setting that another one makes void names that one, be it right or wrong otherwise.
func TestVoid(t *testing.T) {
	all := apitls.Config{CAFile: "a", ServerName: "b", CertFile: "c", KeyFile: "d", Pin: opensslPin}
	for _, test := range []struct {
		use  apitls.Use
		want string
	}{
		{apitls.Use{Transport: "Base"}, "has no effect with Base,"},
		{apitls.Use{BaseURL: "http://127.0.0.1:1", BaseURLName: "MY_URL"}, "has no effect with MY_URL,"},
		{apitls.Use{BaseURL: " HTTP://127.0.0.1:1", BaseURLName: "MY_URL"}, "has no effect with MY_URL,"},
		{apitls.Use{BaseURL: "https://x", BaseURLName: "MY_URL"}, ""},
		{apitls.Use{BaseURL: "http://x", BaseURLName: "MY_URL", Discovered: true}, ""},
		{apitls.Use{BaseURL: "", BaseURLName: "MY_URL"}, ""},
	} {
		test.use.Name = apitls.Variable
		fields := make(map[string]bool)
		for _, p := range all.Problems(test.use) {
			if strings.HasPrefix(p.Text, "has no effect") {
				fields[p.Field] = strings.HasPrefix(p.Text, test.want)
			}
		}
		if want := map[string]bool{"CAFile": true, "ServerName": true, "CertFile": true, "KeyFile": true, "Pin": true}; test.want == "" {
			if len(fields) > 0 {
				t.Errorf("%+v: %v", test.use, fields)
			}
		} else if diff := cmp.Diff(want, fields); diff != "" {
			t.Errorf("%+v: %s", test.use, diff)
		}
		if found := (apitls.Config{}).Problems(test.use); found != nil {
			t.Errorf("%v of no settings", found)
		}
	}
}

func TestServerNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"connector.example": true, "connector.local.": true, "localhost": true, "KANZLEI-SRV_1": true, "192.0.2.7": true, "2001:db8::1": true,
		"xn--mller-kva.example":   true,
		"connector.example:88":    false,
		"https://x.example":       false,
		"*.example":               false,
		"müller.example":          false,
		"a b":                     false,
		"a..b":                    false,
		".":                       false,
		"[2001:db8::1]":           false,
		"fe80::1%eth0":            false,
		"a\x00":                   false,
		strings.Repeat("a", 64):   false,
		strings.Repeat("a.", 130): false,
	} {
		problems := apitls.Config{ServerName: name}.Problems(apitls.Use{Name: apitls.Variable})
		if (len(problems) == 0) != ok {
			t.Errorf("%q: %v", name, problems)
		}
	}
}

func TestCheck(t *testing.T) {
	err := apitls.Config{Pin: "x", KeyFile: "y"}.Check("pkg: ", apitls.Use{Name: func(field string) string { return "My." + field }})
	if err == nil || !strings.Contains(err.Error(), "pkg: My.Pin ") || !strings.Contains(err.Error(), "\npkg: My.CertFile is missing: it belongs to My.KeyFile") {
		t.Errorf("got %v", err)
	}
	if err := (apitls.Config{}).Check("pkg: ", apitls.Use{}); err != nil {
		t.Error(err)
	}
}
