package link

import (
	"context"
	"errors"
	"net"
	"strings"
	"unicode"
	"unicode/utf8"

	goredis "github.com/redis/go-redis/v9"
)

// configError is why a configuration cannot be used.
type configError struct{ error }

// Trouble is what an error means, in the form of a check.
type Trouble struct{ Saw, Want, Hint string }

// sign is a part of an error, and what to do about it. The texts of Redis are those of its
// source, and older than 6.0.
type sign struct{ part, want, hint string }

// closes is for what takes a connection and ends it.
const closes = "what listens there takes connections and ends them: correct the host and the port, or look at the log of Redis and at what is in front of it (a proxy, a firewall)"

// remote is in the error of an address without TLS, be it that of a configuration or a dialled one.
const remote = "is neither this machine nor reached by TLS"

// signs are in the order in which they count: an error may have the text of another one in it.
var signs = []sign{
	{"sentinels do not know a master", "the name that the sentinels have for the master", "set master_name in REDIS_URL to the name in `sentinel monitor NAME …` of the sentinels"},
	{"all sentinels specified", "a sentinel that answers", "check the addresses of the sentinels in REDIS_URL, and what stands before its @: that is the login of the sentinels"},
	{remote, "TLS, as the Redis is on another machine", "use rediss:// in REDIS_URL, or REDIS_TLS=true; REDIS_ALLOW_REMOTE=true permits that the token can be read on the network"},
	{"speaks Redis without TLS", "a server with TLS", "take REDIS_TLS away, or write redis:// in place of rediss:// in REDIS_URL; or switch TLS on in the server (tls-port)"},
	{"speaks TLS: use", "the TLS that the server speaks", "set REDIS_TLS=true, or write rediss:// in place of redis:// in REDIS_URL"},
	{" is before ", "a certificate that is valid today", "check the clock of this machine: the server's certificate is not valid yet"},
	{"certificate has expired", "a certificate that is valid today", "renew the certificate of the server; check the clock of this machine if it has not ended"},
	{"unknown authority", "a certificate that this machine trusts", "set REDIS_TLS_CA_FILE to the certificate of the authority that signed the server's"},
	{"certificate is valid for", "a certificate for the name that is dialled", "set REDIS_TLS_SERVER_NAME to a name in the certificate, or dial the server by it"},
	{"doesn't contain any IP SANs", "a certificate for the name that is dialled", "set REDIS_TLS_SERVER_NAME to a name in the certificate, or dial the server by it"},
	{"certificate required", "a client certificate", "set REDIS_TLS_CERT_FILE and REDIS_TLS_KEY_FILE: this server asks its clients for a certificate"},
	{"bad certificate", "a client certificate that the server trusts", "have REDIS_TLS_CERT_FILE signed by the authority in tls-ca-cert-file of the server"},
	{"unknown certificate authority", "a client certificate that the server trusts", "have REDIS_TLS_CERT_FILE signed by the authority in tls-ca-cert-file of the server"},
	{"WRONGPASS", "a user and a password that Redis accepts", "correct REDIS_USERNAME and REDIS_PASSWORD, or what stands before the @ in REDIS_URL (special characters are written %XX there); ACL LIST in Redis shows its users"},
	{"invalid password", "a user and a password that Redis accepts", "correct REDIS_PASSWORD, or what stands before the @ in REDIS_URL (special characters are written %XX there)"},
	{"without any password configured", "no password, as this Redis has none", "take REDIS_PASSWORD away, or set requirepass in Redis"},
	{"NOAUTH", "a password, as this Redis asks for one", "set REDIS_PASSWORD, and REDIS_USERNAME for a user of its own (docs/redis.md has the ACL line)"},
	{"'select'", "the right to select a database", "grant the user +select, or use database 0 (REDIS_DB_ADVOWARE_CACHE=0)"},
	{"LOADING", "a Redis that has read its data", "wait: it has just been started and reads its dump; calls go on without it meanwhile"},
	{"BUSY", "a Redis that takes commands", "a script runs without an end: SCRIPT KILL in Redis ends it, if it has not written; else a restart"},
	{"MASTERDOWN", "a master", "this is a replica that has lost its master, and may not answer (replica-serve-stale-data no): use the address of the master, or Sentinel"},
	{"max number of clients", "a free connection", "raise maxclients in Redis, or find out who holds so many connections (CLIENT LIST)"},
	{"DENIED Redis is running in protected mode", "a Redis that takes connections from here", "set a password in Redis and REDIS_PASSWORD here; protected mode takes connections of its own machine only"},
	{"DB index is out of range", "a database that there is", "lower REDIS_DB_ADVOWARE_CACHE, or raise `databases` in Redis"},
	{"SELECT is not allowed in cluster mode", "a URL for a Cluster", "name two or more nodes in REDIS_URL (redis://node1:6379?addr=node2:6379; of one node: its address twice)"},
	{"cluster support disabled", "a Cluster", "take the parameter addr out of REDIS_URL: this is a single server"},
	{"cluster has no nodes", "a Cluster with all its slots", "CLUSTER INFO and CLUSTER NODES on a node show what it knows of the others"},
	{"CLUSTERDOWN", "a Cluster with all its slots", "CLUSTER INFO and CLUSTER NODES on a node show which master is missing"},
	{"no such host", "a host that there is", "correct the host in REDIS_HOST or REDIS_URL, or the name server of this machine"},
	{"connection refused", "a Redis that listens there", "start Redis, or correct REDIS_HOST and REDIS_PORT, or REDIS_URL; one process that runs for long needs none (the memory store): without it each fetches a token of its own"},
	{"no such file", "the socket of a Redis", "start Redis with `unixsocket`, or correct the path in REDIS_HOST or REDIS_URL"},
	{"permission denied", "a socket that this user may use", "set `unixsocketperm 770` in Redis and add this user to its group"},
	{"no route to host", "a way to the server", "correct the address, or the network and its firewall"},
	{"network is unreachable", "a way to the server", "correct the address, or the network and its firewall"},
	{"without an answer", "a Redis that answers", "set REDIS_TLS=true if the server speaks TLS; else look what listens there, and behind which proxy"},
	{"does not answer", "a Redis that answers", "it takes connections and says nothing: look whether it hangs (its log, its disk, a long script), or what is in front of it"},
	{"the dial waits", "a connection within a quarter of a second", "the address takes no connection: check host, port and firewall (a packet that is dropped is never answered)"},
	{"the dial has just begun", "a connection within a quarter of a second", "the address takes no connection: check host, port and firewall (a packet that is dropped is never answered)"},
	{"longer than any that is asked for", "a Redis", "what listens there speaks another protocol: correct the host and the port"},
	{"can't parse", "a Redis", "what listens there speaks another protocol: correct the host and the port"},
	{"unreadable reply", "a Redis", "what listens there speaks another protocol: correct the host and the port"},
	{"READONLY", "a master, which takes writes", "use the address of the master, or Sentinel"},
	{"EOF", "a Redis", closes},
	{"connection reset", "a Redis", closes},
	{"tls:", "a TLS handshake that succeeds", "check the certificate and the TLS versions of the server: openssl s_client -connect HOST:PORT"},
}

// Of returns what the error of an exchange means.
func Of(err error) Trouble {
	saw := Printable(strings.ReplaceAll(err.Error(), "store/redis/dial: ", ""), maxSaw)
	wrong := (*configError)(nil)
	unusable := errors.As(err, &wrong)
	for _, s := range signs {
		if (!unusable || s.part == remote) && strings.Contains(err.Error(), s.part) {
			return Trouble{saw, s.want, s.hint}
		}
	}
	switch timeout := net.Error(nil); {
	case unusable:
		return Trouble{saw, "a configuration that can be used", "correct it: nothing was sent"}
	case errors.Is(err, context.Canceled):
		return Trouble{"interrupted", "", ""}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return Trouble{saw, "an answer within " + Patience.String(), "look whether Redis hangs (its log, its disk, a long script), or what is between here and there"}
	}
	return Trouble{saw, "an answer", "look at the log of Redis"}
}

const maxSaw = 400 // bytes of what others say

// Printable returns a text that others wrote on one line, and cut.
func Printable(text string, most int) string {
	cut := ""
	if len(text) > most {
		text, cut = text[:most], "…"
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ") + cut
}

// isPermitted reports whether an answer shows that the server is in use: it answers, or refuses
// exactly this command to this user.
func isPermitted(err error, command string) bool { return beyond(err, command) == nil }

// beyond returns err unless it says no more than that the user may not use the command.
func beyond(err error, command string) error {
	if Denied(err) && strings.Contains(err.Error(), "'"+command+"'") {
		return nil
	}
	return err
}

// isUnknown reports whether a server does not know a command, as managed ones rename some.
func isUnknown(err error) bool { return goredis.HasErrorPrefix(err, "unknown") }
