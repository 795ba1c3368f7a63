package envvar

// redis has the variables of how Redis is reached.
var redis = map[string]string{
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

// Redis names the variable of a field of dial.Config, "" if there is none.
func Redis(field string) string { return redis[field] }
