package bench

import (
	"fmt"
	"io"
)

// list is the column of a table that has its results below each other.
const list = ".name"

// A table sets results beside each other. The first column is this library, and the
// others are compared with it.
type table struct {
	title, rows, columns, unit, name string
}

// tables are shown in this order; what was not measured is left out.
var tables = []table{
	{"A valid token, one identity", "/parallel", "/store@(tiered pointer-load memory map redis)", "sec/op", "Token"},
	{"The same, of libraries for credentials", "/parallel", "/store@(tiered oauth2-reuse aws-credentials smithy-bearer cloud-auth azcore-bearer)", "sec/op", "Token"},
	{"The same, of caches", "/parallel", "/store@(tiered otter theine sturdyc ristretto)", "sec/op", "Token"},
	{"The same, of other caches, and of Redis", "/parallel", "/store@(tiered hashicorp-lru go-redis-cache rueidis python-way)", "sec/op", "Token"},
	{"Counted, with all hooks", "/parallel", "/count@(off on)", "sec/op", "TokenCounted"},
	{"A request", "/wire /token", "/transport@(advoware bare copy oauth2 cloud-auth azcore smithy)", "sec/op", "RoundTrip"},
	{"A signature", "/message", "/impl@(advoware floor obvious)", "sec/op", "Sign"},
	{"A token request, answered in memory", ".name", "/impl@(advoware by-hand)", "sec/op", "Fetch"},
	{"A large answer", "/read", "/impl@(advoware oauth2)", "sec/op", "Large"},
	{"A fleet that starts cold: slowest caller, ms over the token request", "/processes /latency", "/lock@(advoware none poll redislock redsync)", "slowest-ms", "Fleet"},

	{"One of many identities", "/identities /parallel /store", list, "sec/op", "Identities"},
	{"A valid token: allocations", "/store", list, "allocs/op", "Token"},
	{"A request: allocations", "/transport /wire /token", list, "allocs/op", "RoundTrip"},
	{"The hit ratio at 10 % capacity", "/store", list, "hit-ratio", "HitRatio"},
	{"A token and its TTL from Redis", "/impl /commands", list, "sec/op", "RedisGet"},
	{"The same: trips", "/impl /commands", list, "trips/op", "RedisGet"},
	{"The same: allocations", "/impl /commands", list, "allocs/op", "RedisGet"},
	{"A whole call: median in us", "/impl /redis /request", list, "p50-us", "Call"},
	{"A cold start of one process: ms over the token request", "/store", list, "over-ms", "Stampede"},
	{"The same: token requests in a round", "/store", list, "requests/round", "Stampede"},
	{"The end of a token: 99.9th percentile in us", "/store /interval", list, "p99.9-us", "Expiry"},
	{"The end of a token: calls held up", "/store /interval", list, "held-up", "Expiry"},
	{"A fleet that starts cold: 99th percentile, ms over the token request", "/lock /processes /latency", list, "p99-ms", "Fleet"},
	{"The same: token requests in the worst round", "/lock /processes /latency", list, "requests-max", "Fleet"},
	{"The same: trips to Redis by each process", "/lock /processes /latency", list, "trips/process", "Fleet"},
	{"The leader is killed: slowest caller, ms over the token request", "/lock", list, "slowest-ms", "FleetKilled"},
	{"1,000 calls while the gateway is down: token requests", "/store", list, "requests/op", "Failing"},
	{"Memory of an identity", "/layer /store /state", list, "B/identity", "IdentityMemory"},
}

// showTables writes the tables of what was measured, and then the goals.
func showTables(w io.Writer, r *results) error {
	for _, t := range tables {
		g, err := t.of(r)
		if err != nil {
			return fmt.Errorf("table %q: %w", t.title, err)
		}
		if len(g.rowKeys) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", t.title)
		g.write(w)
	}
	fmt.Fprintf(w, "\nThe goals\n\n")
	compareAll(w, r, goals)
	return nil
}

// tablesCmd shows the tables of results.
type tablesCmd struct {
	Files []string `arg:"" name:"file" help:"Results of one commit."`
}

// Run is the command tables.
func (c *tablesCmd) Run(std *stdio) error {
	r, err := readFiles(std, c.Files)
	if err != nil {
		return err
	}
	return showTables(std.out, r)
}
