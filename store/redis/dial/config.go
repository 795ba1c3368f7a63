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

// Config configures how Redis is reached. Printing it shows no secret.
//
// Host and Port are for one server. URL is for everything that go-redis can reach, a
// replicated server behind Sentinel and a Cluster among them. If URL is set, a field that
// contradicts it is an error, unless it has its default.
type Config struct {
	// Client is used instead of a new client, if it is set, and stays open. Timeout is used
	// with it; every other field must agree with the options of the client, or have its
	// default. What this package says of addresses, dead connections and reasons does not
	// hold for it, as it dials by itself.
	Client goredis.UniversalClient

	// URL is an address in the forms of go-redis. It is a secret because it may hold a
	// password, whose special characters are written %XX there.
	//
	//	redis://user:password@host:6379/1         one server; rediss:// is with TLS
	//	unix://user:password@/run/redis.sock?db=1 one on this machine
	//	redis://user:password@sentinel:26379/1?master_name=main&addr=sentinel2:26379&username=…&password=…
	//	redis://user:password@node:6379?addr=node2:6379&addr=node3:6379
	//
	// With master_name the addresses, the user and the password before them are those
	// of the sentinels; those of the servers are parameters, or Username and Password.
	// With addr and no master_name it is a Cluster, which has database 0 only. To name a
	// single node of it, give its address twice.
	//
	// The other parameters are those of go-redis (dial_timeout=1s, pool_size=20 …). What
	// they do not set is as in store/redis.Options. Only masters are used: what is read
	// from a replica may be old.
	URL secret.String

	// Host and Port are the address of one server; empty means DefaultHost, 0 means
	// DefaultPort. A Host that begins with a slash is the path of a unix socket. A Host
	// with a port (host:6379, [::1]:6379) must not contradict Port.
	Host string
	Port int

	// DB is the database; nil means the one in URL, or 1, or 0 in a Cluster.
	DB *int

	// Timeout limits operations on Redis that no call waits for; 0 means DefaultTimeout. A
	// call waits for Redis 250 ms at most in total, whatever is set here.
	Timeout time.Duration

	// Username and Password are sent to Redis if one of them is set, and never to
	// sentinels. With a Username other than default and no Password the user has to be
	// one that needs none (ACL SETUSER … nopass).
	Username string
	Password secret.String

	// TLS is whether Host is reached by TLS. It is not needed with a URL, whose scheme
	// says so.
	TLS bool

	// CAFile has the certificates, in PEM, of the authorities that may have signed the
	// server's; empty means those that the system trusts. CertFile and KeyFile are the
	// client's certificate and its key, in PEM, for a server that requires one. All are
	// read by Open, and again for each connection, so that they can be renewed. If one
	// cannot be used then, that is a warning, and its last good content is used.
	// ServerName is the name that the server's certificate must have; empty means the
	// host (the first one, if there are many).
	CAFile, CertFile, KeyFile, ServerName string

	// TLSConfig is used instead of these four; nil means none. Setting it means TLS.
	TLSConfig *tls.Config

	// AllowRemote permits a Redis that is neither on this machine nor reached by TLS that
	// verifies it. Then the token can be read on the network. The check applies to the
	// addresses from a sentinel or a Cluster too.
	AllowRemote bool
}

// WithDefaults returns c with the defaults in place of empty fields. A port in Host is moved
// to Port.
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

// splitHost moves a port in Host to Port. If Port contradicts it, Host stays as it is, which
// is reported; the default of Port is no contradiction.
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
