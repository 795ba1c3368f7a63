package advoware_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/secret"
)

// Values come from files, editors and other programs' idea of quoting. What can be meant
// in one way only works; the rest is an error that names the variable.
func TestEnvValuesAsTheyAreFound(t *testing.T) {
	required := []string{"ADVOWARE_APP_ID", "ADVOWARE_KANZLEI", "ADVOWARE_DATABASE", "ADVOWARE_USER", "ADVOWARE_PASSWORD", "ADVOWARE_API_KEY"}
	text := map[string]func(advoware.Config) string{
		"ADVOWARE_APP_ID":   func(c advoware.Config) string { return c.App },
		"ADVOWARE_KANZLEI":  func(c advoware.Config) string { return c.Kanzlei },
		"ADVOWARE_DATABASE": func(c advoware.Config) string { return c.Database },
		"ADVOWARE_USER":     func(c advoware.Config) string { return c.User },
		"ADVOWARE_PASSWORD": func(c advoware.Config) string { return c.Password.Reveal() },
		"REDIS_USERNAME":    func(c advoware.Config) string { return c.Redis.Username },
		"REDIS_PASSWORD":    func(c advoware.Config) string { return c.Redis.Password.Reveal() },
	}
	for name, of := range text {
		for value, want := range map[string]string{
			"swordfish\n": "swordfish", "swordfish\r\n": "swordfish", "swordfish\n\n": "swordfish", "\ufeffswordfish": "swordfish",
			" sword fish ": " sword fish ", `sw"o'rd`: `sw"o'rd`, `"`: `"`,
		} {
			cfg, err := readWith(name, value)
			if err != nil || of(cfg) != want {
				t.Errorf("%s=%q is read as %q, %v", name, value, of(cfg), err)
			}
		}
		for _, value := range []string{"sword\nfish", "\nswordfish", "sword\rfish", "sword\x00fish", "sword\u2028fish", `"swordfish"`, "'swordfish'", "'swordfish'\n"} {
			wantEnvProblem(t, name, value, "swordfish", "sword")
		}
	}
	for _, name := range required {
		for _, value := range []string{"", "\n", " \r\n"} {
			wantEnvProblem(t, name, value)
		}
	}
	for name, values := range map[string][]string{
		"ADVOWARE_API_KEY":                {apiKey + "\n", "\ufeff" + apiKey + "\r\n", `"` + apiKey + `"`, " '" + apiKey + "' "},
		"ADVOWARE_API_BASE_URL":           {"https://api.example/\n", ` "https://api.example/" `},
		"ADVOWARE_TOKEN_URL":              {"https://api.example/t\r\n", "'https://api.example/t'"},
		"ADVOWARE_PRODUCT_ID":             {"7\n", `"7"`, " 7 ", "007", "+7"},
		"ADVOWARE_TOKEN_KEY":              {"key\n"},
		"ADVOWARE_ALLOW_INSECURE":         {"TRUE\n", `"yes"`, "On", "off", "NO", "y", "0"},
		"ADVOWARE_TOKEN_LIFETIME_MINUTES": {"7\n", `"7.5"`, "1e1"},
		"REDIS_URL":                       {"redis://localhost:7/2\n", ` "redis://localhost:7/2"`},
		"REDIS_HOST":                      {"localhost\n", `"localhost"`},
	} {
		for _, value := range values {
			if _, err := readWith(name, value); err != nil {
				t.Errorf("%s=%q: %v", name, value, err)
			}
		}
	}
	for name, values := range map[string][]string{
		"ADVOWARE_API_KEY":        {apiKey + `"`, "'" + apiKey},
		"ADVOWARE_TOKEN_KEY":      {`"key"`, "a\nb"},
		"ADVOWARE_ALLOW_INSECURE": {"oui", "2", "tru\ne"},
		"ADVOWARE_PRODUCT_ID":     {"6 4", "64.0", "0x40", "６４", "0", "-1", "2147483648", strings.Repeat("9", 40)},
		"ADVOWARE_ROLE":           {"2147483648"},
		"REDIS_PORT":              {"0", "65536", "99999999999999999999", "6379/tcp"},
		"REDIS_DB_ADVOWARE_CACHE": {"-1", "4294967296"},
	} {
		for _, value := range values {
			wantEnvProblem(t, name, value, apiKey)
		}
	}
}

// A quantity beyond all use is as large as any; an identifier beyond its range is wrong.
func TestEnvQuantitiesBeyondRangeAreTheMaximum(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, of := range map[string]func(advoware.Config) time.Duration{
		"ADVOWARE_TOKEN_LIFETIME_MINUTES": func(c advoware.Config) time.Duration { return c.TokenLifetime },
		"ADVOWARE_API_TIMEOUT_SECONDS":    func(c advoware.Config) time.Duration { return c.Timeout },
		"REDIS_TIMEOUT_SECONDS":           func(c advoware.Config) time.Duration { return c.Redis.Timeout },
	} {
		for _, value := range []string{"4294967296", "9223372036854775808", strings.Repeat("9", 400), "1e300", "1e400", "99999999999.5"} {
			if cfg, err := readWith(name, value); err != nil || of(cfg) != year {
				t.Errorf("%s=%.30s is read as %v, %v", name, value, of(cfg), err)
			}
		}
		for _, value := range []string{"NaN", "Inf", "0x10", "0", "0.00001", "-1", "-1e400", "5s", "5,5", "1_000"} {
			wantEnvProblem(t, name, value)
		}
	}
}

func TestRedisAddressAsItIsFound(t *testing.T) {
	for _, c := range []struct {
		url, host, port string
		wantHost        string
		wantPort        int
		bad             string // the variable that is named
	}{
		// A service of Kubernetes that is called redis.
		{"redis://localhost:7/2", "", "tcp://10.0.0.1:6379", "localhost", 6379, ""},
		{"rediss://:pw@redis.example", "", "tcp://10.0.0.1:6379", "localhost", 6379, ""},
		{"", "", "tcp://127.0.0.1:6380", "127.0.0.1", 6380, ""},
		{"", "", "tcp://[::1]:6380\n", "::1", 6380, ""},
		{"", "localhost", "tcp://10.0.0.1:6380", "localhost", 6380, ""},
		{"", "", "tcp://10.0.0.1:6380", "", 0, "REDIS_PORT"}, // another machine, without TLS
		{"", "", "tcp://10.0.0.1", "", 0, "REDIS_PORT"},
		{"", "", "tcp://127.0.0.1:99999", "", 0, "REDIS_PORT"},
		{"", "", "udp://127.0.0.1:6379", "", 0, "REDIS_PORT"},
		// Host and port in one.
		{"", "localhost:6380", "", "localhost", 6380, ""},
		{"", "localhost:6380", "6379", "localhost", 6380, ""}, // the default says nothing
		{"", "localhost:6380", "6380", "localhost", 6380, ""},
		{"", "localhost:6380", "7000", "", 0, "REDIS_HOST"},
		{"", "localhost:6379", "7000", "", 0, "REDIS_HOST"},
		{"", "[::1]:6380", "", "::1", 6380, ""},
		{"", "[::1]", "6380", "::1", 6380, ""},
		{"", "::1", "", "::1", 6379, ""},
		{"", "tcp://localhost:6380", "", "localhost", 6380, ""},
		{"", "localhost:", "", "localhost", 6379, ""},
		{"", "/run/redis:6379.sock", "", "/run/redis:6379.sock", 6379, ""},
		{"", "redis.example:6380", "", "", 0, "REDIS_HOST"},
		{"", "redis://:hunter2@localhost:6379/3", "", "", 0, "REDIS_HOST"},
		{"", "localhost:port", "", "", 0, "REDIS_HOST"},
		{"", "localhost:70000", "", "", 0, "REDIS_HOST"},
		{"redis://localhost:7", "localhost:7", "", "localhost", 7, ""},
		{"redis://localhost:7", "localhost:8", "", "", 0, "REDIS_PORT"},
	} {
		vars := required()
		vars["REDIS_URL"], vars["REDIS_HOST"], vars["REDIS_PORT"] = c.url, c.host, c.port
		cfg, err := read(vars, advoware.StoreTiered)
		switch {
		case c.bad != "":
			if err == nil || !strings.Contains(err.Error(), c.bad) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%+v: %v", c, err)
			}
		case err != nil || cfg.Redis.Host != c.wantHost || cfg.Redis.Port != c.wantPort:
			t.Errorf("%+v: %q, %d, %v", c, cfg.Redis.Host, cfg.Redis.Port, err)
		}
	}
}

// A Config made in code says it in the same forms.
func TestRedisAddressInCode(t *testing.T) {
	for host, ok := range map[string]bool{"localhost:7": true, "[::1]:7": true, "localhost:x": false} {
		stores, err := advoware.OpenStores(advoware.Config{Redis: advoware.RedisConfig{Host: host}, OneShot: true})
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "Redis.Host") {
			t.Errorf("%s: %v", host, err)
		}
		if err == nil {
			_ = stores.Close()
		}
	}
	if _, err := advoware.OpenStores(advoware.Config{Redis: advoware.RedisConfig{Host: "localhost:7", Port: 8}}); err == nil ||
		!strings.Contains(err.Error(), "Redis.Host") || !strings.Contains(err.Error(), "Redis.Port") {
		t.Errorf("a Host that contradicts Port: %v", err)
	}
}

// In code too, what was read from a file is not sent with its line end.
func TestLineEndsInCode(t *testing.T) {
	for field, change := range map[string]func(*advoware.Config){
		"App":              func(c *advoware.Config) { c.App += "\n" },
		"Kanzlei":          func(c *advoware.Config) { c.Kanzlei += "\r\n" },
		"Database":         func(c *advoware.Config) { c.Database += "\n" },
		"User":             func(c *advoware.Config) { c.User += "\n" },
		"Password":         func(c *advoware.Config) { c.Password = secret.New(password + "\n") },
		"TokenKey":         func(c *advoware.Config) { c.TokenKey += "\n" },
		"Redis.Username":   func(c *advoware.Config) { c.Redis.Username = "u\n" },
		"Redis.Password":   func(c *advoware.Config) { c.Redis.Password = secret.New(password + "\n") },
		"Redis.Host":       func(c *advoware.Config) { c.Redis.Host = "localhost\n" },
		"Redis.ServerName": func(c *advoware.Config) { c.Redis.TLS, c.Redis.ServerName = true, "localhost\n" },
	} {
		cfg, err := read(required(), advoware.StoreTiered)
		if err != nil {
			t.Fatal(err)
		}
		change(&cfg)
		if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), field) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func readWith(name, value string) (advoware.Config, error) {
	vars := required()
	vars[name] = value
	return read(vars, advoware.StoreTiered)
}

// wantEnvProblem checks that a value is refused, by the name of the variable, on one
// line and without showing a secret.
func wantEnvProblem(t *testing.T, name, value string, secrets ...string) {
	t.Helper()
	_, err := readWith(name, value)
	if err == nil || !strings.Contains(err.Error(), name) || strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("%s=%.40q: %v", name, value, err)
		return
	}
	for _, s := range secrets {
		if strings.Contains(err.Error(), s) {
			t.Errorf("%s=%.40q: %v shows it", name, value, err)
		}
	}
}

// A secret in the wrong variable is named by the variable, and not shown.
func TestSecretInTheWrongVariable(t *testing.T) {
	for _, s := range []string{"hunter2", "swordfish", "Tr0ub4dor&3", "correct horse battery", "abc123", "geheim-99", "987654321098", "x9y"} {
		for _, name := range []string{
			"ADVOWARE_PRODUCT_ID", "ADVOWARE_ROLE", "ADVOWARE_ALLOW_INSECURE", "ADVOWARE_READ_ONLY", "ADVOWARE_LAZY", "ADVOWARE_NEAR_CAPACITY", "ADVOWARE_TOKEN_LIFETIME_MINUTES", "ADVOWARE_API_TIMEOUT_SECONDS",
			"REDIS_PORT", "REDIS_DB_ADVOWARE_CACHE", "REDIS_TIMEOUT_SECONDS", "REDIS_TLS", "REDIS_ALLOW_REMOTE",
		} {
			if number, err := strconv.Atoi(s); err == nil && number > 0 && strings.HasSuffix(name, "S") {
				continue // a time
			}
			wantEnvProblem(t, name, s, s)
		}
		for _, form := range []string{
			"redis://localhost/%s", "redis://localhost/1?pool_size=%s", "redis://localhost/1?%s=1", "redis://localhost/1?dial_timeout=%s",
			"%s", "%s://localhost", "redis://localhost:%s/1", "unix:///run/redis?db=%s",
		} {
			if s == "987654321098" && (strings.HasSuffix(form, "/%s") || strings.HasSuffix(form, "=%s")) {
				continue // a number
			}
			wantEnvProblem(t, "REDIS_URL", fmt.Sprintf(form, url.QueryEscape(s)), s, url.QueryEscape(s))
		}
	}
	for _, s := range []string{apiKey, password, "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", "q83vEjRWeJCrze8SNFZ4kA=="} {
		vars := required()
		vars["ADVOWARE_TOKEN_KEY"], vars["ADVOWARE_PASSWORD"] = s, password
		if _, err := read(vars, advoware.StoreTiered); err == nil || !strings.Contains(err.Error(), "ADVOWARE_TOKEN_KEY") || strings.Contains(err.Error(), s) {
			t.Errorf("ADVOWARE_TOKEN_KEY=%.8s…: %v", s, err)
		}
		cfg, err := read(required(), advoware.StoreTiered)
		if err != nil {
			t.Fatal(err)
		}
		cfg.TokenKey, cfg.Password = s, secret.New(password)
		if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "TokenKey") || strings.Contains(err.Error(), s) {
			t.Errorf("TokenKey %.8s…: %v", s, err)
		}
	}
	for _, key := range []string{"advowareAccessTokenOfTheKanzlei123456", "token/of/kanzlei", "advoware-token=2", "kanzlei/of+muster/01"} {
		if _, err := readWith("ADVOWARE_TOKEN_KEY", key); err != nil {
			t.Errorf("ADVOWARE_TOKEN_KEY=%s: %v", key, err)
		}
	}
	for value, name := range map[string]string{"5s": "REDIS_TIMEOUT_SECONDS", "65536": "REDIS_PORT", "-1": "ADVOWARE_ROLE", "5,5": "ADVOWARE_API_TIMEOUT_SECONDS"} {
		if _, err := readWith(name, value); err == nil || !strings.Contains(err.Error(), strconv.Quote(value)) {
			t.Errorf("%s=%s: %v; want it shown", name, value, err)
		}
	}
}
