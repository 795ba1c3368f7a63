//go:build !race

package docs_test

import (
	"fmt"
	"slices"
)

// packages are those that a block may use without an import clause, by the names that the
// documents give them.
var packages = map[string]string{
	"bytes": "bytes", "context": "context", "json": "encoding/json", "errors": "errors", "fmt": "fmt", "io": "io",
	"log": "log", "slog": "log/slog", "http": "net/http", "httptest": "net/http/httptest", "url": "net/url", "os": "os",
	"signal": "os/signal", "filepath": "path/filepath", "strings": "strings", "sync": "sync", "testing": "testing",
	"synctest": "testing/synctest", "time": "time", "maps": "maps", "slices": "slices", "strconv": "strconv",
	"expvar": "expvar", "tls": "crypto/tls", "net": "net", "syscall": "syscall", "iter": "iter", "math": "math",

	"advoware": module, "advowaretest": module + "/advowaretest", "advotime": module + "/advotime",
	"client": module + "/client", "attempt": module + "/client/attempt", "clienttest": module + "/client/clienttest", "discovery": module + "/client/discovery",
	"gateway": module + "/client/gateway", "reason": module + "/client/reason", "token": module + "/client/token", "status": module + "/client/status",
	"monitor": module + "/monitor", "proxy": module + "/proxy", "secret": module + "/secret", "signer": module + "/signer", "doctor": module + "/doctor",
	"store": module + "/store", "lease": module + "/store/lease", "memory": module + "/store/memory",
	"redisstore": module + "/store/redis", "dial": module + "/store/redis/dial", "sealed": module + "/store/sealed",
	"storetest": module + "/store/storetest", "tiered": module + "/store/tiered",
	"goredis": "github.com/redis/go-redis/v9", "logging": "github.com/redis/go-redis/v9/logging",
}

// given are what a block may use without a declaration: what a reader has by then. A
// document that declares such a name itself means its own.
var given = map[string]struct{ pkg, decl string }{
	"ctx":         {"context", "var ctx context.Context"},
	"err":         {"", "var err error"},
	"t":           {"testing", "var t *testing.T"},
	"tb":          {"testing", "var tb testing.TB"},
	"c":           {"client", "var c *client.Client"},
	"cfg":         {"advoware", "var cfg advoware.Config"},
	"stores":      {"advoware", "var stores *advoware.Stores"},
	"fake":        {"clienttest", "var fake *clienttest.Server"},
	"tok":         {"store", "var tok store.Token"},
	"key":         {"", "var key string"},
	"w":           {"http", "var w http.ResponseWriter"},
	"r":           {"http", "var r *http.Request"},
	"logger":      {"slog", "var logger *slog.Logger"},
	"from":        {"advotime", "var from advotime.UTC"},
	"appointment": {"", "var appointment struct{ Text string }"},
	"source":      {"token", "var source *token.Source"},
	"login":       {"context", "var login func(context.Context, string) error"},
	"errDenied":   {"", "var errDenied error"},
	"myStore":     {"store", "type myStore struct{ store.Map }"},
}

// prelude declares what the blocks of the group use of given.
func (g *group) prelude(pkg string) string {
	var names, imports []string
	for _, b := range g.blocks {
		names = append(names, unresolved(b.parsed)...)
	}
	slices.Sort(names)
	text := ""
	for _, name := range slices.Compact(names) {
		d, known := given[name]
		if !known || slices.Contains(g.declared(), name) {
			continue
		}
		text += d.decl + "\n"
		if d.pkg != "" {
			imports = append(imports, d.pkg)
		}
	}
	slices.Sort(imports)
	head := "package " + pkg + "\n\n"
	for _, name := range slices.Compact(imports) {
		head += fmt.Sprintf("import %s %q\n", name, packages[name])
	}
	return head + text
}
