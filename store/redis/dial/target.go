package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redisconn"
	"github.com/advoware-go/advoware/secret"
)

var errRemote = errors.New("is neither this machine nor reached by TLS that verifies the server, so that others could read the token on its way")

// target is how Redis is reached: options of one of three kinds, with our
// settings wherever the URL has none, and without a secret in them.
type target struct {
	single   *goredis.Options
	sentinel *goredis.FailoverOptions
	cluster  *goredis.ClusterOptions

	addrs       []string // of the configuration: host:port, or the path of a socket
	db          int
	server      login // for the servers that have the tokens
	watcher     login // for the sentinels
	tls         *tls.Config
	files       *certificates // nil where tls is all there is
	dialer      *redisconn.Dialer
	quiet       quiet
	allowRemote bool
}

// login are credentials.
type login struct {
	username string
	password secret.String
}

// client returns a client that is not connected yet. timeout limits each dial, however long
// its calls wait. Its options have no passwords, as options may be printed.
func (t *target) client(timeout time.Duration, o Options) goredis.UniversalClient {
	if o.Patience > 0 {
		t.wait(o.Patience)
	}
	if o.Lazy {
		t.keepNone()
	}
	t.quiet = newQuiet(t.server, t.watcher)
	t.dialer = redisconn.New(redisconn.Config{TLS: t.secure(), Permit: t.permit, Timeout: timeout, Once: o.Lazy, Hosts: t.hosts(), Hide: t.quiet.text})
	var client goredis.UniversalClient
	if o.Lazy && t.sentinel != nil {
		client = t.masterClient()
	} else {
		client = t.newClient()
	}
	client.AddHook(t.quiet)
	client.AddHook(hook{t})
	return client
}

// wait sets how long a command waits.
func (t *target) wait(patience time.Duration) {
	var all []*time.Duration
	switch {
	case t.sentinel != nil:
		o := t.sentinel
		all = []*time.Duration{&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout}
	case t.cluster != nil:
		o := t.cluster
		all = []*time.Duration{&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout}
	default:
		o := t.single
		all = []*time.Duration{&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout}
	}
	for _, d := range all {
		*d = patience
	}
}

// keepNone has no connection wait for a next command.
func (t *target) keepNone() {
	const none = -1 // 0 is any number
	switch {
	case t.sentinel != nil:
		t.sentinel.MaxIdleConns, t.sentinel.MinIdleConns = none, 0
	case t.cluster != nil:
		t.cluster.MaxIdleConns, t.cluster.MinIdleConns = none, 0
	default:
		t.single.MaxIdleConns, t.single.MinIdleConns = none, 0
	}
}

func (t *target) newClient() goredis.UniversalClient {
	credentials := t.server.provider()
	silent := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	switch {
	case t.sentinel != nil:
		o := t.sentinel
		o.DB, o.Dialer, o.TLSConfig, o.CredentialsProviderContext = t.db, t.dialer.DialContext, nil, credentials
		// The options of the client do not have these two.
		o.SentinelUsername, o.SentinelPassword = t.watcher.username, t.watcher.sent()
		o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = 1, true, true
		return goredis.NewFailoverClient(o)
	case t.cluster != nil:
		o := t.cluster
		o.Dialer, o.TLSConfig, o.CredentialsProviderContext = t.dialer.DialContext, nil, credentials
		o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = 1, true, true
		o.MaintNotificationsConfig, o.NewClient = silent, t.newNode
		// When a master has died, go-redis asks another node for the new one only when its
		// map of the slots is that old.
		o.ClusterStateReloadInterval = time.Second
		return goredis.NewClusterClient(o)
	default:
		o := t.single
		o.DB, o.Dialer, o.TLSConfig, o.CredentialsProviderContext = t.db, t.dialer.DialContext, nil, credentials
		o.DialerRetries, o.ContextTimeoutEnabled, o.DisableIdentity = 1, true, true
		o.MaintNotificationsConfig = silent
		return goredis.NewClient(o)
	}
}

func (l login) provider() func(context.Context) (string, string, error) {
	if l.username == "" && l.password.IsZero() {
		return nil
	}
	return func(context.Context) (string, string, error) { return l.username, l.sent(), nil }
}

// sent returns the password to send. go-redis logs in only with one. A user that needs
// none is let in with any, and every other is refused, which is better than to go on as
// the default user: https://redis.io/docs/latest/commands/acl-setuser/ (nopass)
func (l login) sent() string {
	if l.password.IsZero() && l.username != "" && l.username != "default" {
		return "nopass"
	}
	return l.password.Reveal()
}

// secure returns what has the TLS of each connection, nil for none.
func (t *target) secure() func() (*tls.Config, error) {
	switch {
	case t.tls == nil:
		return nil
	case t.files != nil:
		return t.files.config
	default:
		return func() (*tls.Config, error) { return t.tls, nil }
	}
}

// hosts returns the hosts of the configured addresses.
func (t *target) hosts() []string {
	var hosts []string
	for _, addr := range t.addrs {
		if host, _, err := net.SplitHostPort(addr); err == nil && host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// verified reports whether a token may go to any address.
func (t *target) verified() bool {
	return t.allowRemote || t.tls != nil && verifies(t.tls)
}

// permit refuses an address that a token must not go to, whatever its name is and wherever it
// comes from: a sentinel, a Cluster, or the look-up of localhost.
func (t *target) permit(host string, addr netip.AddrPort) error {
	if t.verified() || addr.Addr().IsLoopback() {
		return nil
	}
	at := addr.String()
	if host != addr.Addr().String() {
		at += ", to which " + host + " leads,"
	}
	return fmt.Errorf("store/redis/dial: Redis at %s %w", at, errRemote)
}

// mayName reports whether addr is one that a configuration may name. It is only to find
// out early: when it is dialled, permit decides.
func (t *target) mayName(addr string) bool {
	if t.verified() || strings.HasPrefix(addr, "/") {
		return true
	}
	host, _, err := net.SplitHostPort(addr)
	return err == nil && (host == "" || origin.Loopback(host)) // without a host it is this machine
}
