package doctor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// With an empty environment each variable that is missing is said, with what belongs there, and
// the rest is looked at all the same.
func TestEverythingMissing(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	env := []string{"ADVOWARE_API_BASE_URL=" + o.BaseURL(), "ADVOWARE_TOKEN_URL=" + o.TokenURL(), "REDIS_PORT=" + e2etest.ClosedPort(t)}
	r := doctor.Options{Fetch: true}.RunEnv(t.Context(), env)
	var want_ []string
	for _, name := range []string{"API_KEY", "APP_ID", "DATABASE", "KANZLEI", "PASSWORD", "USER"} {
		want_ = append(want_, "configuration: ADVOWARE_"+name)
		want{"configuration", "ADVOWARE_" + name, doctor.Failure, []string{"not set"}, []string{"set it: "}}.in(t, r)
	}
	if diff := cmp.Diff(want_, withoutRedis(failures(r))); diff != "" {
		t.Error(diff)
	}
	want{"clock", "clock", doctor.OK, nil, nil}.in(t, r)
	want{"API", "answer", doctor.OK, nil, nil}.in(t, r)
}

// A misspelt variable is found, and said where the right one is missing.
func TestMisspeltVariables(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	for name, right := range map[string]string{
		"ADVOWARE_KANZLAI": "ADVOWARE_KANZLEI", "ADVOWARE_KANZELI": "ADVOWARE_KANZLEI", "ADVOWRE_KANZLEI": "ADVOWARE_KANZLEI",
		"advoware_kanzlei": "ADVOWARE_KANZLEI", "ADVOWARE-KANZLEI": "ADVOWARE_KANZLEI", "ADVOWARE_KANZLEI ": "ADVOWARE_KANZLEI",
		"ADVOWARE_APIKEY": "ADVOWARE_API_KEY", "ADVOWARE_APPID": "ADVOWARE_APP_ID", "ADVOWARE_PASSWD": "ADVOWARE_PASSWORD", "ADVOWARE_USERNAME": "ADVOWARE_USER",
	} {
		var env []string
		for _, line := range o.env {
			value, is := strings.CutPrefix(line, right+"=")
			if is {
				line = name + "=" + value
			}
			env = append(env, line)
		}
		r := doctor.Options{}.RunEnv(t.Context(), env)
		want{"configuration", right, doctor.Failure, []string{"not set"}, []string{strings.TrimSpace(name) + " is set", "rename it to " + right}}.in(t, r)
		want{"configuration", "unread variables", doctor.Warning, []string{strings.TrimSpace(name)}, []string{right}}.in(t, r)
	}
	for _, name := range []string{"REDIS_HOTS", "REDIS_PASSWORT", "REDIS_USER", "REDIS_DB", "redis_url", "REDIS_TLS_CAFILE"} {
		want{"configuration", "unread variables", doctor.Warning, []string{name}, []string{"is meant"}}.in(t, o.look(t, doctor.Options{}, name+"=1"))
	}
	want{"configuration", "unread variables", doctor.Warning, []string{"ADVOWARE_ENTIRELY_OTHER"}, []string{"take it out"}}.in(t, o.look(t, doctor.Options{}, "ADVOWARE_ENTIRELY_OTHER=1"))
	r := o.look(t, doctor.Options{}, "REDIS_PORT_6379_TCP=x", "REDIS_SERVICE_HOST=x", "REDISCLI_AUTH=x", "PATH=x", "ADVOWARE_SANDBOX_CONTROL=x", "=C:=x", "none")
	want{"configuration", "unread variables", doctor.OK, nil, nil}.in(t, r)
}

// What another program would read in another way is a warning, and what cannot be meant fails.
func TestValuesOfAnEnvFile(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	url := o.BaseURL()
	for line, test := range map[string]struct {
		status doctor.Status
		saw    string
		hint   string
	}{
		"ADVOWARE_KANZLEI=\"Müller & Partner\"":          {doctor.Failure, "in quotes", "quotes out"},
		"ADVOWARE_PASSWORD='sandbox-password'":           {doctor.Failure, "in quotes", "quotes out"},
		"ADVOWARE_KANZLEI=M\xfcller":                     {doctor.Failure, "UTF-8", "save the .env file as UTF-8"},
		"ADVOWARE_USER=M\nM":                             {doctor.Failure, "line end", "one line"},
		"ADVOWARE_USER=MM\r":                             {doctor.Warning, "carriage return", "dos2unix"},
		"ADVOWARE_PASSWORD=sandbox-password\r\n":         {doctor.Warning, "carriage return", "dos2unix"},
		"ADVOWARE_PASSWORD=sandbox-password\n":           {doctor.Warning, "line end", "printf"},
		"ADVOWARE_API_BASE_URL=\"" + url + "\"":          {doctor.Warning, "in quotes", "without them"},
		"ADVOWARE_API_BASE_URL= " + url:                  {doctor.Warning, "space", "take the space out"},
		"ADVOWARE_DATABASE=\ufeffMUELLER":                {doctor.Warning, "byte order mark", "UTF-8 without BOM"},
		"ADVOWARE_DATABASE=MUELLER ":                     {doctor.Warning, "a part of it", "unless it is meant"},
		"ADVOWARE_KANZLEI=Müller\u00a0& Partner":         {doctor.Warning, "cannot be seen", "anew"},
		"ADVOWARE_APP_ID=sandbox\u200b-app":              {doctor.Warning, "cannot be seen", "anew"},
		"ADVOWARE_USER=„MM“":                             {doctor.Warning, "word processor", "take them out"},
		"ADVOWARE_API_KEY=not base64!":                   {doctor.Failure, "not a key in base64", "copy it again"},
		"ADVOWARE_API_KEY=QUJDQUJDQUJDQUJDQUJDQUJDQUJD=": {doctor.Failure, "padding", "copy it again"},
		"ADVOWARE_API_KEY=QUJ":                           {doctor.Failure, "missing at its end", "copy it again"},
		"ADVOWARE_API_TIMEOUT_SECONDS=soon":              {doctor.Failure, "positive number of seconds", "default"},
		"ADVOWARE_TOKEN_KEY=with space":                  {doctor.Failure, "visible ASCII", "default"},
		"ADVOWARE_TOKEN_SEAL_KEYS=x":                     {doctor.Failure, "", "default"},
		"ADVOWARE_API_TLS_PIN=md5/x":                     {doctor.Failure, "", "default"},
	} {
		name, _, _ := strings.Cut(line, "=")
		r := o.look(t, doctor.Options{}, line)
		want{"configuration", name, test.status, []string{test.saw}, []string{test.hint}}.in(t, r)
		want{"clock", "clock", doctor.OK, nil, nil}.in(t, r) // the rest is looked at
	}
}

// A short key looks cut, and a whole one does not.
func TestAPIKeyThatLooksCut(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	whole := strings.Repeat("QUJD", 21) + "QQ=="
	for key, status := range map[string]doctor.Status{
		whole: doctor.OK, whole[:84]: doctor.Warning, whole[:40]: doctor.Warning, "QUJD": doctor.Warning,
	} {
		r := o.look(t, doctor.Options{}, "ADVOWARE_API_KEY="+key)
		want{"configuration", "API key", status, []string{"bytes"}, nil}.in(t, r)
	}
}

// Settings that are right each by itself, and wrong beside one another.
func TestSettingsThatDoNotFit(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	for _, test := range []struct {
		name string
		env  []string
		hint string
	}{
		{"product", []string{"ADVOWARE_PRODUCT_ID=1"}, "vendor's own calendar"},
		{"token URL", []string{"ADVOWARE_TOKEN_URL=" + o.BaseURL()}, "not to the root"},
		{"encryption", []string{"ADVOWARE_TOKEN_URL=http://gateway.invalid/api/v1/Token", "ADVOWARE_ALLOW_INSECURE=true"}, "use https"},
		{"addresses", []string{"ADVOWARE_TOKEN_URL=https://security.advo-net.org.invalid/api/v1/Token"}, ""},
		{"Kanzlei", []string{"ADVOWARE_KANZLEI= Müller"}, "take the spaces out"},
	} {
		r := o.look(t, doctor.Options{}, test.env...)
		if test.hint == "" {
			if slices.ContainsFunc(r.Checks, func(c doctor.Check) bool { return c.Group == "configuration" && c.Name == test.name }) {
				t.Errorf("%s is said", test.name)
			}
			continue
		}
		want{"configuration", test.name, doctor.Warning, nil, []string{test.hint}}.in(t, r)
	}
	r := o.look(t, doctor.Options{}, "ADVOWARE_TOKEN_URL=http://gateway.invalid/api/v1/Token")
	want{"configuration", "ADVOWARE_TOKEN_URL", doctor.Failure, []string{"in the clear"}, nil}.in(t, r)
	want{"gateway", "address", doctor.Skipped, []string{"ADVOWARE_TOKEN_URL"}, nil}.in(t, r)
	want{"API", "answer", doctor.OK, nil, nil}.in(t, r)
	want{"clock", "clock", doctor.OK, []string{"the API's"}, nil}.in(t, r)
}
