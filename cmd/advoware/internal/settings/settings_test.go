package settings_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/cmd/advoware/internal/settings"
)

const secret = "Geheim-7&%"

// office is an environment with all that is required, and more.
func office(more ...string) settings.From {
	lines := append([]string{"ADVOWARE_APP_ID=app", "ADVOWARE_API_KEY=R2VoZWltLTcmJQ==", "ADVOWARE_KANZLEI=Müller", "ADVOWARE_DATABASE=DB",
		"ADVOWARE_USER=u", "ADVOWARE_PASSWORD=" + secret}, more...)
	return settings.From{Environ: lines, Getenv: func(name string) (value string) {
		for _, line := range lines {
			if n, v, _ := strings.Cut(line, "="); n == name {
				value = v
			}
		}
		return value
	}}
}

func find(t *testing.T, r settings.Report, name string) settings.Setting {
	t.Helper()
	i := slices.IndexFunc(r.Settings, func(s settings.Setting) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	return r.Settings[i]
}

// The table has exactly what ReadEnv reads.
func TestTableIsWhole(t *testing.T) {
	asked := make(map[string]bool)
	from := office()
	if _, err := advoware.ReadEnv(func(name string) string { asked[name] = true; return from.Getenv(name) }, advoware.StoreTiered); err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]bool)
	for _, v := range settings.Table {
		listed[v.Name] = true
	}
	if diff := cmp.Diff(asked, listed); diff != "" {
		t.Error(diff)
	}
}

func TestRead(t *testing.T) {
	from := office("ADVOWARE_ROLE= 3 \r\n", "ADVOWARE_USER=", "REDIS_PASSWORD="+secret, "ADVOWARE_TOKEN_SEAL_KEYS=",
		"ADVOWARE_PASWORD="+secret, "REDIS_6=x", "https_proxy=http://me:"+secret+"@proxy:1", "ADVOWARE_PRODUCT_ID=x"+secret)
	from.EnvFile, from.InFile, from.Hidden = "office.env", map[string]bool{"ADVOWARE_ROLE": true}, map[string]bool{"ADVOWARE_APP_ID": true, "ADVOWARE_USER": true}
	r, err := settings.Read(from, advoware.StoreTiered)
	if err == nil || !strings.Contains(err.Error(), "ADVOWARE_USER is required") || !strings.Contains(err.Error(), "ADVOWARE_PRODUCT_ID") || r.OK {
		t.Errorf("%v", err)
	}
	for name, want := range map[string]settings.Setting{
		"ADVOWARE_API_BASE_URL": {Value: new("https://www2.advo-net.net:90/"), Source: settings.Default},
		"ADVOWARE_ROLE":         {Value: new("3"), Source: settings.File, Set: true},
		"ADVOWARE_APP_ID":       {Value: new("app"), Source: settings.Environment, Set: true, Note: "the file has it too"},
		"ADVOWARE_USER":         {Source: settings.Missing, Problem: "is required", Note: "the environment has it empty, which hides the one of the file"},
		"ADVOWARE_PASSWORD":     {Source: settings.Environment, Set: true, Secret: true},
		"REDIS_PASSWORD":        {Source: settings.Environment, Set: true, Secret: true},
		"ADVOWARE_API_KEY":      {Source: settings.Environment, Set: true, Secret: true},
		"ADVOWARE_PRODUCT_ID":   {Source: settings.Environment, Set: true, Problem: "is not a whole number from 1 to 2147483647"},
	} {
		want.Name = name
		if diff := cmp.Diff(want, find(t, r, name)); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff([]settings.Unread{{Name: "ADVOWARE_PASWORD", Closer: "ADVOWARE_PASSWORD"}, {Name: "REDIS_6"}}, r.Unread); diff != "" {
		t.Error(diff)
	}
	text, _ := json.Marshal(r)
	if all := string(text) + string(r.Text()) + err.Error(); strings.Contains(all, "Geheim") || strings.Contains(all, "R2VoZWlt") {
		t.Errorf("a secret is shown: %s", all)
	}
}

// Of a URL of Redis the hosts and the database are shown, and nothing that may be a password.
func TestReadRedisURL(t *testing.T) {
	for url, want := range map[string]string{
		"redis://me:geheim7@localhost:6379/3": "redis://…:xxxxx@localhost:6379/3",
		"rediss://localhost/0":                "rediss://localhost/0",
		"unix:///run/redis.sock?db=1":         "unix:///run/redis.sock?…",
	} {
		r, err := settings.Read(office("REDIS_URL="+url), advoware.StoreTiered)
		if err != nil {
			t.Fatal(err)
		}
		if got := find(t, r, "REDIS_URL"); *got.Value != want {
			t.Errorf("%s is shown as %s", url, *got.Value)
		}
		if strings.Contains(string(r.Text()), "REDIS_HOST") {
			t.Error("what the URL says instead is shown")
		}
	}
	r, err := settings.Read(office("REDIS_URL=redis://x"), advoware.StoreMemory)
	if err != nil || strings.Contains(string(r.Text()), "REDIS_") && len(r.Unread) == 0 && strings.Contains(string(r.Text()), "REDIS_URL  ") {
		t.Errorf("with the memory store: %v\n%s", err, r.Text())
	}
}

// A setting that is no secret, but has one in it, does not show it. What everybody knows, because
// it is the default, is shown, or it would tell what a secret is.
func TestSecretInAnotherSetting(t *testing.T) {
	const redisSecret, urlSecret, short = "redis+secret", "url/secret", "abc"
	for name, more := range map[string][]string{
		"ADVOWARE_KANZLEI":  {"ADVOWARE_KANZLEI=" + secret},
		"ADVOWARE_USER":     {"ADVOWARE_USER=me:" + strings.ToUpper(secret)},
		"ADVOWARE_APP_ID":   {"ADVOWARE_APP_ID=R2VoZWltLTcmJQ=="},
		"ADVOWARE_DATABASE": {"ADVOWARE_DATABASE=" + redisSecret, "REDIS_PASSWORD=" + redisSecret},
		"REDIS_USERNAME":    {"REDIS_USERNAME=" + short, "REDIS_PASSWORD=" + short},
		"ADVOWARE_TOKEN_KEY": {
			"ADVOWARE_TOKEN_KEY=" + urlSecret, "REDIS_URL=redis://me:" + strings.ReplaceAll(urlSecret, "/", "%2F") + "@localhost:6379/3",
		},
		"NO_PROXY":              {"NO_PROXY=" + secret},
		"ADVOWARE_API_BASE_URL": {"ADVOWARE_API_BASE_URL=https://localhost/Geheim-7%26%25/"},
	} {
		t.Run(name, func(t *testing.T) {
			from := office()
			for _, line := range more { // the first one counts
				n, _, _ := strings.Cut(line, "=")
				from = withFirst(from, n, line[len(n)+1:])
			}
			r, err := settings.Read(from, advoware.StoreTiered)
			if err != nil {
				t.Fatal(err)
			}
			s := find(t, r, name)
			if s.Value == nil || !strings.Contains(*s.Value, "[redacted]") || !strings.Contains(s.Note, "a secret is in it") {
				t.Errorf("%s is shown as %v: %s", name, *s.Value, s.Note)
			}
			text, _ := json.Marshal(r)
			all := string(text) + string(r.Text())
			for _, secret := range []string{secret, strings.ToUpper(secret), "R2VoZWlt", redisSecret, urlSecret, "%26%25", " " + short + " "} {
				if strings.Contains(all, secret) {
					t.Errorf("%s is shown:\n%s", secret, r.Text())
				}
			}
		})
	}
	r, err := settings.Read(withFirst(office(), "ADVOWARE_PASSWORD", "net:90"), advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	if s := find(t, r, "ADVOWARE_API_BASE_URL"); *s.Value != "https://www2.advo-net.net:90/" || s.Note != "" {
		t.Errorf("the default is shown as %s (%s)", *s.Value, s.Note)
	}
}

// withFirst returns an environment with another value of a variable.
func withFirst(from settings.From, name, value string) settings.From {
	getenv := from.Getenv
	from.Getenv = func(n string) string {
		if n == name {
			return value
		}
		return getenv(n)
	}
	return from
}
