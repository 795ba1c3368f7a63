package advoware

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
)

// redisTarget is how Redis is reached: options of one of three kinds, with our
// settings wherever the URL has none, and without a secret in them.
type redisTarget struct {
	single   *goredis.Options
	sentinel *goredis.FailoverOptions
	cluster  *goredis.ClusterOptions

	addrs       []string // known beforehand: host:port, or the path of a socket
	db          int
	server      login // of what keeps the tokens
	watcher     login // of the sentinels
	tls         *tls.Config
	dialTimeout time.Duration
	allowRemote bool
}

// login is who we are.
type login struct {
	username string
	password secret.String
}

// client returns a client that is not connected yet. Passwords are not in its options,
// which people print.
func (t *redisTarget) client() goredis.UniversalClient {
	credentials := t.server.provider()
	silent := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	switch {
	case t.sentinel != nil:
		o := t.sentinel
		o.DB, o.Dialer, o.TLSConfig, o.CredentialsProviderContext = t.db, t.dial, nil, credentials
		// The options of the client do not have these two.
		o.SentinelUsername, o.SentinelPassword = t.watcher.username, t.watcher.password.Reveal()
		o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = 1, true, true
		return goredis.NewFailoverClient(o)
	case t.cluster != nil:
		o := t.cluster
		o.Dialer, o.TLSConfig, o.CredentialsProviderContext = t.dial, nil, credentials
		o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = 1, true, true
		o.MaintNotificationsConfig = silent
		// A master that died says nothing of who took its place, and go-redis does not
		// ask another node before the map is that old.
		o.ClusterStateReloadInterval = time.Second
		return goredis.NewClusterClient(o)
	default:
		o := t.single
		o.DB, o.Dialer, o.TLSConfig, o.CredentialsProviderContext = t.db, t.dial, nil, credentials
		o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = 1, true, true
		o.MaintNotificationsConfig = silent
		return goredis.NewClient(o)
	}
}

func (l login) provider() func(context.Context) (string, string, error) {
	if l.username == "" && l.password.IsZero() {
		return nil
	}
	return func(context.Context) (string, string, error) { return l.username, l.password.Reveal(), nil }
}

// dial connects to a server, also to one that a sentinel or a Cluster has named.
func (t *redisTarget) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if !t.mayDial(addr) {
		return nil, fmt.Errorf("advoware: Redis at %s %w", addr, errRemoteRedis)
	}
	d := &net.Dialer{Timeout: max(0, t.dialTimeout)} // below 0 it is without a limit
	if t.tls == nil {
		return d.DialContext(ctx, network, addr)
	}
	return (&tls.Dialer{NetDialer: d, Config: t.tls}).DialContext(ctx, network, addr)
}

// mayDial reports whether a token may go to addr.
func (t *redisTarget) mayDial(addr string) bool {
	if t.allowRemote || strings.HasPrefix(addr, "/") || t.tls != nil && verifies(t.tls) {
		return true
	}
	host, _, err := net.SplitHostPort(addr)
	return err == nil && (host == "" || origin.Loopback(host)) // without a host it is this machine
}
