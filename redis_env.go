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
		URL:        secret.New(e.get("REDIS_URL")),
		Host:       e.get("REDIS_HOST"),
		Port:       e.number("REDIS_PORT", 1, maxPort),
		Timeout:    e.duration("REDIS_TIMEOUT_SECONDS", time.Second, "seconds"),
		Username:   e.get("REDIS_USERNAME"),
		Password:   secret.New(e.get("REDIS_PASSWORD")),
		TLS:        e.boolean("REDIS_TLS"),
		CAFile:     e.get("REDIS_TLS_CA_FILE"),
		CertFile:   e.get("REDIS_TLS_CERT_FILE"),
		KeyFile:    e.get("REDIS_TLS_KEY_FILE"),
		ServerName: e.get("REDIS_TLS_SERVER_NAME"),

		AllowRemote: e.boolean("REDIS_ALLOW_REMOTE"),
	}
	if e.get("REDIS_DB_ADVOWARE_CACHE") != "" {
		r.DB = new(e.number("REDIS_DB_ADVOWARE_CACHE", 0, math.MaxInt32))
	}
	r.setDefaults()
	names := make([]string, 0, 2*len(redisVariables))
	for field, variable := range redisVariables {
		names = append(names, "Redis."+field, variable)
	}
	inTheEnvironment := strings.NewReplacer(names...)
	for _, p := range r.problems() {
		e.problem(redisVariables[p.field], "%s", inTheEnvironment.Replace(p.text))
	}
	return r
}
