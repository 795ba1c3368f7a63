package chaos_test

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/e2e/chaos/trace"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

// tokenKey is where all programs keep the token, and what the processes of a world
// use by default.
const tokenKey = "advoware_access_token"

// world is what a fleet finds outside: the fake Advoware and a Redis. What Redis carries out
// is recorded from [world.serve] on, without which there is no fleet, and is held against the
// rules when the test ends.
type world struct {
	t        testing.TB
	fake     *clienttest.Server
	redis    *redistest.Server   // the master, if there are several
	sentinel *redistest.Sentinel // nil if there is just one server
	fleets   int                 // how many have been started
	addr     string              // where Redis is reached, if that is not the address of the server
	began    fleet               // all processes that were started
	worker   string              // the path of the program of the processes; "" is the usual one

	dir     string    // of the trace, and of histories
	trace   *recorder // of what Redis carries out
	ended   func() trace.Verdict
	planted bool // the trace is to be broken
	kept    bool // dir stays, as there is something to see
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

// serve starts the fake, and the record of what Redis carries out.
func (w *world) serve(opts clienttest.Options) *world {
	w.t.Helper()
	var err error
	if w.fake, err = clienttest.New(opts); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(w.fake.Close)
	if w.dir, err = os.MkdirTemp("", "advoware-chaos-"); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if !w.kept {
			_ = os.RemoveAll(w.dir)
		}
	})
	w.trace = record(w.t, filepath.Join(w.dir, "trace.txt"), w.redis.Addr())
	w.ended = sync.OnceValue(func() trace.Verdict { return w.trace.check(w.refused()) })
	w.t.Cleanup(w.checkTrace)
	return w
}

// refused returns the tokens that the API has refused some process, by fingerprint.
func (w *world) refused() map[string]bool {
	all := make(map[string]bool)
	for _, p := range w.began {
		for n := range p.count(chaos.Refused) {
			line, _ := p.told(chaos.Refused, n)
			all[line.Fingerprint] = true
		}
	}
	return all
}

// checkTrace ends the record and fails the test if what Redis carried out does not follow the rules.
// This is where every test passes: all its processes have ended by then.
func (w *world) checkTrace() {
	w.t.Helper()
	ran := w.ended()
	if w.planted || w.fleets == 0 {
		return
	}
	broken := append(ran.Broken, ran.Missing...)
	for _, what := range broken[:min(len(broken), mostBroken)] {
		w.kept = true
		w.t.Errorf("what Redis carried out does not follow the rules: %s\nthe trace: %s", what, w.trace.path)
	}
	if ran.Steps == 0 && !w.t.Failed() {
		w.t.Error("no script was checked: this shows nothing")
	}
	row := fmt.Sprintf("%s\t%d\t%d\t%d", w.t.Name(), ran.Steps, ran.Unsure, ran.Parts)
	figures.add("Scripts that follow the rules", "test\tscripts\tnot checked, as a key ended just then\tparts of the trace", row)
	w.t.Log(row)
}

// mostBroken is of how many broken rules a test tells.
const mostBroken = 20

// moved tells that another server is the master from now on.
func (w *world) moved(to *redistest.Server) {
	w.redis = to
	w.trace.move(to.Addr())
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
