package settings

import (
	"net/url"
	"strconv"
	"time"

	"github.com/advoware-go/advoware"
)

// Variable is one that the library reads, in the order of .env.example.
type Variable struct {
	Name string
	// Secret is set for one whose value is never shown.
	Secret bool

	required bool
	value    func(advoware.Config) string // as it is in force; of a secret "" if there is none
}

// Table has all that there are.
var Table = []Variable{
	{Name: "ADVOWARE_API_BASE_URL", value: func(c advoware.Config) string { return c.BaseURL }},
	{Name: "ADVOWARE_TOKEN_URL", value: func(c advoware.Config) string { return c.TokenURL }},
	{Name: "ADVOWARE_DISCOVERY", value: func(c advoware.Config) string { return string(c.Discovery) }},
	{Name: "ADVOWARE_DISCOVERY_URL", value: func(c advoware.Config) string { return c.DiscoveryURL }},
	{Name: "ADVOWARE_PRODUCT_ID", value: func(c advoware.Config) string { return strconv.Itoa(c.Product) }},
	{Name: "ADVOWARE_ROLE", value: func(c advoware.Config) string { return strconv.Itoa(c.Role) }},
	{Name: "ADVOWARE_APP_ID", required: true, value: func(c advoware.Config) string { return c.App }},
	{Name: "ADVOWARE_API_KEY", required: true, Secret: true, value: func(c advoware.Config) string { return c.Key.Reveal() }},
	{Name: "ADVOWARE_KANZLEI", required: true, value: func(c advoware.Config) string { return c.Kanzlei }},
	{Name: "ADVOWARE_DATABASE", required: true, value: func(c advoware.Config) string { return c.Database }},
	{Name: "ADVOWARE_USER", required: true, value: func(c advoware.Config) string { return c.User }},
	{Name: "ADVOWARE_PASSWORD", required: true, Secret: true, value: func(c advoware.Config) string { return c.Password.Reveal() }},
	{Name: "ADVOWARE_TOKEN_LIFETIME_MINUTES", value: func(c advoware.Config) string { return in(c.TokenLifetime, time.Minute) }},
	{Name: "ADVOWARE_API_TIMEOUT_SECONDS", value: func(c advoware.Config) string { return in(c.Timeout, time.Second) }},
	{Name: "ADVOWARE_TOKEN_KEY", value: func(c advoware.Config) string { return c.TokenKey }},
	{Name: "ADVOWARE_TOKEN_SEAL_KEYS", Secret: true, value: func(c advoware.Config) string { return some(len(c.SealKeys)) }},
	{Name: "ADVOWARE_ALLOW_INSECURE", value: func(c advoware.Config) string { return strconv.FormatBool(c.AllowInsecure) }},
	{Name: "ADVOWARE_READ_ONLY", value: func(c advoware.Config) string { return strconv.FormatBool(c.ReadOnly) }},
	{Name: "ADVOWARE_LAZY", value: func(c advoware.Config) string { return strconv.FormatBool(c.Lazy) }},
	{Name: "ADVOWARE_NEAR_CAPACITY", value: func(c advoware.Config) string { return strconv.Itoa(c.NearCapacity) }},
	{Name: "ADVOWARE_API_TLS_CA_FILE", value: func(c advoware.Config) string { return c.APITLS.CAFile }},
	{Name: "ADVOWARE_API_TLS_SERVER_NAME", value: func(c advoware.Config) string { return c.APITLS.ServerName }},
	{Name: "ADVOWARE_API_TLS_CERT_FILE", value: func(c advoware.Config) string { return c.APITLS.CertFile }},
	{Name: "ADVOWARE_API_TLS_KEY_FILE", value: func(c advoware.Config) string { return c.APITLS.KeyFile }},
	{Name: "ADVOWARE_API_TLS_PIN", value: func(c advoware.Config) string { return c.APITLS.Pin }},
	{Name: "REDIS_URL", value: func(c advoware.Config) string { return withoutSecrets(c.Redis.URL.Reveal()) }},
	{Name: "REDIS_HOST", value: func(c advoware.Config) string { return c.Redis.Host }},
	{Name: "REDIS_PORT", value: func(c advoware.Config) string { return strconv.Itoa(c.Redis.Port) }},
	{Name: "REDIS_DB_ADVOWARE_CACHE", value: func(c advoware.Config) string { return strconv.Itoa(*c.Redis.DB) }},
	{Name: "REDIS_TIMEOUT_SECONDS", value: func(c advoware.Config) string { return in(c.Redis.Timeout, time.Second) }},
	{Name: "REDIS_USERNAME", value: func(c advoware.Config) string { return c.Redis.Username }},
	{Name: "REDIS_PASSWORD", Secret: true, value: func(c advoware.Config) string { return c.Redis.Password.Reveal() }},
	{Name: "REDIS_TLS", value: func(c advoware.Config) string { return strconv.FormatBool(c.Redis.TLS) }},
	{Name: "REDIS_TLS_CA_FILE", value: func(c advoware.Config) string { return c.Redis.CAFile }},
	{Name: "REDIS_TLS_CERT_FILE", value: func(c advoware.Config) string { return c.Redis.CertFile }},
	{Name: "REDIS_TLS_KEY_FILE", value: func(c advoware.Config) string { return c.Redis.KeyFile }},
	{Name: "REDIS_TLS_SERVER_NAME", value: func(c advoware.Config) string { return c.Redis.ServerName }},
	{Name: "REDIS_ALLOW_REMOTE", value: func(c advoware.Config) string { return strconv.FormatBool(c.Redis.AllowRemote) }},
}

// proxies are read by net/http and crypto/x509: they are shown if they are set.
var proxies = []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"}

func in(d, unit time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(unit), 'f', -1, 64)
}

func some(n int) string {
	if n == 0 {
		return ""
	}
	return "some"
}

// withoutSecrets returns a URL with its scheme, hosts and path: anything else of it may be a
// password. What is no such URL is not shown at all.
func withoutSecrets(text string) string {
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" && u.Path == "" || u.Opaque != "" {
		return "(set, not shown)"
	}
	short := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		short.User = url.UserPassword("…", "…")
	}
	shown := short.Redacted()
	if decoded, err := url.PathUnescape(shown); err == nil {
		shown = decoded
	}
	if u.RawQuery != "" {
		shown += "?…"
	}
	return shown
}

// ofDefault is the value of a variable that is not set, as everybody knows it.
func (v *Variable) ofDefault() string {
	cfg, err := advoware.ReadEnv(standIn, advoware.StoreTiered)
	if err != nil || v.required {
		return ""
	}
	return v.value(cfg)
}

// Help returns what a manual says of the variable: its default, and whether it is secret.
func (v *Variable) Help() string {
	value := v.ofDefault()
	switch {
	case v.required && v.Secret:
		return "Required, secret."
	case v.required:
		return "Required."
	case v.Secret:
		return "Default: none. Secret."
	case value == "":
		return "Default: none."
	}
	return "Default: " + value + "."
}
