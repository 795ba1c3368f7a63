package chaos_test

import (
	"cmp"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

// tokenKey is where all programs keep the token, and what the processes of a world
// use by default.
const tokenKey = "advoware_access_token"

// world is what a fleet finds outside: the fake Advoware and a Redis.
type world struct {
	t        testing.TB
	fake     *clienttest.Server
	redis    *redistest.Server   // the master, if there are several
	sentinel *redistest.Sentinel // nil if there is just one server
	fleets   int                 // how many have been started
	addr     string              // where Redis is reached, if that is not the address of the server
	traced   bool                // processes tell Redis their names
	worker   string              // the path of the program of the processes; "" is the usual one
}

func newWorld(t testing.TB, opts clienttest.Options) *world {
	t.Helper()
	return (&world{t: t, redis: redistest.Start(t)}).serve(opts)
}

// newSentinelWorld is newWorld with a Redis that fails over.
func newSentinelWorld(t testing.TB, opts clienttest.Options) *world {
	t.Helper()
	w := &world{t: t, sentinel: redistest.StartSentinel(t)}
	w.redis = w.sentinel.Master()
	return w.serve(opts)
}

// serve starts the fake.
func (w *world) serve(opts clienttest.Options) *world {
	w.t.Helper()
	var err error
	if w.fake, err = clienttest.New(opts); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(w.fake.Close)
	return w
}

// env is the environment of a process of this world; more overrides it.
func (w *world) env(more ...string) []string {
	env := append(w.fake.Env(), "ADVOWARE_TOKEN_KEY="+tokenKey)
	if w.sentinel != nil {
		ask := w.sentinel.Addrs()
		env = append(env, fmt.Sprintf("REDIS_URL=redis://%s/%d?master_name=%s&addr=%s",
			ask[0], redistest.DB, redistest.MasterName, strings.Join(ask[1:], "&addr=")))
	} else {
		host, port, _ := net.SplitHostPort(cmp.Or(w.addr, w.redis.Addr()))
		env = append(env, "REDIS_HOST="+host, "REDIS_PORT="+port)
	}
	return append(env, more...) // of two values of a name the last one counts
}

// plain returns a client of the Redis that has nothing to do with ours, and gives up
// soon.
func (w *world) plain() goredis.UniversalClient {
	o := &goredis.UniversalOptions{
		Addrs: []string{cmp.Or(w.addr, w.redis.Addr())}, DB: redistest.DB, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: time.Second, ReadTimeout: time.Second, WriteTimeout: time.Second,
	}
	if w.sentinel != nil {
		o.Addrs, o.MasterName = w.sentinel.Addrs(), redistest.MasterName
	}
	return goredis.NewUniversalClient(o)
}

// requests is how many token requests there were.
func (w *world) requests() int { return w.fake.Counts().TokenRequests }

// stored returns the fingerprint of the token under the key, "" if there is none.
func (w *world) stored() string {
	text, _ := w.redis.Do("GET", tokenKey).(string)
	return fingerprint(text)
}

// fingerprint names a token as the processes do, "" if the text cannot be one.
func fingerprint(text string) string {
	tok, _ := store.NewToken(text, time.Time{}, time.Time{})
	return tok.Fingerprint()
}

// asker returns the name of the process that made the n-th token request, from 0,
// once it has made it. It remembers the last thousand requests only: for the start of
// a fleet.
func (w *world) asker(n int) string {
	w.t.Helper()
	var name string
	if !within(patience, func() bool {
		left := n
		for _, r := range w.fake.Requests() {
			if r.Path == tokenPath {
				if left--; left < 0 {
					name = r.Header.Get(chaos.WorkerHeader)
					return true
				}
			}
		}
		return false
	}) {
		w.t.Fatalf("there was no token request %d", n)
	}
	return name
}

const tokenPath = "/api/v1/Token"
