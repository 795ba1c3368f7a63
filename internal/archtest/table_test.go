package archtest_test

// A row says what one package answers for and what its production code may import
// besides the standard library. Its tests may import any package of ours and any
// module named in this file.
type row struct {
	pkg     string // below the module path; "." is the root
	answers string
	ours    []string // packages of this module, named as pkg is
	modules []string // of others

	// testKit is set where production code may import testing; nothing but tests
	// can import such a package.
	testKit bool
	// oracle is set where the tests keep to the row too (and the package itself):
	// what judges others must not learn from them.
	oracle bool
}

// Modules of others, each where it is needed and nowhere else.
const (
	gobreaker = "github.com/sony/gobreaker/v2"
	goredis   = "github.com/redis/go-redis/v9"
	kong      = "github.com/alecthomas/kong"
	ristretto = "github.com/dgraph-io/ristretto/v2"
	sync      = "golang.org/x/sync"
	net       = "golang.org/x/net"
	text      = "golang.org/x/text"
	hdr       = "github.com/HdrHistogram/hdrhistogram-go"
	term      = "golang.org/x/term"

	goCmp     = "github.com/google/go-cmp"
	miniredis = "github.com/alicebob/miniredis/v2"
	sys       = "golang.org/x/sys"
)

// testModules are for tests only.
var testModules = []string{goCmp, miniredis, sys}

// table has a row for each package. A new package needs a new row.
var table = []row{
	{pkg: ".", answers: "the door: environment -> stores -> ready client",
		ours: []string{"client", "client/discovery", "client/gateway", "client/status", "client/token", "internal/apitls", "internal/claim", "internal/clienthook", "internal/compare", "internal/envvar", "internal/health", "internal/isnil", "internal/origin", "internal/roundtrip", "internal/storehook", "internal/watch", "secret", "signer", "store", "store/lease", "store/memory", "store/redis", "store/redis/dial", "store/redis/note", "store/sealed", "store/tiered"}},
	{pkg: "advotime", answers: "dates and times as the API writes them: of Berlin, of UTC, days, times of day"},
	{pkg: "advowaretest", answers: "a fake Advoware for a test, with a client that leads to it",
		ours: []string{".", "client", "client/clienttest"}, testKit: true},
	{pkg: "client", answers: "Transport, Call and its helpers, one retry on 401, API errors",
		ours: []string{"client/discovery", "client/reason", "client/status", "client/token", "internal/apitls", "internal/bounded", "internal/charset", "internal/clienthook", "internal/conf", "internal/counter", "internal/foundhook", "internal/headertime", "internal/jsonbody", "internal/jsonpart", "internal/origin", "internal/quiet", "internal/redact", "internal/replay", "internal/reserved", "internal/roundtrip", "internal/sent", "internal/sentence", "store"}},
	{pkg: "client/token", answers: "the Source: a valid token for each call; one fetch for all, renewal, failures, Reject",
		ours: []string{"client/status", "internal/atomictoken", "internal/bounded", "internal/budget", "internal/conf", "internal/farwait", "internal/foundhook", "internal/inuse", "internal/pacing", "internal/toggle", "internal/tokenerr", "internal/wait", "store", "store/lease"}, modules: []string{sync}},
	{pkg: "client/status", answers: "how a client is: its token, its Redis, where its office is reached; a handler for it"},
	{pkg: "client/gateway", answers: "the signed token request: body, nonce, time, response, skew, typed errors",
		ours: []string{"client/discovery", "client/reason", "internal/charset", "internal/conf", "internal/number", "internal/origin", "internal/redact", "internal/roundtrip", "internal/sentence", "secret", "signer", "store", "store/lease"}},
	{pkg: "client/discovery", answers: "where an office is reached: asked of the vendor, checked, remembered, asked again",
		ours: []string{"internal/bounded", "internal/charset", "internal/conf", "internal/farwait", "internal/origin", "internal/redact", "internal/roundtrip", "secret"}, modules: []string{net, sync}},
	{pkg: "client/reason", answers: "why the vendor refuses: a name, what it means, what to do"},
	{pkg: "client/clienttest", answers: "a fake Advoware that checks requests by code of its own; the command serves it too",
		ours: []string{"client/clienttest/internal/answer", "client/clienttest/internal/cert", "client/clienttest/internal/gateway", "client/clienttest/internal/lines", "client/clienttest/internal/listener", "client/clienttest/internal/office", "client/clienttest/internal/redact", "client/clienttest/internal/ring", "client/clienttest/internal/tally", "client/clienttest/internal/wire"}, oracle: true},
	{pkg: "client/clienttest/internal/answer", answers: "what the fake answers, before it is sent",
		ours: []string{"client/clienttest/internal/wire"}, oracle: true},
	{pkg: "client/clienttest/internal/cert", answers: "certificates that vouch for themselves", oracle: true},
	{pkg: "client/clienttest/internal/gateway", answers: "the security gateway of the fake: who may log in, token requests, tokens",
		ours: []string{"client/clienttest/internal/answer"}, oracle: true},
	{pkg: "client/clienttest/internal/lines", answers: "a line of log for each request", oracle: true},
	{pkg: "client/clienttest/internal/listener", answers: "where the fake listens, and servers whose end can be waited for",
		ours: []string{"client/clienttest/internal/wire", "internal/pipenet"}, oracle: true},
	{pkg: "client/clienttest/internal/office", answers: "the API of one made-up Kanzlei: paths, shapes and traps",
		ours: []string{"client/clienttest/internal/answer", "client/clienttest/internal/rest", "client/clienttest/internal/table", "client/clienttest/internal/value"}, oracle: true},
	{pkg: "client/clienttest/internal/rest", answers: "how the API of the fake is asked and answers: paths, bodies, arrays",
		ours: []string{"client/clienttest/internal/answer"}, oracle: true},
	{pkg: "client/clienttest/internal/redact", answers: "secrets in what the fake remembers of requests", oracle: true},
	{pkg: "client/clienttest/internal/ring", answers: "the last of many values, read at once or while they come", oracle: true},
	{pkg: "client/clienttest/internal/tally", answers: "a count that can be waited for", oracle: true},
	{pkg: "client/clienttest/internal/table", answers: "rows that are made while they are asked for, and what was written over them",
		ours: []string{"client/clienttest/internal/answer", "client/clienttest/internal/rest"}, oracle: true},
	{pkg: "client/clienttest/internal/value", answers: "times, flags and amounts as the API writes them, in any form", oracle: true},
	{pkg: "client/clienttest/internal/wire", answers: "what the fake does below HTTP", oracle: true},
	{pkg: "secret", answers: "a string that is redacted wherever it is printed"},
	{pkg: "signer", answers: "(message, key) -> signature; pure: no clock, no randomness, no HTTP"},
	{pkg: "store", answers: "what a token is, what a store promises, the simplest store that keeps the promise"},
	{pkg: "store/lease", answers: "how processes agree which of them fetches", ours: []string{"store"}},
	{pkg: "store/memory", answers: "tokens of this process, bounded",
		ours: []string{"internal/atomictoken", "store"}, modules: []string{ristretto}},
	{pkg: "store/redis", answers: "tokens shared between processes, under the raw keys that other programs use",
		ours: []string{"internal/bounded", "internal/conf", "internal/farwait", "internal/handover", "internal/isnil", "internal/number", "internal/rediskey", "internal/redissaid", "store", "store/lease"}, modules: []string{goredis}},
	{pkg: "store/redis/dial", answers: "how Redis is reached: one server, Sentinel, Cluster, TLS; what may be dialled; fields that contradict each other",
		ours: []string{"internal/bounded", "internal/certfile", "internal/farwait", "internal/origin", "internal/redact", "internal/redisconn", "internal/redissaid", "secret", "store/redis"}, modules: []string{goredis}},
	{pkg: "store/redis/note", answers: "short texts that processes share, each with a TTL",
		ours: []string{"internal/bounded", "internal/redissaid"}, modules: []string{goredis}},
	{pkg: "store/tiered", answers: "near in front of far; a far outage never hides a valid token",
		ours: []string{"internal/bounded", "internal/conf", "internal/farwait", "internal/health", "store", "store/lease", "store/tiered/internal/far"}},
	{pkg: "store/tiered/internal/far", answers: "operations on a far store: bounded, in order, behind a circuit breaker; outages announced",
		ours: []string{"internal/bounded", "internal/farwait", "internal/health", "store"}, modules: []string{gobreaker}},
	{pkg: "store/sealed", answers: "tokens encrypted at rest, around any store",
		ours: []string{"internal/conf", "store", "store/lease"}},
	{pkg: "store/storetest", answers: "the public conformance suites for any Store and any Lease",
		ours: []string{"store", "store/lease"}, testKit: true},
	{pkg: "e2e/chaos", answers: "the lines between a fleet under test and its test"},
	{pkg: "e2e/chaos/worker", answers: "one process of a fleet under test",
		ours: []string{".", "client", "client/clienttest", "client/token", "e2e/chaos", "store"}},
	{pkg: "e2e/discovery", answers: "tests of offices at their own addresses, of one that moves, of a fleet that asks once"},
	{pkg: "e2e/docs", answers: "tests that run the blocks of the documents, and hold their names against the code"},
	{pkg: "e2e/link", answers: "tests of how Redis is reached: connections that die, reasons, storms"},
	{pkg: "e2e/canary", answers: "tests that print all that is in use, and look for secrets in it"},
	{pkg: "e2e/openssl", answers: "tests of an office with a certificate that OpenSSL made, by the documented commands"},
	{pkg: "e2e/outage", answers: "tests of each fault of Redis, at each moment"},
	{pkg: "e2e/topology", answers: "tests of sockets, TLS, Sentinel, Cluster and of users with few rights"},
	{pkg: "e2e/fleet", answers: "tests of many clients on one Redis: one token request, refusals, sealed tokens"},
	{pkg: "internal/alloctest", answers: "fails what allocates, be it in one run of fifty", testKit: true},
	{pkg: "internal/apitls", answers: "which certificate the API may have, and what to set if it has another", ours: []string{"internal/certfile", "internal/redact"}},
	{pkg: "internal/archtest", answers: "this table"},
	{pkg: "internal/atomictoken", answers: "a token that goroutines read and replace without a lock", ours: []string{"store"}},
	{pkg: "internal/bounded", answers: "bounded calls of functions that may hang; panics become errors"},
	{pkg: "internal/budget", answers: "how many token requests 401s may cost, and which 401s are put to the test", ours: []string{"store"}},
	{pkg: "internal/certfile", answers: "files of certificates and keys, read for each connection", ours: []string{"internal/bounded"}},
	{pkg: "internal/certtest", answers: "certificates for tests", testKit: true},
	{pkg: "internal/charset", answers: "what a server wrote, as UTF-8", modules: []string{text}},
	{pkg: "internal/claim", answers: "whose tokens a key of a process is for", ours: []string{"internal/bounded", "store"}},
	{pkg: "internal/clienthook", answers: "the stores that package advoware gives a client", ours: []string{"client/status"}},
	{pkg: "internal/compare", answers: "in which fields two configurations differ, secrets and functions among them"},
	{pkg: "internal/conf", answers: "all that is wrong with a configuration, in one error", ours: []string{"internal/isnil"}},
	{pkg: "internal/counter", answers: "a counter that scales with cores"},
	{pkg: "internal/farwait", answers: "how long one call may wait for far in total"},
	{pkg: "internal/e2etest", answers: "what the tests of whole systems share: clients that the environment configures, on a fake and a real Redis",
		ours: []string{".", "client", "client/clienttest", "internal/redistest", "internal/testport", "secret", "store/sealed"}, testKit: true},
	{pkg: "internal/envvar", answers: "variables of the environment, as they are found", ours: []string{"internal/number"}},
	{pkg: "internal/faultproxy", answers: "a Redis server whose answers go wrong in a way that a test chooses",
		ours: []string{"internal/testport"}},
	{pkg: "internal/foundhook", answers: "what a Transport tells a Source, and asks it, beside Lookup and Reject"},
	{pkg: "internal/handover", answers: "a failure as text for other processes", ours: []string{"store/lease"}},
	{pkg: "internal/headertime", answers: "a limit for the header of an answer", ours: []string{"internal/sent"}},
	{pkg: "internal/health", answers: "whether a server works, and since when",
		ours: []string{"client/status", "store"}},
	{pkg: "internal/inuse", answers: "whether something is in use, in one word"},
	{pkg: "internal/isnil", answers: "a nil pointer in an interface"},
	{pkg: "internal/jsonbody", answers: "a body as JSON, or why it is not meant to be JSON"},
	{pkg: "internal/gotest", answers: "what make test prints: go test in several modules at a time, packages done, failures, what is under way",
		ours: []string{"internal/gotest/internal/report"}},
	{pkg: "internal/gotest/internal/report", answers: "a run of go test -json while it goes on"},
	{pkg: "internal/jsonpart", answers: "a part of a JSON text: a field, the elements of an array while they arrive",
		ours: []string{"internal/charset"}},
	{pkg: "internal/leaktest", answers: "finds secrets in what a program prints", modules: []string{goCmp}, testKit: true},
	{pkg: "internal/leasemap", answers: "a lease within one process, for tests", ours: []string{"store", "store/lease"}, testKit: true},
	{pkg: "internal/need", answers: "that tools/need installs what the tests need, on each system"},
	{pkg: "internal/number", answers: "whole numbers that others wrote, of any size"},
	{pkg: "internal/origin", answers: "scheme, host and port of a URL, and which ones are safe", ours: []string{"internal/number"}},
	{pkg: "internal/pacing", answers: "when a token is renewed, how long a failed gateway is left alone; arithmetic without a clock", ours: []string{"store"}},
	{pkg: "internal/pipenet", answers: "an in-memory network, so that client and server run in synctest"},
	{pkg: "internal/quiet", answers: "calls ended in which nothing moves"},
	{pkg: "internal/reserved", answers: "headers that a client sets itself, in any spelling"},
	{pkg: "internal/redact", answers: "removes a secret from what others wrote, in any spelling"},
	{pkg: "internal/redisconn", answers: "connections to Redis: addresses raced, in the background, with the reason of a failure; replies bounded",
		ours: []string{"internal/bounded", "internal/number"}},
	{pkg: "internal/rediskey", answers: "the names of what is in Redis beside a token, and the digests there"},
	{pkg: "internal/redissaid", answers: "what a Redis server says, without what it repeats of secrets",
		ours: []string{"internal/redact"}, modules: []string{goredis}},
	{pkg: "internal/redistest", answers: "real Redis servers for tests", ours: []string{"internal/certtest", "internal/testport"}, testKit: true},
	{pkg: "internal/replay", answers: "what a request needs that may be sent twice: its body, and the answer to the first attempt",
		ours: []string{"internal/bounded", "internal/roundtrip"}},
	{pkg: "internal/resp", answers: "replies and pushes of Redis, read in bounded memory"},
	{pkg: "internal/sent", answers: "whether a request may have been carried out, by its error and what net/http tells",
		ours: []string{"internal/roundtrip"}},
	{pkg: "internal/sentence", answers: "the vendor's sentences, found in an answer of any form", ours: []string{"client/reason"}},
	{pkg: "internal/testport", answers: "TCP ports for tests, each one once"},
	{pkg: "internal/roundtrip", answers: "HTTP connections that are pinged, bounded and lead to the configured server; an answer or an error",
		ours: []string{"internal/apitls", "internal/bounded", "internal/origin", "internal/redact"}},
	{pkg: "internal/storehook", answers: "the stores of a process, for the doctor",
		ours: []string{"store", "store/redis/dial", "store/sealed"}},
	{pkg: "internal/toggle", answers: "something that runs while it is wanted, and may call back when it is started"},
	{pkg: "internal/tokenerr", answers: "the errors of waits that ended and of stores that cannot be read", ours: []string{"store"}},
	{pkg: "internal/wait", answers: "waits that end with a context"},
	{pkg: "internal/watch", answers: "what others do to Redis keys, told within milliseconds",
		ours: []string{"internal/bounded", "internal/redact", "internal/resp"}, modules: []string{goredis}},
	{pkg: "cmd/advoware", answers: "the command",
		ours: []string{".", "client", "client/clienttest", "client/token", "cmd/advoware/internal/answer", "cmd/advoware/internal/batch", "cmd/advoware/internal/build", "cmd/advoware/internal/completion", "cmd/advoware/internal/control", "cmd/advoware/internal/dotenv", "cmd/advoware/internal/explain", "cmd/advoware/internal/failure", "cmd/advoware/internal/header", "cmd/advoware/internal/interrupt", "cmd/advoware/internal/latency", "cmd/advoware/internal/manual", "cmd/advoware/internal/outfile", "cmd/advoware/internal/peek", "cmd/advoware/internal/progress", "cmd/advoware/internal/settings", "cmd/advoware/internal/stream", "cmd/advoware/internal/suggest", "cmd/advoware/internal/terminal", "doctor", "internal/bounded", "internal/origin", "store"}, modules: []string{goredis, kong, sync}},
	{pkg: "cmd/advoware/internal/answer", answers: "a call whose answer is shown: what it is, in which form, while it arrives",
		ours: []string{"client", "cmd/advoware/internal/jsonview", "cmd/advoware/internal/terminal", "internal/charset", "internal/redact"}, modules: []string{text}},
	{pkg: "cmd/advoware/internal/batch", answers: "calls from a list: their order kept, memory bounded, an interrupt heeded",
		ours: []string{"cmd/advoware/internal/strict", "internal/bounded"}},
	{pkg: "cmd/advoware/internal/control", answers: "all that the fake can do, over HTTP, and a page for it",
		ours: []string{"client/clienttest", "cmd/advoware/internal/strict"}},
	{pkg: "cmd/advoware/internal/build", answers: "what the command was built from"},
	{pkg: "cmd/advoware/internal/explain", answers: "what happens in a call, step by step, for who runs the command", ours: []string{"cmd/advoware/internal/terminal"}},
	{pkg: "cmd/advoware/internal/jsonview", answers: "JSON for people to read, while it arrives: nothing changed but the space between"},
	{pkg: "cmd/advoware/internal/latency", answers: "how long calls took: percentiles in bounded memory", modules: []string{hdr}},
	{pkg: "cmd/advoware/internal/outfile", answers: "files that are written as a whole or not at all"},
	{pkg: "cmd/advoware/internal/peek", answers: "what Redis has of a token, looked at and not changed",
		ours: []string{".", "client", "client/discovery", "client/gateway", "internal/bounded", "internal/origin", "internal/redact", "internal/redissaid", "store", "store/redis", "store/redis/dial", "store/sealed"}, modules: []string{goredis}},
	{pkg: "cmd/advoware/internal/progress", answers: "how far many calls are, on one line of a terminal"},
	{pkg: "cmd/advoware/internal/completion", answers: "command lines completed in four shells", modules: []string{kong}},
	{pkg: "cmd/advoware/internal/dotenv", answers: "variables from files in the syntax of .env"},
	{pkg: "cmd/advoware/internal/manual", answers: "the manual page", modules: []string{kong}},
	{pkg: "cmd/advoware/internal/settings", answers: "the settings that are in force, and where each is from", ours: []string{".", "cmd/advoware/internal/suggest"}},
	{pkg: "cmd/advoware/internal/suggest", answers: "what a misspelt word was meant to be", ours: []string{"cmd/advoware/internal/failure"}, modules: []string{kong}},
	{pkg: "cmd/advoware/internal/failure", answers: "what a command has failed with, in one line",
		ours: []string{".", "client", "client/discovery", "client/gateway", "client/token", "store"}},
	{pkg: "cmd/advoware/internal/header", answers: "the headers of a command line, and why some are not sent"},
	{pkg: "cmd/advoware/internal/interrupt", answers: "how a process ends that is interrupted"},
	{pkg: "cmd/advoware/internal/stream", answers: "standard output that may block, be full or lose its reader", ours: []string{"internal/bounded"}},
	{pkg: "cmd/advoware/internal/strict", answers: "requests in JSON, read without leniency"},
	{pkg: "cmd/advoware/internal/terminal", answers: "what is a terminal, and what may be written to one", modules: []string{term}},
	{pkg: "doctor", answers: "why an office is not reached: all checks, side by side, as a report",
		ours: []string{".", "client", "doctor/internal/check", "doctor/internal/fleet", "doctor/internal/link", "doctor/internal/office", "doctor/internal/redis", "doctor/internal/settings", "doctor/internal/token", "internal/bounded", "internal/envvar", "internal/redact", "internal/storehook", "store/tiered"}},
	{pkg: "doctor/internal/office", answers: "the doctor's groups about the way to an office: clock, discovery, gateway, API",
		ours: []string{".", "client", "client/discovery", "client/gateway", "client/reason", "client/token", "doctor/internal/check", "doctor/internal/probe", "doctor/internal/settings", "internal/apitls", "internal/origin", "internal/redact", "internal/roundtrip", "store"}},
	{pkg: "doctor/internal/probe", answers: "one request that says nothing of anybody, and how far it came",
		ours: []string{"internal/apitls", "internal/origin", "internal/redact", "internal/roundtrip"}},
	{pkg: "doctor/internal/settings", answers: "the doctor's group about the configuration: what cannot be used, what is odd, what nobody reads",
		ours: []string{".", "client", "client/gateway", "doctor/internal/check", "internal/origin", "internal/redact", "internal/roundtrip"}},
	{pkg: "doctor/internal/check", answers: "the form of what the doctor finds, and how its groups are run", ours: []string{"internal/bounded"}},
	{pkg: "doctor/internal/fleet", answers: "the doctor's checks of what processes leave in Redis for each other",
		ours: []string{"client/reason", "doctor/internal/check", "doctor/internal/link", "internal/handover", "internal/number", "internal/rediskey", "store", "store/lease", "store/redis/note"}, modules: []string{goredis}},
	{pkg: "doctor/internal/link", answers: "the way of the doctor to Redis, and what an error there means",
		ours: []string{"internal/bounded", "internal/envvar", "internal/redissaid", "store/redis/dial"}, modules: []string{goredis}},
	{pkg: "doctor/internal/redis", answers: "the doctor's checks of a Redis server",
		ours: []string{"doctor/internal/check", "doctor/internal/link", "internal/bounded", "internal/number", "internal/rediskey", "internal/watch", "store/redis/dial"}, modules: []string{goredis}},
	{pkg: "doctor/internal/token", answers: "the doctor's checks of the token",
		ours: []string{"doctor/internal/check", "doctor/internal/link", "internal/bounded", "internal/number", "internal/rediskey", "store", "store/redis", "store/sealed"}, modules: []string{goredis}},
}

// A ban is a destination that no chain of imports may lead to, however long.
// Packages with testKit are exempt from it.
type ban struct {
	from []string // nil for every package
	to   []string // import paths, with all below them
	why  string
}

var bans = []ban{
	{[]string{"client", "client/gateway", "client/token"}, []string{goredis, ristretto}, "who brings a store of their own must not link ours"},
	{nil, []string{"testing"}, "it registers flags and has no place in a user's program"},
}
