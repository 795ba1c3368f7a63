package dial

import (
	"cmp"
	"crypto/tls"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// The defaults of Config.
const (
	DefaultHost    = "localhost"
	DefaultPort    = 6379
	DefaultTimeout = 5 * time.Second
)

// Config says how Redis is reached. Printing it shows no secret.
//
// One server is named by Host and Port. URL names everything else that go-redis can
// reach too, a replicated server behind Sentinel and a Cluster among them. If URL is
// set, a field that says something else is an error; one that has its default says
// nothing.
type Config struct {
	// Client is used instead of connections of our own, if it is set, and stays
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

	// Host and Port say where one server listens; empty means DefaultHost,
	// 0 means DefaultPort.
	// A Host that begins with a slash is the path of a unix socket. A Host that names the
	// port too (host:6379, [::1]:6379) must not contradict Port.
	Host string
	Port int

	// DB is the database; nil means the one in URL, or 1, or 0 in a Cluster.
	DB *int

	// Timeout bounds the work that no call waits for; 0 means DefaultTimeout. A
	// call waits for Redis 250 ms at most in total, whatever is set here.
	Timeout time.Duration

	// Username and Password are sent to Redis if one of them is set, to sentinels
	// never.
	Username string
	Password secret.String

	// TLS is whether Host is reached by TLS; a URL says that itself.
	TLS bool

	// CAFile has the certificates, in PEM, of those who may have signed the server's;
	// empty means those that the system trusts. CertFile and KeyFile are our own
	// certificate and its key, in PEM, for a server that wants one. All are read by Open,
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

// WithDefaults returns c with the defaults in place of what it does not say. A port that
// Host names is in Port then.
func (c Config) WithDefaults() Config {
	c.splitHost()
	c.Host = cmp.Or(c.Host, DefaultHost)
	c.Port = cmp.Or(c.Port, DefaultPort)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	if c.DB == nil {
		c.DB = new(redisstore.DefaultDB)
	}
	return c
}

// splitHost takes the port out of a Host that names it too. If Port says something else,
// Host stays as it is, which is reported; a Port that has its default says nothing.
func (c *Config) splitHost() {
	host, port, ok := origin.SplitAddress(c.Host)
	switch {
	case !ok:
	case port == 0:
		c.Host = host
	case c.Port == 0 || c.Port == DefaultPort || c.Port == port:
		c.Host, c.Port = host, port
	}
}

// socket reports whether Host is the path of a unix socket.
func (c *Config) socket() bool { return strings.HasPrefix(c.Host, "/") }
