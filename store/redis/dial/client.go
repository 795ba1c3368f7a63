package dial

import (
	"net"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/origin"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// besideClient returns the fields that contradict Config.Client, or that cannot be compared
// with it. A field with its default is no problem.
func (c *Config) besideClient() problems {
	const (
		differs = "says something else than Config.Client: set one of the two"
		unused  = "is not used with Config.Client: set it in the options of the client"
	)
	var found problems
	for _, f := range []struct{ field, value string }{
		{"CAFile", c.CAFile}, {"CertFile", c.CertFile}, {"KeyFile", c.KeyFile}, {"ServerName", c.ServerName},
	} {
		found.add(f.value != "", f.field, unused)
	}
	client := optionsOf(c.Client)
	found.add(c.TLSConfig != nil && c.TLSConfig != client.TLSConfig, "TLSConfig", unused)
	found.add(c.TLS && client.TLSConfig == nil, "TLS", differs)
	if c.URL.IsZero() {
		port := strconv.Itoa(c.Port)
		if c.Host != DefaultHost || c.Port != DefaultPort {
			where := net.JoinHostPort(c.Host, port)
			if c.socket() {
				where = c.Host
			}
			field := "Host"
			if c.Host == DefaultHost {
				field = "Port"
			}
			found.add(!client.at(where), field, differs)
		}
		found.add(*c.DB != redisstore.DefaultDB && *c.DB != client.DB, "DB", differs)
		found.add(c.Username != "" && c.Username != client.Username, "Username", differs)
		found.add(!c.Password.IsZero() && c.Password.Reveal() != client.Password, "Password", differs)
		return found
	}
	said := Config{URL: c.URL, AllowRemote: true}.WithDefaults()
	t, problems := said.target()
	if t == nil {
		return append(found, problems...)
	}
	same := t.single != nil && client.at(t.addrs[0]) && t.db == client.DB && (t.tls != nil) == (client.TLSConfig != nil) &&
		t.server.username == client.Username && t.server.password.Reveal() == client.Password
	found.add(!same, "URL", differs)
	return found
}

// clientOptions are the options of a client for one server, or none for any other kind.
type clientOptions struct{ goredis.Options }

func optionsOf(client goredis.UniversalClient) clientOptions {
	if c, ok := client.(*goredis.Client); ok && c != nil {
		return clientOptions{*c.Options()}
	}
	return clientOptions{goredis.Options{DB: -1}}
}

// at reports whether the client connects to addr. All names of this machine count as one.
func (o clientOptions) at(addr string) bool {
	if o.Addr == addr {
		return true
	}
	host, port, err := net.SplitHostPort(addr)
	theirs, theirPort, theirErr := net.SplitHostPort(o.Addr)
	return err == nil && theirErr == nil && port == theirPort && origin.Loopback(host) && origin.Loopback(theirs)
}
