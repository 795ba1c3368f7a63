package dial

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

const (
	noURL         = "is not a URL in the forms of go-redis: write redis://host:6379/1, with TLS rediss://…, or unix:///path?db=1; special characters of a password are written %XX (the URL is not shown because of it)"
	contradiction = "says something else than Config.URL: set one of the two"
)

// target returns how Redis is reached, and what is wrong with that; nil if the configuration
// cannot be read at all.
func (c *Config) target() (*target, problems) {
	t := &target{allowRemote: c.AllowRemote, db: *c.DB, server: login{c.Username, c.Password}}
	u := c.hostURL()
	if !c.URL.IsZero() {
		if u = readURL(c.URL.Reveal()); u == nil {
			return nil, problems{{"URL", noURL}}
		}
	}
	user, db := t.take(u)
	if problem := t.parse(u); problem != "" {
		if c.URL.IsZero() {
			return nil, problems{{"Host", "is neither a host nor the path of a socket"}}
		}
		return nil, problems{{"URL", problem}}
	}
	found := c.contradictions(t, user, db)
	if db != "" {
		t.db, _ = strconv.Atoi(db)
	}
	t.server.username = cmp.Or(t.server.username, user.username)
	if t.server.password.IsZero() {
		t.server.password = user.password
	}
	return t, append(found, c.finishTLS(t)...)
}

// contradictions compares the URL, of which t, user and db are, with other fields.
func (c *Config) contradictions(t *target, user login, db string) problems {
	var found problems
	for _, addr := range t.addrs {
		if _, port, err := net.SplitHostPort(addr); err == nil && addr[0] != '/' && !origin.ValidPort(port) {
			found.add(true, "URL", fmt.Sprintf("has a port that is not from 1 to %d", origin.MaxPort))
		}
	}
	if t.cluster != nil {
		found.add(db != "" && db != "0", "URL", "names a database, but a Cluster has only 0")
		found.add(*c.DB > redisstore.DefaultDB, "DB", "must be 0: a Cluster has only that")
	}
	if c.URL.IsZero() {
		return found
	}
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	found.add(strings.HasPrefix(db, "-"), "URL", "names a negative database")
	found.add(t.cluster == nil && *c.DB != redisstore.DefaultDB && differ(strconv.Itoa(*c.DB), db), "DB", contradiction)
	host, port := c.Host == DefaultHost, c.Port == DefaultPort
	for _, addr := range t.addrs {
		h, p, err := net.SplitHostPort(addr)
		host = host || c.Host == h || err != nil && c.Host == addr
		port = port || strconv.Itoa(c.Port) == p
	}
	found.add(!host, "Host", contradiction)
	found.add(!port, "Port", contradiction)
	found.add(c.TLS && t.tls == nil, "TLS", contradiction+" (with TLS it begins with rediss://)")
	found.add(differ(c.Username, user.username), "Username", contradiction)
	found.add(differ(c.Password.Reveal(), user.password.Reveal()), "Password", contradiction)
	return found
}

// hostURL returns Host, Port and TLS as a URL.
func (c *Config) hostURL() *url.URL {
	if c.socket() {
		return &url.URL{Scheme: "unix", Path: c.Host}
	}
	port := c.Port
	if port < 1 || port > origin.MaxPort {
		port = DefaultPort // that is reported elsewhere
	}
	u := &url.URL{Scheme: "redis", Host: net.JoinHostPort(c.Host, strconv.Itoa(port))}
	if c.TLS || c.TLSConfig != nil {
		u.Scheme = "rediss"
	}
	return u
}

// readURL returns nil for what is no URL.
func readURL(raw string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Opaque != "" || u.Fragment != "" { // a # of a password begins a fragment
		return nil
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return nil
	}
	return u
}

// take removes the credentials from u, and adds our settings where u has none of its own. It
// returns the credentials for the server, and the database that u names, "" for none.
func (t *target) take(u *url.URL) (user login, db string) {
	password, _ := u.User.Password()
	user = login{u.User.Username(), secret.New(password)}
	u.User = nil
	q := u.Query()
	if q.Has("master_name") {
		t.watcher = user
		user = login{q.Get("username"), secret.New(q.Get("password"))}
		q.Del("username")
		q.Del("password")
	}
	if db = q.Get("db"); u.Scheme != "unix" && db == "" {
		db = strings.Trim(u.Path, "/")
	}
	ours := redisstore.Options("")
	for name, value := range map[string]string{
		"protocol":           strconv.Itoa(ours.Protocol),
		"dial_timeout":       ours.DialTimeout.String(),
		"read_timeout":       ours.ReadTimeout.String(),
		"write_timeout":      ours.WriteTimeout.String(),
		"pool_timeout":       ours.PoolTimeout.String(),
		"pool_size":          strconv.Itoa(ours.PoolSize),
		"pipeline_pool_size": strconv.Itoa(ours.PipelinePoolSize),
		"max_retries":        strconv.Itoa(ours.MaxRetries),
	} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return user, db
}

// parse parses u by go-redis. It returns what is wrong with u, without any part of a password,
// "" if nothing is.
func (t *target) parse(u *url.URL) string {
	q, text := u.Query(), u.String()
	for _, name := range []string{"replica_only", "read_only", "route_by_latency", "route_randomly"} {
		if q.Has(name) {
			return "has " + name + ", but tokens are read from masters only"
		}
	}
	var err error
	switch {
	case q.Has("master_name") && q.Get("master_name") == "":
		return "has an empty master_name"
	case q.Has("master_name"):
		if t.sentinel, err = goredis.ParseFailoverURL(text); err == nil {
			t.addrs, t.tls = t.sentinel.SentinelAddrs, t.sentinel.TLSConfig
		}
	case q.Has("addr"):
		if t.cluster, err = goredis.ParseClusterURL(text); err == nil {
			t.addrs, t.tls = t.cluster.Addrs, t.cluster.TLSConfig
		}
	default:
		if t.single, err = goredis.ParseURL(text); err == nil {
			t.addrs, t.tls = []string{t.single.Addr}, t.single.TLSConfig
		}
	}
	if err == nil {
		return ""
	}
	// An @ here is most likely after a password with a special character, which has ended
	// the user part of the URL too early.
	if query, _ := url.QueryUnescape(u.RawQuery); strings.Contains(u.Path+query, "@") {
		return noURL
	}
	switch u.Scheme {
	case "redis", "rediss", "unix":
		return "is refused by go-redis: " + unquoted(strings.TrimPrefix(err.Error(), "redis: ")) + " (its values are not shown, as they may be a part of a password)"
	}
	return noURL
}

// unquoted returns what go-redis says of a URL without what it repeats of it, but for the
// name of a parameter that looks like one.
func unquoted(text string) string {
	said, of, _ := strings.Cut(text, ":")
	of = strings.TrimSpace(of)
	if said == "unexpected option" && strings.Contains(of, "_") && strings.Trim(of, "abcdefghijklmnopqrstuvwxyz_") == "" {
		return text
	}
	said, _, _ = strings.Cut(said, `"`)
	return strings.TrimSpace(said)
}
