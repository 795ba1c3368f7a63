package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/number"
)

// info is what INFO says: https://redis.io/docs/latest/commands/info/
type info map[string]string

// newInfo reads the reply, of which anything may be missing.
func newInfo(text string) info {
	in := make(info)
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); ok {
			in[name] = link.Printable(value, maxValue)
		}
	}
	return in
}

const maxValue = 100 // bytes

// number returns a field, 0 if it is missing.
func (in info) number(name string) int64 {
	n, _ := number.Parse(in[name])
	return n
}

// server looks at what INFO says of the server that has the token.
func server(ctx context.Context, cfg Config) []check.Check {
	node, err := cfg.Link.Node(ctx, cfg.Key)
	var text string
	if err == nil {
		text, err = link.Ask(ctx, cfg.Link, node, func(ctx context.Context, node goredis.UniversalClient) (string, error) {
			return node.Info(ctx).Result()
		})
	}
	if err != nil {
		why := "Redis does not let this user see it (INFO): grant +info"
		if !link.Denied(err) {
			why = link.Of(err).Saw
		}
		var found []check.Check
		for _, name := range []string{version, role, database, eviction, persistence} {
			found = append(found, group.Skipped(name, why))
		}
		if link.Denied(err) { // ROLE may be granted where INFO is not
			found[1] = roleOf(ctx, cfg, node, why)
		}
		return found
	}
	in := newInfo(text)
	return []check.Check{in.version(), in.role(), in.database(cfg), in.eviction(), in.persistence()}
}

// The oldest releases with all that is used: CLIENT TRACKING and ACLs are of 6.0, of
// https://redis.io/docs/latest/commands/client-tracking/.
const leastMajor = 6

func (in info) version() check.Check {
	name, number := "Redis", in["redis_version"]
	for _, other := range []string{"valkey", "dragonfly", "keydb"} {
		if v := in[other+"_version"]; v != "" {
			name, number = strings.ToUpper(other[:1])+other[1:], v
		}
	}
	saw := strings.TrimSpace(name + " " + number)
	first, _, _ := strings.Cut(in["redis_version"], ".")
	major, err := strconv.Atoi(first)
	switch {
	case in["redis_mode"] == "sentinel":
		return group.Failure(version, saw+", a sentinel", "a server that keeps keys", "put master_name=NAME into REDIS_URL: a sentinel only knows where the master is")
	case err != nil:
		return group.Skipped(version, "INFO does not say which one it is")
	case major < leastMajor:
		return group.Warning(version, saw, "Redis 6.0 or later, or any Valkey", "update it: this one has no pushes, so that changes are found by looking every few seconds, and no users with few rights")
	}
	return group.OK(version, saw)
}

func (in info) role() check.Check { return roleIs(in["role"]) }

// roleOf asks for the role by itself.
func roleOf(ctx context.Context, cfg Config, node goredis.UniversalClient, otherwise string) check.Check {
	reply, err := link.Ask(ctx, cfg.Link, node, func(ctx context.Context, node goredis.UniversalClient) ([]any, error) {
		return node.Do(ctx, "role").Slice()
	})
	if err != nil || len(reply) == 0 {
		return group.Skipped(role, otherwise)
	}
	word, _ := reply[0].(string)
	return roleIs(word)
}

func roleIs(word string) check.Check {
	switch word {
	case "master":
		return group.OK(role, "master")
	case "slave", "replica":
		return group.Failure(role, "replica, which is read-only: no token can be written or taken away", "master", "use the address of the master, or let Sentinel name it (REDIS_URL with master_name); the configuration must not lead to a replica")
	}
	return group.Skipped(role, "the server does not say")
}

// database says which one is used, and which others have keys.
func (in info) database(cfg Config) check.Check {
	db, known := cfg.Link.DB()
	if !known {
		return group.Skipped(database, "the client of the caller does not say")
	}
	keys, others := "no keys", []string(nil)
	for n := range maxDatabases {
		value, ok := in["db"+strconv.Itoa(n)]
		if !ok {
			continue
		}
		count, _, _ := strings.Cut(strings.TrimPrefix(value, "keys="), ",")
		if n == db {
			keys = count + " keys"
		} else if len(others) < maxOthers {
			others = append(others, fmt.Sprintf("%d (%s keys)", n, count))
		}
	}
	saw := fmt.Sprintf("database %d, with %s", db, keys)
	if len(others) > 0 {
		saw += "; others with keys: " + strings.Join(others, ", ")
	}
	if in["redis_mode"] != "cluster" && cfg.Key == sharedKey && db != sharedDB {
		return group.Warning(database, saw, "database 1", "set REDIS_DB_ADVOWARE_CACHE=1 if the Python service uses this Redis: it keeps its token in database 1, and neither finds the other's")
	}
	return group.OK(database, saw)
}

const (
	sharedKey    = "advoware_access_token"
	sharedDB     = 1
	maxDatabases = 1024 // that are looked for
	maxOthers    = 4    // that are shown
)
