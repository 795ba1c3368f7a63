package advoware

import (
	"math"
	"strings"
	"time"

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
	r.setDefaults()
	names := make([]string, 0, 2*len(redisVariables))
	for field, variable := range redisVariables {
		names = append(names, "Redis."+field, variable)
	}
	inTheEnvironment := strings.NewReplacer(names...)
	for _, p := range r.problems() {
		variable := redisVariables[p.field]
		if p.field == "Host" && service {
			variable = "REDIS_PORT"
		}
		e.problem(variable, "%s", inTheEnvironment.Replace(p.text))
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
		r.Port = e.number(variable, 1, maxPort)
		return false
	}
	host, port, ok := splitAddress(v)
	switch {
	case !r.URL.IsZero():
		return false
	case !ok || port == 0:
		e.problem(variable, "is %snot a whole number from 1 to %d", shown(v), maxPort)
		return false
	}
	r.Port = port
	if r.Host != "" {
		return false
	}
	r.Host = host
	return true
}
