package advoware_test

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// defaults is what required gives, by the table of the contract.
func defaults() advoware.Config {
	return advoware.Config{
		BaseURL: "https://www2.advo-net.net:90/", TokenURL: "https://security.advo-net.net/api/v1/Token",
		Discovery: advoware.DiscoveryAuto, DiscoveryURL: "https://www2.advo-net.net/AdvonetConfigurator/api/Url",
		App: "app", Kanzlei: "kanzlei", Database: "database", User: "user",
		Product: 64, Role: 2, TokenLifetime: 55 * time.Minute, TokenMargins: advoware.Margins{Guard: 10 * time.Second, Margin: 110 * time.Second},
		Timeout:  30 * time.Second,
		TokenKey: "advoware_access_token", Store: advoware.StoreTiered,
		Redis:        advoware.RedisConfig{Host: "localhost", Port: 6379, DB: new(1), Timeout: 5 * time.Second},
		NearCapacity: 100_000,
	}
}

const aPin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" // of nothing

// apart from the secrets, which == does not compare by text.
var withoutSecrets = cmpopts.IgnoreTypes(secret.String{}, signer.Key{})

func TestReadEnv(t *testing.T) {
	for _, c := range []struct {
		name, value string
		change      func(*advoware.Config)
	}{
		{"", "", func(*advoware.Config) {}},
		{"ADVOWARE_API_BASE_URL", "https://api.example/x", func(c *advoware.Config) { c.BaseURL = "https://api.example/x" }},
		{"ADVOWARE_TOKEN_URL", "http://localhost:1/t", func(c *advoware.Config) { c.TokenURL = "http://localhost:1/t" }},
		{"ADVOWARE_DISCOVERY", " On ", func(c *advoware.Config) { c.Discovery = advoware.DiscoveryOn }},
		{"ADVOWARE_DISCOVERY", "off", func(c *advoware.Config) { c.Discovery = advoware.DiscoveryOff }},
		{"ADVOWARE_DISCOVERY", "AUTO", func(*advoware.Config) {}},
		{"ADVOWARE_DISCOVERY_URL", "https://test.example/Url", func(c *advoware.Config) { c.DiscoveryURL = "https://test.example/Url" }},
		{"ADVOWARE_PRODUCT_ID", "1", func(c *advoware.Config) { c.Product = 1 }},
		{"ADVOWARE_PRODUCT_ID", "2147483647", func(c *advoware.Config) { c.Product = 2147483647 }},
		{"ADVOWARE_ROLE", " 7 ", func(c *advoware.Config) { c.Role = 7 }},
		{"ADVOWARE_ROLE", "1", func(c *advoware.Config) { c.Role = 1 }},
		{"ADVOWARE_ROLE", "2147483647", func(c *advoware.Config) { c.Role = 2147483647 }},
		{"ADVOWARE_APP_ID", "other", func(c *advoware.Config) { c.App = "other" }},
		{"ADVOWARE_KANZLEI", "Müller & Söhne ", func(c *advoware.Config) { c.Kanzlei = "Müller & Söhne " }},
		{"ADVOWARE_DATABASE", "other", func(c *advoware.Config) { c.Database = "other" }},
		{"ADVOWARE_USER", "other", func(c *advoware.Config) { c.User = "other" }},
		{"ADVOWARE_TOKEN_LIFETIME_MINUTES", "1.5", func(c *advoware.Config) { c.TokenLifetime = 90 * time.Second }},
		{"ADVOWARE_API_TIMEOUT_SECONDS", "3", func(c *advoware.Config) { c.Timeout = 3 * time.Second }},
		{"ADVOWARE_TOKEN_KEY", "key", func(c *advoware.Config) { c.TokenKey = "key" }},
		{"ADVOWARE_ALLOW_INSECURE", "true", func(c *advoware.Config) { c.AllowInsecure = true }},
		{"ADVOWARE_API_TLS_SERVER_NAME", " connector.local ", func(c *advoware.Config) { c.APITLS.ServerName = "connector.local" }},
		{"ADVOWARE_API_TLS_PIN", `"` + aPin + `"`, func(c *advoware.Config) { c.APITLS.Pin = aPin }},
		{"ADVOWARE_READ_ONLY", "yes", func(c *advoware.Config) { c.ReadOnly = true }},
		{"ADVOWARE_LAZY", "true", func(c *advoware.Config) { c.Lazy = true }},
		{"ADVOWARE_NEAR_CAPACITY", " 2000 ", func(c *advoware.Config) { c.NearCapacity = 2000 }},
		{"ADVOWARE_NEAR_CAPACITY", "1", func(c *advoware.Config) { c.NearCapacity = 1 }},
		{"ADVOWARE_NEAR_CAPACITY", "10000000", func(c *advoware.Config) { c.NearCapacity = 10_000_000 }},
		{"ADVOWARE_TOKEN_KEY", "!~", func(c *advoware.Config) { c.TokenKey = "!~" }}, // the first and the last sign of ASCII
		{"REDIS_PORT", "1", func(c *advoware.Config) { c.Redis.Port = 1 }},
		{"REDIS_PORT", "65535", func(c *advoware.Config) { c.Redis.Port = 65535 }},
		{"REDIS_DB_ADVOWARE_CACHE", "2147483647", func(c *advoware.Config) { c.Redis.DB = new(2147483647) }},
		{"REDIS_HOST", "127.0.0.2", func(c *advoware.Config) { c.Redis.Host = "127.0.0.2" }},
		{"REDIS_PORT", "6380", func(c *advoware.Config) { c.Redis.Port = 6380 }},
		{"REDIS_DB_ADVOWARE_CACHE", "0", func(c *advoware.Config) { c.Redis.DB = new(0) }},
		{"REDIS_TIMEOUT_SECONDS", "0.25", func(c *advoware.Config) { c.Redis.Timeout = 250 * time.Millisecond }},
		{"REDIS_USERNAME", "user", func(c *advoware.Config) { c.Redis.Username = "user" }},
		{"REDIS_TLS", "True", func(c *advoware.Config) { c.Redis.TLS = true }},
		{"REDIS_HOST", "/run/redis.sock", func(c *advoware.Config) { c.Redis.Host = "/run/redis.sock" }},
		{"REDIS_ALLOW_REMOTE", "1", func(c *advoware.Config) { c.Redis.AllowRemote = true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			vars, want := required(), defaults()
			vars[c.name] = c.value
			c.change(&want)
			got, err := read(vars, advoware.StoreTiered)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, withoutSecrets); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadEnvSecrets(t *testing.T) {
	vars := required()
	vars["REDIS_PASSWORD"] = "redis-" + password
	vars["REDIS_URL"] = "redis://localhost?client_name=" + password
	cfg, err := read(vars, advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.Password.Reveal(); got != password {
		t.Errorf("Password: got %q", got)
	}
	if got := cfg.Redis.URL.Reveal(); got != vars["REDIS_URL"] {
		t.Errorf("Redis.URL: got %q", got)
	}
	if got := cfg.Redis.Password.Reveal(); got != "redis-"+password {
		t.Errorf("Redis.Password: got %q", got)
	}
	if cfg.Key.IsZero() {
		t.Error("Key: none")
	}
}

func TestFromEnvReadsTheProcess(t *testing.T) {
	setenv(t, required())
	cfg, err := advoware.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaults(), cfg, withoutSecrets); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// setenv makes vars all that the process has of our variables.
func setenv(t *testing.T, vars map[string]string) {
	for name := range example(t) {
		t.Setenv(name, vars[name])
	}
}

func TestEnvErrorNamesEverythingAtOnce(t *testing.T) {
	vars := map[string]string{
		"ADVOWARE_API_BASE_URL":           "http://api.example/",
		"ADVOWARE_TOKEN_URL":              "https://me:" + password + "@gateway.example/",
		"ADVOWARE_PRODUCT_ID":             "sixty-four",
		"ADVOWARE_ROLE":                   "0",
		"ADVOWARE_API_KEY":                "!" + apiKey,
		"ADVOWARE_USER":                   "\xff",
		"ADVOWARE_TOKEN_LIFETIME_MINUTES": "-55",
		"ADVOWARE_API_TIMEOUT_SECONDS":    "NaN",
		"ADVOWARE_ALLOW_INSECURE":         "perhaps",
		"ADVOWARE_READ_ONLY":              "mostly",
		"ADVOWARE_LAZY":                   "a little",
		"ADVOWARE_NEAR_CAPACITY":          "0",
		"REDIS_HOST":                      "redis.example",
		"REDIS_PORT":                      "65536",
		"REDIS_DB_ADVOWARE_CACHE":         "-1",
		"REDIS_TIMEOUT_SECONDS":           "5s",
		"REDIS_TLS":                       "2",
		"REDIS_ALLOW_REMOTE":              "oui",
	}
	want := append(slices.Collect(maps.Keys(vars)),
		"ADVOWARE_APP_ID", "ADVOWARE_KANZLEI", "ADVOWARE_DATABASE", "ADVOWARE_PASSWORD")
	_, err := read(vars, advoware.StoreTiered)
	var env *advoware.EnvError
	if !errors.As(err, &env) {
		t.Fatalf("got %v, want an *EnvError", err)
	}
	var got, texts []string
	for _, p := range env.Problems {
		got, texts = append(got, p.Variable), append(texts, p.Variable+" "+p.Problem)
	}
	if diff := cmp.Diff("advoware: environment: "+strings.Join(texts, "; "), err.Error()); diff != "" {
		t.Errorf("the text: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Error("the text has more than one line")
	}
	for _, s := range []string{apiKey, password} {
		if strings.Contains(err.Error(), s) {
			t.Errorf("the text shows %q", s)
		}
	}
}

func TestMemoryDoesNotLookAtRedisVariables(t *testing.T) {
	vars := required()
	vars["REDIS_HOST"], vars["REDIS_PORT"], vars["REDIS_TLS"] = "redis.example", "x", "x"
	if _, err := read(vars, advoware.StoreMemory); err != nil {
		t.Error(err)
	}
}

func TestRemoteRedis(t *testing.T) {
	for _, c := range []struct {
		host, allowed, tls string
		ok                 bool
	}{
		{"redis.example", "", "", false},
		{"192.0.2.1", "false", "false", false},
		{"redis.example", "true", "", true},
		{"redis.example", "", "true", true},
		{"::1", "", "", true},
		{"LOCALHOST", "", "", true},
	} {
		vars := required()
		vars["REDIS_HOST"], vars["REDIS_ALLOW_REMOTE"], vars["REDIS_TLS"] = c.host, c.allowed, c.tls
		if _, err := read(vars, advoware.StoreTiered); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// What a store has no use for is not looked at.
func TestStoresDoNotLookAtEachOthersVariables(t *testing.T) {
	vars := required()
	vars["ADVOWARE_NEAR_CAPACITY"] = "many"
	if cfg, err := read(vars, advoware.StoreRedis); err != nil || cfg.Store != advoware.StoreRedis {
		t.Errorf("redis: %v, %v", cfg.Store, err)
	}
	vars = required()
	vars["ADVOWARE_TOKEN_SEAL_KEYS"] = "none"
	if cfg, err := read(vars, advoware.StoreMemory); err != nil || cfg.Store != advoware.StoreMemory {
		t.Errorf("memory: %v, %v", cfg.Store, err)
	}
}

func TestDiscoveryVariable(t *testing.T) {
	for kind, values := range map[advoware.Discovery][]string{
		advoware.DiscoveryOn:   {"on", "TRUE", "t", "Yes", "y", "1"},
		advoware.DiscoveryOff:  {"off", "False", "f", "no", "N", "0"},
		advoware.DiscoveryAuto: {"", "auto"},
	} {
		for _, value := range values {
			if cfg, err := readWith("ADVOWARE_DISCOVERY", value); err != nil || cfg.Discovery != kind {
				t.Errorf("%q is read as %q, %v", value, cfg.Discovery, err)
			}
		}
	}
	wantEnvProblem(t, "ADVOWARE_DISCOVERY", "perhaps")
}

// example reads .env.example.
func example(t *testing.T) map[string]string {
	text, err := os.ReadFile(".env.example")
	if err != nil {
		t.Fatal(err)
	}
	vars, commented := make(map[string]string), false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		name, value, ok := strings.Cut(line, "=")
		if !strings.HasPrefix(line, "#") && ok {
			if !commented {
				t.Errorf(".env.example: %s has no comment", name)
			}
			vars[name] = value
		}
		commented = strings.HasPrefix(line, "#")
	}
	return vars
}

func TestEnvExampleListsWhatIsRead(t *testing.T) {
	var asked []string
	_, _ = advoware.ReadEnv(func(name string) string { asked = append(asked, name); return "" }, advoware.StoreTiered)
	slices.Sort(asked)
	if diff := cmp.Diff(slices.Compact(asked), sorted(slices.Collect(maps.Keys(example(t))))); diff != "" {
		t.Errorf("-read +listed:\n%s", diff)
	}
}

func TestEnvExampleShowsTheDefaults(t *testing.T) {
	vars := example(t)
	for name, value := range required() {
		if vars[name] != "" {
			t.Errorf("%s has a value: %q", name, vars[name])
		}
		vars[name] = value
	}
	cfg, err := read(vars, advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaults(), cfg, withoutSecrets); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Nobody should find out from the vendor that he forgot to fill it in.
func TestEnvExampleUnchangedIsRefused(t *testing.T) {
	_, err := read(example(t), advoware.StoreTiered)
	for name := range required() {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}

func sorted(names []string) []string { slices.Sort(names); return names }

func TestTokenKeyMustBeAKey(t *testing.T) {
	for _, key := range []string{" ", "a b", "{a}", "{a", "a}", "a\x7f", "schlüssel", "advoware_token_timestamp", "a\nb"} {
		vars := required()
		vars["ADVOWARE_TOKEN_KEY"] = key
		if _, err := read(vars, advoware.StoreTiered); err == nil || !strings.Contains(err.Error(), "ADVOWARE_TOKEN_KEY") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// A key that is missing is said to be missing, and not to be none.
func TestMissingKeyIsRequired(t *testing.T) {
	for _, value := range []string{"", " ", "\t"} {
		vars := required()
		vars["ADVOWARE_API_KEY"] = value
		if _, err := read(vars, advoware.StoreMemory); err == nil || !strings.Contains(err.Error(), "ADVOWARE_API_KEY is required") {
			t.Errorf("%q: %v", value, err)
		}
	}
}
