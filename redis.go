package advoware

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// RedisConfig says how Redis is reached.
//
// One server is named by Host and Port. URL names everything else that go-redis can
// reach too, a replicated server behind Sentinel and a Cluster among them. If URL is
// set, a field that says something else is an error; one that has its default says
// nothing.
type RedisConfig struct {
	// Client is used instead of a connection of our own, if it is set, and stays
	// open. Beside it Timeout counts; every other field must say what the options of the
	// client say, or have its default. How it dials is up to it: what is said here of
	// addresses, connections that died and reasons does not hold for it.
	Client goredis.UniversalClient

	// URL is how Redis is reached, in the forms of go-redis. It is a secret because it
	// may hold a password, whose special characters are written %XX there.
	//
	//	redis://user:password@host:6379/1         one server; rediss:// is with TLS
	//	unix://user:password@/run/redis.sock?db=1 one on this machine
	//	redis://user:password@sentinel:26379/1?master_name=main&addr=sentinel2:26379&username=…&password=…
	//	redis://user:password@node:6379?addr=node2:6379&addr=node3:6379
	//
	// With master_name the addresses, the user and the password before them are those
	// of the sentinels; those of the servers behind them are parameters, or Username
	// and Password. With addr and no master_name it is a Cluster, which has database 0
	// only; where one node is enough to find the others, its address is given twice.
	//
	// The other parameters are those of go-redis (dial_timeout=1s, pool_size=20 …). What
	// they do not set is as store/redis.Options has it. All but the master is out of
	// reach: what is read from a replica may be old.
	URL secret.String

	// Host and Port say where one server listens; empty means localhost, 0 means 6379.
	// A Host that begins with a slash is the path of a unix socket. A Host that names the
	// port too (host:6379, [::1]:6379) must not contradict Port.
	Host string
	Port int

	// DB is the database; nil means the one in URL, or 1, or 0 in a Cluster.
	DB *int

	// Timeout bounds the work that no call waits for; 0 means 5 seconds. A call waits
	// for Redis 250 ms at most in total, whatever is set here.
	Timeout time.Duration

	// Username and Password are sent to Redis if one of them is set, to sentinels
	// never.
	Username string
	Password secret.String

	// TLS is whether Host is reached by TLS; a URL says that itself.
	TLS bool

	// CAFile has the certificates, in PEM, of those who may have signed the server's;
	// empty means those that the system trusts. CertFile and KeyFile are our own
	// certificate and its key, in PEM, for a server that wants one. All are read by New,
	// and again for each connection, so that they can be renewed; one that cannot be used
	// then is a warning, and what it was before stays.
	// ServerName is the name that the server's certificate must have; empty means the
	// host (the first one, if there are many).
	CAFile, CertFile, KeyFile, ServerName string

	// TLSConfig is used instead of these four; nil means none. Setting it means TLS.
	TLSConfig *tls.Config

	// AllowRemote permits a Redis that is neither on this machine nor reached by TLS
	// that verifies it. Whoever can listen on the way can use the token. Addresses that
	// a sentinel or a Cluster tells later are held to the same.
	AllowRemote bool
}

const (
	defaultRedisHost = "localhost"
	defaultRedisPort = 6379
	defaultRedisDB   = 1
	maxPort          = 65535
)

func (r *RedisConfig) setDefaults() {
	r.splitHost()
	def(&r.Host, defaultRedisHost)
	def(&r.Port, defaultRedisPort)
	def(&r.Timeout, 5*time.Second)
	if r.DB == nil {
		r.DB = new(defaultRedisDB)
	}
}

var errRemoteRedis = errors.New("is neither this machine nor reached by TLS that verifies the server, so that others could read the token on its way")

// redisProblem is a field of a RedisConfig and what is wrong with it. The text names
// other fields as Redis.Field, and is free of secrets.
type redisProblem struct{ field, text string }

func (p redisProblem) err() error { return errors.New("Redis." + p.field + " " + p.text) }

type redisProblems []redisProblem

func (p *redisProblems) add(bad bool, field, text string) {
	if bad {
		*p = append(*p, redisProblem{field, text})
	}
}

// check reports every problem in one error.
func (r *RedisConfig) check() error {
	var problems []error
	for _, p := range r.problems() {
		problems = append(problems, p.err())
	}
	return errors.Join(problems...)
}

// problems expects the defaults to be filled in.
func (r *RedisConfig) problems() redisProblems {
	var found redisProblems
	found.add(r.Timeout < 0, "Timeout", "must not be negative")
	for _, f := range []struct{ field, value string }{
		{"Username", r.Username}, {"Password", r.Password.Reveal()}, {"ServerName", r.ServerName},
	} {
		found.add(strings.Trim(f.value, "\r\n") != f.value, f.field, "begins or ends with a line end, which would be a part of it: take it off")
	}
	if r.Client != nil {
		return append(found, r.besideClient()...)
	}
	found.add(r.Port < 1 || r.Port > maxPort, "Port", fmt.Sprintf("is %d, not from 1 to %d", r.Port, maxPort))
	found.add(*r.DB < 0, "DB", "must not be negative")
	switch _, port, ok := splitAddress(r.Host); {
	case !ok:
		return append(found, redisProblem{"Host", "is neither a host nor the path of a socket: a URL is written as Redis.URL"})
	case port != 0:
		return append(found, redisProblem{"Host", fmt.Sprintf("names port %d, but Redis.Port is %d: set one of the two", port, r.Port)})
	}
	target, problems := r.target()
	found = append(found, problems...)
	if target == nil || r.AllowRemote {
		return found
	}
	field, hint := "Host", "set Redis.TLS"
	if !r.URL.IsZero() {
		field, hint = "URL", "use rediss://"
	}
	for _, addr := range target.addrs {
		if !target.mayName(addr) {
			found.add(true, field, fmt.Sprintf("%v: %s, or allow it by Redis.AllowRemote", errRemoteRedis, hint))
			break
		}
	}
	return found
}

// client returns a client that is not connected yet, and what it dials with, which is to
// be closed after it. logger hears of files that cannot be read any more.
func (r *RedisConfig) client(logger *slog.Logger) (goredis.UniversalClient, *dial.Dialer, error) {
	target, problems := r.target()
	if len(problems) > 0 {
		return nil, nil, problems[0].err() // a file that is gone since the check
	}
	if target.files != nil {
		target.files.logger = logger
	}
	return target.client(r.Timeout), target.dialer, nil
}

// socket reports whether Host is the path of a unix socket.
func (r *RedisConfig) socket() bool { return strings.HasPrefix(r.Host, "/") }
