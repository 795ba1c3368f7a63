package advoware

import (
	"math"
	"strings"
	"time"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
)

// redisVariables are the names of the fields in the environment.
var redisVariables = map[string]string{
	"URL":         "REDIS_URL",
	"Host":        "REDIS_HOST",
	"Port":        "REDIS_PORT",
	"DB":          "REDIS_DB_ADVOWARE_CACHE",
	"Timeout":     "REDIS_TIMEOUT_SECONDS",
	"Username":    "REDIS_USERNAME",
	"Password":    "REDIS_PASSWORD",
	"TLS":         "REDIS_TLS",
	"CAFile":      "REDIS_TLS_CA_FILE",
	"CertFile":    "REDIS_TLS_CERT_FILE",
	"KeyFile":     "REDIS_TLS_KEY_FILE",
	"ServerName":  "REDIS_TLS_SERVER_NAME",
	"AllowRemote": "REDIS_ALLOW_REMOTE",
}

// redisFieldAndVariable names a field of a RedisConfig for those who wrote it, in code
// or in the environment.
func redisFieldAndVariable(field string) string {
	if variable, ok := redisVariables[field]; ok {
		return redisField(field) + " (" + variable + ")"
	}
	return redisField(field)
}

func (e *env) redis() RedisConfig {
	r := RedisConfig{
		URL:        secret.New(e.word("REDIS_URL")),
		Host:       e.word("REDIS_HOST"),
		Timeout:    e.duration("REDIS_TIMEOUT_SECONDS", time.Second, "seconds"),
		Username:   e.text("REDIS_USERNAME"),
		Password:   secret.New(e.text("REDIS_PASSWORD")),
		TLS:        e.boolean("REDIS_TLS"),
		CAFile:     e.word("REDIS_TLS_CA_FILE"),
		CertFile:   e.word("REDIS_TLS_CERT_FILE"),
		KeyFile:    e.word("REDIS_TLS_KEY_FILE"),
		ServerName: e.word("REDIS_TLS_SERVER_NAME"),

		AllowRemote: e.boolean("REDIS_ALLOW_REMOTE"),
	}
	service := e.redisPort(&r)
	if e.word("REDIS_DB_ADVOWARE_CACHE") != "" {
		r.DB = new(e.number("REDIS_DB_ADVOWARE_CACHE", 0, math.MaxInt32))
	}
	r = r.WithDefaults()
	for _, p := range r.Problems(func(field string) string { return redisVariables[field] }) {
		variable := redisVariables[p.Field]
		if p.Field == "Host" && service {
			variable = "REDIS_PORT"
		}
		e.problem(variable, "%s", p.Text)
	}
	return r
}

// redisPort reads REDIS_PORT. Kubernetes sets it to tcp://address:port where a service
// is called redis, for whoever wants to know: it counts for what nobody has said, and
// for nothing beside a URL. Service tells that the host comes from there.
func (e *env) redisPort(r *RedisConfig) (service bool) {
	const variable = "REDIS_PORT"
	v := e.word(variable)
	if !strings.HasPrefix(strings.ToLower(v), "tcp://") {
		r.Port = e.number(variable, 1, origin.MaxPort)
		return false
	}
	host, port, ok := origin.SplitAddress(v)
	switch {
	case !r.URL.IsZero():
		return false
	case !ok || port == 0:
		e.problem(variable, "is %snot a whole number from 1 to %d", shown(v), origin.MaxPort)
		return false
	}
	r.Port = port
	if r.Host != "" {
		return false
	}
	r.Host = host
	return true
}
