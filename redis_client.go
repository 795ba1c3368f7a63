package advoware

import (
	"net"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/origin"
)

// besideClient reports the settings that say something else than a client of the
// caller's does, or that it cannot be asked for. Those that have their default say
// nothing.
func (r *RedisConfig) besideClient() redisProblems {
	const (
		differs = "says something else than Redis.Client: set one of the two"
		unheard = "is not used with Redis.Client: set it in the options of the client"
	)
	var found redisProblems
	for _, f := range []struct{ field, value string }{
		{"CAFile", r.CAFile}, {"CertFile", r.CertFile}, {"KeyFile", r.KeyFile}, {"ServerName", r.ServerName},
	} {
		found.add(f.value != "", f.field, unheard)
	}
	client := optionsOf(r.Client)
	found.add(r.TLSConfig != nil && r.TLSConfig != client.TLSConfig, "TLSConfig", unheard)
	found.add(r.TLS && client.TLSConfig == nil, "TLS", differs)
	if r.URL.IsZero() {
		port := strconv.Itoa(r.Port)
		if r.Host != defaultRedisHost || r.Port != defaultRedisPort {
			where := net.JoinHostPort(r.Host, port)
			if r.socket() {
				where = r.Host
			}
			field := "Host"
			if r.Host == defaultRedisHost {
				field = "Port"
			}
			found.add(!client.at(where), field, differs)
		}
		found.add(*r.DB != defaultRedisDB && *r.DB != client.DB, "DB", differs)
		found.add(r.Username != "" && r.Username != client.Username, "Username", differs)
		found.add(!r.Password.IsZero() && r.Password.Reveal() != client.Password, "Password", differs)
		return found
	}
	said := RedisConfig{URL: r.URL, AllowRemote: true}
	said.setDefaults()
	t, problems := said.target()
	if t == nil {
		return append(found, problems...)
	}
	same := t.single != nil && client.at(t.addrs[0]) && t.db == client.DB && (t.tls != nil) == (client.TLSConfig != nil) &&
		t.server.username == client.Username && t.server.password.Reveal() == client.Password
	found.add(!same, "URL", differs)
	return found
}

// clientOptions are those of a client for one server; of any other kind nothing is known.
type clientOptions struct{ goredis.Options }

func optionsOf(client goredis.UniversalClient) clientOptions {
	if c, ok := client.(*goredis.Client); ok && c != nil {
		return clientOptions{*c.Options()}
	}
	return clientOptions{goredis.Options{DB: -1}}
}

// at reports whether the client connects to addr, on this machine by any of its names.
func (o clientOptions) at(addr string) bool {
	if o.Addr == addr {
		return true
	}
	host, port, err := net.SplitHostPort(addr)
	theirs, theirPort, theirErr := net.SplitHostPort(o.Addr)
	return err == nil && theirErr == nil && port == theirPort && origin.Loopback(host) && origin.Loopback(theirs)
}
