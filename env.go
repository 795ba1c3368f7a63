package advoware

import (
	"errors"
	"math"
	"os"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/envvar"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/sealed"
)

// EnvError lists everything that is wrong with the environment. It never shows the
// value of a secret.
type EnvError struct{ Problems []EnvProblem }

// EnvProblem is one variable and what is wrong with it.
type EnvProblem struct{ Variable, Problem string }

// Error names all variables in one line.
func (e *EnvError) Error() string {
	var b strings.Builder
	b.WriteString("advoware: environment: ")
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.Variable + " " + p.Problem)
	}
	return b.String()
}

// FromEnv reads the configuration from the environment: the ADVOWARE_ and REDIS_
// variables that .env.example lists. An empty variable counts as missing, and what
// is missing has its default filled in. What is wrong is reported in one
// [*EnvError].
func FromEnv() (Config, error) { return ReadEnv(os.Getenv, StoreTiered) }

// ReadEnv is FromEnv for variables from somewhere else, and for a given store:
// with StoreMemory the REDIS_ variables are not looked at, nor is what is for Redis only, and
// with StoreRedis what is for memory only. Getenv returns "" for a variable that is not set;
// nil means os.Getenv. Files of certificates are read, to see whether they can be used.
//
// Line ends behind a value do not belong to it, nor do spaces and quotes around what can
// have none: a number, a URL, a host. Around a name or a password quotes are refused.
// Times of more than a year count as a year.
func ReadEnv(getenv func(string) string, kind StoreKind) (Config, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	e := new(env)
	e.Reader = envvar.Reader{Get: getenv, Report: func(name, problem string) {
		e.problems = append(e.problems, EnvProblem{name, problem})
	}}
	cfg := Config{Store: kind}
	cfg.AllowInsecure = e.Bool("ADVOWARE_ALLOW_INSECURE")
	cfg.BaseURL = e.url("ADVOWARE_API_BASE_URL", cfg.AllowInsecure)
	cfg.TokenURL = e.url("ADVOWARE_TOKEN_URL", cfg.AllowInsecure)
	cfg.Discovery = e.discovery("ADVOWARE_DISCOVERY")
	cfg.APITLS = e.apiTLS(cfg.BaseURL, cfg.Discovery == DiscoveryOn)
	cfg.DiscoveryURL = e.url("ADVOWARE_DISCOVERY_URL", cfg.AllowInsecure)
	cfg.ReadOnly = e.Bool("ADVOWARE_READ_ONLY")
	cfg.Lazy = e.Bool("ADVOWARE_LAZY")
	cfg.Product = e.Number("ADVOWARE_PRODUCT_ID", 1, math.MaxInt32)
	cfg.Role = e.Number("ADVOWARE_ROLE", 1, math.MaxInt32)
	cfg.App = e.Required("ADVOWARE_APP_ID")
	cfg.Key = e.key("ADVOWARE_API_KEY")
	cfg.Kanzlei = e.Required("ADVOWARE_KANZLEI")
	cfg.Database = e.Required("ADVOWARE_DATABASE")
	cfg.User = e.Required("ADVOWARE_USER")
	cfg.Password = secret.New(e.Required("ADVOWARE_PASSWORD"))
	cfg.TokenLifetime = e.Duration("ADVOWARE_TOKEN_LIFETIME_MINUTES", time.Minute, "minutes")
	cfg.Timeout = e.Duration("ADVOWARE_API_TIMEOUT_SECONDS", time.Second, "seconds")
	cfg.TokenKey = e.Text("ADVOWARE_TOKEN_KEY")
	if problem := keyProblem(cfg.TokenKey); problem != "" {
		e.Problem("ADVOWARE_TOKEN_KEY", "%s", problem)
	} else if cfg.TokenKey != "" && (cfg.TokenKey == cfg.Password.Reveal() || cfg.TokenKey == cfg.Key.Reveal()) {
		e.Problem("ADVOWARE_TOKEN_KEY", isSecret)
	}
	if kind != StoreRedis {
		cfg.NearCapacity = e.Number("ADVOWARE_NEAR_CAPACITY", 1, memory.MaxCapacity)
	}
	if kind != StoreMemory {
		cfg.Redis = e.redis()
		cfg.SealKeys = e.sealKeys("ADVOWARE_TOKEN_SEAL_KEYS")
		if len(cfg.SealKeys) > 0 && (cfg.TokenKey == "" || cfg.TokenKey == DefaultTokenKey) {
			e.Problem("ADVOWARE_TOKEN_KEY", "must be a name of its own with ADVOWARE_TOKEN_SEAL_KEYS: programs that do not seal use %s", DefaultTokenKey)
		}
	}
	if len(e.problems) > 0 {
		return Config{}, &EnvError{Problems: e.problems}
	}
	cfg.setDefaults()
	return cfg, nil
}

// env reads variables and what is made of them.
type env struct {
	envvar.Reader
	problems []EnvProblem
}

func (e *env) key(name string) signer.Key {
	v := e.Unquoted(name)
	if strings.TrimSpace(v) == "" {
		e.Problem(name, "is required")
		return signer.Key{}
	}
	key, err := signer.ParseKey(v)
	if err != nil {
		e.Problem(name, "is not a key in base64: %s", strings.TrimPrefix(err.Error(), "signer: "))
	}
	return key
}

// sealKeys reads a key ring, nil if there is none.
func (e *env) sealKeys(name string) []sealed.Key {
	v := e.Unquoted(name)
	if v == "" {
		return nil
	}
	keys, err := sealed.ParseKeys(v)
	if err != nil {
		e.Problem(name, "%s", strings.TrimPrefix(err.Error(), "store/sealed: "))
	}
	return keys
}

func (e *env) url(name string, insecure bool) string {
	v := e.Word(name)
	if v == "" {
		return ""
	}
	switch _, err := origin.Parse(v, insecure); {
	case errors.Is(err, origin.ErrInsecure):
		e.Problem(name, "%s (ADVOWARE_ALLOW_INSECURE=true)", err)
	case err != nil:
		e.Problem(name, "%s", err)
	}
	return v
}

// apiTLS reads which certificate the API may have.
func (e *env) apiTLS(baseURL string, discovered bool) client.TLS {
	c := client.TLS{
		CAFile:     e.Word("ADVOWARE_API_TLS_CA_FILE"),
		ServerName: e.Word("ADVOWARE_API_TLS_SERVER_NAME"),
		CertFile:   e.Word("ADVOWARE_API_TLS_CERT_FILE"),
		KeyFile:    e.Word("ADVOWARE_API_TLS_KEY_FILE"),
		Pin:        e.Word("ADVOWARE_API_TLS_PIN"),
	}
	use := apitls.Use{Name: apitls.Variable, BaseURL: baseURL, BaseURLName: "ADVOWARE_API_BASE_URL", Discovered: discovered}
	for _, p := range apitls.Config(c).Problems(use) {
		e.Problem(apitls.Variable(p.Field), "%s", p.Text)
	}
	return c
}

// discovery reads auto, on or off, or what means the same as the latter two.
func (e *env) discovery(name string) Discovery {
	switch v := strings.ToLower(e.Word(name)); v {
	case "", string(DiscoveryAuto):
		return DiscoveryAuto
	case "on", "true", "t", "yes", "y", "1":
		return DiscoveryOn
	case "off", "false", "f", "no", "n", "0":
		return DiscoveryOff
	default:
		e.Problem(name, "is %snot auto, on or off", envvar.Shown(v))
		return DiscoveryAuto
	}
}

// redisFieldAndVariable names a field of a RedisConfig for those who wrote it, in code
// or in the environment.
func redisFieldAndVariable(field string) string {
	if variable := envvar.Redis(field); variable != "" {
		return redisField(field) + " (" + variable + ")"
	}
	return redisField(field)
}

func (e *env) redis() RedisConfig {
	r := RedisConfig{
		URL:        secret.New(e.Word("REDIS_URL")),
		Host:       e.Word("REDIS_HOST"),
		Timeout:    e.Duration("REDIS_TIMEOUT_SECONDS", time.Second, "seconds"),
		Username:   e.Text("REDIS_USERNAME"),
		Password:   secret.New(e.Text("REDIS_PASSWORD")),
		TLS:        e.Bool("REDIS_TLS"),
		CAFile:     e.Word("REDIS_TLS_CA_FILE"),
		CertFile:   e.Word("REDIS_TLS_CERT_FILE"),
		KeyFile:    e.Word("REDIS_TLS_KEY_FILE"),
		ServerName: e.Word("REDIS_TLS_SERVER_NAME"),

		AllowRemote: e.Bool("REDIS_ALLOW_REMOTE"),
	}
	service := e.redisPort(&r)
	if e.Word("REDIS_DB_ADVOWARE_CACHE") != "" {
		r.DB = new(e.Number("REDIS_DB_ADVOWARE_CACHE", 0, math.MaxInt32))
	}
	r = r.WithDefaults()
	for _, p := range r.Problems(envvar.Redis) {
		variable := envvar.Redis(p.Field)
		if p.Field == "Host" && service {
			variable = "REDIS_PORT"
		}
		e.Problem(variable, "%s", p.Text)
	}
	return r
}

// redisPort reads REDIS_PORT. Kubernetes sets it to tcp://address:port where a service
// is called redis, for whoever wants to know: it counts for what nobody has said, and
// for nothing beside a URL. Service tells that the host comes from there.
func (e *env) redisPort(r *RedisConfig) (service bool) {
	const variable = "REDIS_PORT"
	v := e.Word(variable)
	if !strings.HasPrefix(strings.ToLower(v), "tcp://") {
		r.Port = e.Number(variable, 1, origin.MaxPort)
		return false
	}
	host, port, ok := origin.SplitAddress(v)
	switch {
	case !r.URL.IsZero():
		return false
	case !ok || port == 0:
		e.Problem(variable, "is %snot a whole number from 1 to %d", envvar.Shown(v), origin.MaxPort)
		return false
	}
	r.Port = port
	if r.Host != "" {
		return false
	}
	r.Host = host
	return true
}
