package advoware

import (
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
	noRedisURL    = "is not a URL in the forms of go-redis: write redis://host:6379/1, with TLS rediss://…, or unix:///path?db=1; special characters of a password are written %XX (the URL is not shown because of it)"
	contradiction = "says something else than Redis.URL: set one of the two"
)

// target returns how Redis is reached, and what is wrong with the way; nil if it
// cannot be told at all.
func (r *RedisConfig) target() (*redisTarget, redisProblems) {
	t := &redisTarget{allowRemote: r.AllowRemote, db: *r.DB, server: login{r.Username, r.Password}}
	u := r.hostURL()
	if !r.URL.IsZero() {
		if u = readRedisURL(r.URL.Reveal()); u == nil {
			return nil, redisProblems{{"URL", noRedisURL}}
		}
	}
	user, db := t.take(u)
	if problem := t.parse(u); problem != "" {
		if r.URL.IsZero() {
			return nil, redisProblems{{"Host", "is neither a host nor the path of a socket"}}
		}
		return nil, redisProblems{{"URL", problem}}
	}
	found := r.contradictions(t, user, db)
	if db != "" {
		t.db, _ = strconv.Atoi(db)
	}
	def(&t.server.username, user.username)
	if t.server.password.IsZero() {
		t.server.password = user.password
	}
	return t, append(found, r.finishTLS(t)...)
}

// contradictions compares the URL, of which t, user and db are, with other fields.
func (r *RedisConfig) contradictions(t *redisTarget, user login, db string) redisProblems {
	var found redisProblems
	for _, addr := range t.addrs {
		if _, port, err := net.SplitHostPort(addr); err == nil && addr[0] != '/' && !origin.ValidPort(port) {
			found.add(true, "URL", fmt.Sprintf("has a port that is not from 1 to %d", maxPort))
		}
	}
	if t.cluster != nil {
		found.add(db != "" && db != "0", "URL", "names a database, but a Cluster has only 0")
		found.add(*r.DB > defaultRedisDB, "DB", "must be 0: a Cluster has only that")
	}
	if r.URL.IsZero() {
		return found
	}
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	found.add(strings.HasPrefix(db, "-"), "URL", "names a negative database")
	found.add(t.cluster == nil && *r.DB != defaultRedisDB && differ(strconv.Itoa(*r.DB), db), "DB", contradiction)
	host, port := r.Host == defaultRedisHost, r.Port == defaultRedisPort
	for _, addr := range t.addrs {
		h, p, err := net.SplitHostPort(addr)
		host = host || r.Host == h || err != nil && r.Host == addr
		port = port || strconv.Itoa(r.Port) == p
	}
	found.add(!host, "Host", contradiction)
	found.add(!port, "Port", contradiction)
	found.add(r.TLS && t.tls == nil, "TLS", contradiction+" (with TLS it begins with rediss://)")
	found.add(differ(r.Username, user.username), "Username", contradiction)
	found.add(differ(r.Password.Reveal(), user.password.Reveal()), "Password", contradiction)
	return found
}

// hostURL says as a URL what Host, Port and TLS say.
func (r *RedisConfig) hostURL() *url.URL {
	if r.socket() {
		return &url.URL{Scheme: "unix", Path: r.Host}
	}
	port := r.Port
	if port < 1 || port > maxPort {
		port = defaultRedisPort // that is reported elsewhere
	}
	u := &url.URL{Scheme: "redis", Host: net.JoinHostPort(r.Host, strconv.Itoa(port))}
	if r.TLS || r.TLSConfig != nil {
		u.Scheme = "rediss"
	}
	return u
}

// readRedisURL returns nil for what is no URL.
func readRedisURL(raw string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Opaque != "" || u.Fragment != "" { // a # of a password begins a fragment
		return nil
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return nil
	}
	return u
}

// take takes out of u who we are, and adds to it our settings where it has none of its
// own. It returns the login that u had for the server, and the database that it names,
// "" for none.
func (t *redisTarget) take(u *url.URL) (user login, db string) {
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

// parse has go-redis read u. It returns what is wrong with u, as far as that can be
// told without showing a part of a password, "" if nothing is.
func (t *redisTarget) parse(u *url.URL) string {
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
	// What stands before an @ is most likely a password with a character that ends the
	// place where one belongs.
	if query, _ := url.QueryUnescape(u.RawQuery); strings.Contains(u.Path+query, "@") {
		return noRedisURL
	}
	switch u.Scheme {
	case "redis", "rediss", "unix":
		return "is refused by go-redis: " + strings.TrimPrefix(err.Error(), "redis: ")
	}
	return noRedisURL
}
