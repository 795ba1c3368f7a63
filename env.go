package advoware

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
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
func FromEnv() (Config, error) { return ReadEnv(os.Getenv, Tiered) }

// ReadEnv is FromEnv for variables from somewhere else, and for a given store:
// with Memory the REDIS_ variables are not looked at, nor is what is for Redis only.
// Getenv returns "" for a variable that is not set; nil means os.Getenv. Certificates
// for Redis are read, to see whether they can be used.
//
// Line ends behind a value do not belong to it, nor do spaces and quotes around what can
// have none: a number, a URL, a host. Around a name or a password quotes are refused.
// Times of more than a year count as a year.
func ReadEnv(getenv func(string) string, kind StoreKind) (Config, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	e := &env{get: getenv}
	cfg := Config{Store: kind}
	cfg.AllowInsecure = e.boolean("ADVOWARE_ALLOW_INSECURE")
	cfg.BaseURL = e.url("ADVOWARE_API_BASE_URL", cfg.AllowInsecure)
	cfg.TokenURL = e.url("ADVOWARE_TOKEN_URL", cfg.AllowInsecure)
	cfg.Product = e.number("ADVOWARE_PRODUCT_ID", 1, math.MaxInt32)
	cfg.Role = e.number("ADVOWARE_ROLE", 1, math.MaxInt32)
	cfg.App = e.required("ADVOWARE_APP_ID")
	cfg.Key = e.key("ADVOWARE_API_KEY")
	cfg.Kanzlei = e.required("ADVOWARE_KANZLEI")
	cfg.Database = e.required("ADVOWARE_DATABASE")
	cfg.User = e.required("ADVOWARE_USER")
	cfg.Password = secret.New(e.required("ADVOWARE_PASSWORD"))
	cfg.TokenLifetime = e.duration("ADVOWARE_TOKEN_LIFETIME_MINUTES", time.Minute, "minutes")
	cfg.Timeout = e.duration("ADVOWARE_API_TIMEOUT_SECONDS", time.Second, "seconds")
	cfg.TokenKey = e.text("ADVOWARE_TOKEN_KEY")
	if problem := keyProblem(cfg.TokenKey); problem != "" {
		e.problem("ADVOWARE_TOKEN_KEY", "%s", problem)
	}
	if kind != Memory {
		cfg.Redis = e.redis()
		cfg.SealKeys = e.sealKeys("ADVOWARE_TOKEN_SEAL_KEYS")
		if len(cfg.SealKeys) > 0 && (cfg.TokenKey == "" || cfg.TokenKey == DefaultTokenKey) {
			e.problem("ADVOWARE_TOKEN_KEY", "must be a name of its own with ADVOWARE_TOKEN_SEAL_KEYS: programs that do not seal use %s", DefaultTokenKey)
		}
	}
	if len(e.problems) > 0 {
		return Config{}, &EnvError{Problems: e.problems}
	}
	cfg.setDefaults()
	return cfg, nil
}

// env reads variables and collects what is wrong with them. Its methods return the
// zero value for a variable that is missing or malformed.
type env struct {
	get      func(string) string
	problems []EnvProblem
}

func (e *env) problem(name, format string, args ...any) {
	e.problems = append(e.problems, EnvProblem{name, fmt.Sprintf(format, args...)})
}

func (e *env) required(name string) string {
	v := e.text(name)
	if strings.TrimSpace(v) == "" {
		e.problem(name, "is required")
	}
	return v
}

func (e *env) key(name string) signer.Key {
	v := unquoted(strings.TrimSpace(e.raw(name)))
	if strings.TrimSpace(v) == "" {
		e.problem(name, "is required")
		return signer.Key{}
	}
	key, err := signer.ParseKey(v)
	if err != nil {
		e.problem(name, "is not a key in base64: %s", strings.TrimPrefix(err.Error(), "signer: "))
	}
	return key
}

// sealKeys reads a key ring, nil if there is none.
func (e *env) sealKeys(name string) []sealed.Key {
	v := unquoted(strings.TrimSpace(e.raw(name)))
	if v == "" {
		return nil
	}
	keys, err := sealed.ParseKeys(v)
	if err != nil {
		e.problem(name, "%s", strings.TrimPrefix(err.Error(), "store/sealed: "))
	}
	return keys
}

func (e *env) url(name string, insecure bool) string {
	v := e.word(name)
	if v == "" {
		return ""
	}
	switch _, err := origin.Parse(v, insecure); {
	case errors.Is(err, origin.ErrInsecure):
		e.problem(name, "%s (ADVOWARE_ALLOW_INSECURE=true)", err)
	case err != nil:
		e.problem(name, "%s", err)
	}
	return v
}
