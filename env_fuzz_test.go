package advoware_test

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/internal/origin"
)

// FuzzEnv: whatever the variables are, what is wrong with them is said without a secret, twice in
// the same words; and of what is right a client can be made, which sends nothing secret by plain
// http to another machine.
func FuzzEnv(f *testing.F) {
	type seed = [9]string // secret, API, gateway, discovery, number, text, Redis URL after the password, host, flag
	for _, s := range []seed{
		{"", "", "", "", "", "", "@localhost:6379/1", "", ""},
		{"#%&", "https://api.example/x", "http://localhost:1/t", "https://test.example/Url", "1.5", "Müller & Söhne ", "@[::1]:7/2?client_name=x", "127.0.0.1:7", "true"},
		{"\r\n", "http://api.example", "https://u:p@x/", "https://x/?Kanzlei=y", "1e400", "\"quoted\"", "@", "/run/redis.sock", "yes"},
		{"=", "https://[::1", "//x", "https://x#y", "-0", "a\x00b", "@h/1?master_name=m&password=s3cret-q", "redis.example", "FALSE"},
		{"@", "https://api.example:99999/", "ftp://x", "'https://x/'", "Inf", strings.Repeat("x", 300), ":x@y@z/?db=-1", " ::1 ", "on"},
		{"/", "https://api.example/%zz", "https://x/\\y", "https://x/%0a", "0x10", "sha256/AAAA", "?addr=a:1&addr=b:2&read_only=s3cret-", "h:1:2", "1"},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8])
	}
	silent := slog.New(slog.DiscardHandler)
	f.Fuzz(func(t *testing.T, secret, api, gateway, discovery, number, text, redis, host, flag string) {
		vars := required()
		marked := "s3cret-" + secret
		for name, value := range map[string]string{
			"ADVOWARE_PASSWORD": marked, "ADVOWARE_API_BASE_URL": api, "ADVOWARE_TOKEN_URL": gateway, "ADVOWARE_DISCOVERY_URL": discovery,
			"ADVOWARE_API_TIMEOUT_SECONDS": number, "ADVOWARE_TOKEN_LIFETIME_MINUTES": number, "ADVOWARE_PRODUCT_ID": number, "REDIS_PORT": number, "REDIS_TIMEOUT_SECONDS": number,
			"ADVOWARE_KANZLEI": text, "ADVOWARE_TOKEN_KEY": text, "ADVOWARE_API_TLS_PIN": text, "ADVOWARE_DISCOVERY": flag, "ADVOWARE_READ_ONLY": flag,
			"REDIS_URL": redis, "REDIS_HOST": host, "REDIS_PASSWORD": marked, "REDIS_TLS": flag, "ADVOWARE_TOKEN_SEAL_KEYS": "",
		} {
			if value != "" {
				vars[name] = value
			}
		}
		if redis != "" {
			vars["REDIS_URL"] = "redis://user:" + marked + redis
		}
		if text == secret { // now and then the keys are wrong too
			vars["ADVOWARE_API_KEY"], vars["ADVOWARE_TOKEN_SEAL_KEYS"] = marked, marked
		}
		for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreMemory} {
			read := func() (advoware.Config, error) {
				return advoware.ReadEnv(func(name string) string { return vars[name] }, kind)
			}
			cfg, err := read()
			if said := fmt.Sprintf("%v %+v %+v %#v", err, err, cfg, cfg); strings.Contains(said, "s3cret-") && !shown(api+gateway+discovery+number+text+host+flag) {
				t.Fatalf("a secret is shown: %s", said)
			}
			if _, again := read(); fmt.Sprint(again) != fmt.Sprint(err) {
				t.Fatalf("first %v, then %v", err, again)
			}
			if err != nil {
				continue
			}
			for _, at := range []string{cfg.BaseURL, cfg.TokenURL, cfg.DiscoveryURL} {
				u, err := url.Parse(at)
				if err != nil || u.Scheme != "https" && !origin.Loopback(u.Hostname()) || u.User != nil {
					t.Errorf("%q is accepted: %v", at, err)
				}
			}
			cfg.Logger = silent
			if kind == advoware.StoreMemory {
				c, err := advoware.New(cfg)
				if err != nil {
					t.Fatalf("ReadEnv accepts what New does not: %v", err)
				}
				_ = c.Close()
			}
		}
	})
}

// shown reports whether something that may be shown happens to be the secret.
func shown(text string) bool { return strings.Contains(text, "s3cret-") }
