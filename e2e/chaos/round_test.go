package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/internal/redistest"
)

// round is a fleet that writes histories, and what happens to it. In the end the histories
// are checked together.
type round struct {
	*world
	f       fleet
	history *chaos.History
	foreign goredis.UniversalClient // another program
	stop    context.CancelFunc

	deletions int  // that the processes have to believe
	dated     bool // other programs write the timestamp of a token after it, as those in Python do
	lossy     bool // Redis may lose what another program writes before anybody has seen it
}

// believed is how many deletions each process believes in a minute; the model does not know
// more of them.
const believed = 3

// newRound starts n processes of that world, which are asking when it returns; none if n is 0.
func newRound(w *world, n int, flags ...string) *round {
	w.t.Helper()
	r := &round{world: w, foreign: w.plain(), dated: rand.N(2) == 0}
	w.t.Cleanup(func() { _ = r.foreign.Close() })
	var err error
	if r.history, err = chaos.NewHistory(filepath.Join(w.dir, chaos.World+".jsonl"), chaos.World, tokenKey, w.fake.Options().Kanzlei); err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		for req := range w.fake.Follow(ctx) {
			if id, err := strconv.Atoi(req.Header.Get(chaos.FetchHeader)); err == nil {
				r.history.Note(chaos.Entry{Kind: chaos.IssueOp, At: req.Time, For: req.Header.Get(chaos.WorkerHeader), Fetch: id})
			}
		}
	}()
	r.stop = func() {
		stop()
		<-followed
	}
	w.t.Cleanup(r.stop)
	r.f = r.join(n, flags...)
	return r
}

// join starts more processes.
func (r *round) join(n int, flags ...string) fleet {
	r.t.Helper()
	return r.joinBy(r.env(), n, flags...)
}

// joinBy is join with an environment.
func (r *round) joinBy(env []string, n int, flags ...string) fleet {
	r.t.Helper()
	f := r.fleet(n, env, append([]string{"-history", r.dir, "-goroutines", "2", "-pause", "40ms"}, flags...)...)
	f.start()
	f.calls(5)
	return f
}

// refreshes is for a process that asks for new tokens, too. One is enough: what it does is
// noticed by all, as what other programs do, and hides that somebody missed that.
var refreshes = []string{"-refresh", "30"}

// set lets another program write a token of its own, and reports whether it could.
func (r *round) set() bool {
	issued, token := time.Now(), r.fake.Issue()
	id := r.history.Begin(chaos.Entry{Kind: chaos.SetOp, Token: fingerprint(token)})
	err := r.foreign.Set(context.Background(), tokenKey, token, 3180*time.Second).Err()
	r.history.End(id, chaos.Entry{Kind: chaos.SetOp, Error: text(err), Unclear: r.lossy || unclear(err)})
	if r.dated && err == nil {
		_ = r.foreign.Set(context.Background(), "advoware_token_timestamp", issued.UTC().Format("2006-01-02T15:04:05.000000"), 3180*time.Second).Err()
	}
	return err == nil
}

// del lets another program delete the token.
func (r *round) del() {
	if r.deletions == believed {
		return
	}
	id := r.history.Begin(chaos.Entry{Kind: chaos.DeleteOp})
	n, err := r.foreign.Del(context.Background(), tokenKey).Result()
	if err == nil && n == 0 {
		err = errors.New("there was none")
	} else {
		r.deletions++
	}
	r.history.End(id, chaos.Entry{Kind: chaos.DeleteOp, Error: text(err), Unclear: unclear(err)})
}

// revoke makes the API refuse the token that is in Redis.
func (r *round) revoke() {
	if r.deletions == believed {
		return
	}
	token, _ := r.foreign.Get(context.Background(), tokenKey).Result()
	if r.fake.Revoke(token) {
		r.deletions++
		r.note("the API refuses " + fingerprint(token))
	}
}

// flush lets another program empty Redis, which is no deletion. Somebody has to have the
// token by then: one that nobody has is lost.
func (r *round) flush() {
	stored := r.stored()
	within(notice, func() bool {
		return slices.ContainsFunc(r.f, func(p *process) bool { _, used := p.used(stored); return used })
	})
	r.note("FLUSHALL")
	_ = r.foreign.FlushAll(context.Background()).Err()
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// unclear reports whether a command may have been carried out although it failed.
func unclear(err error) bool {
	var said goredis.Error
	return err != nil && !errors.As(err, &said)
}

func (r *round) note(text string) { r.history.Note(chaos.Entry{Kind: chaos.Noted, Text: text}) }

// outage notes what happens until the result is called as an outage of Redis, for one
// process or, if that is "", for all.
func (r *round) outage(process, what string) (over func()) {
	e := chaos.Entry{Kind: chaos.OutageOp, For: process, Text: what}
	id := r.history.Begin(e)
	if process == "" {
		r.trace.off()
	}
	return func() {
		r.history.End(id, e)
		if process == "" {
			r.trace.on()
		}
	}
}

// busy lets another program do something again and again for a while.
func (r *round) busy(length time.Duration, some ...func()) {
	for end := time.Now().Add(length); time.Now().Before(end); {
		some[rand.N(len(some))]()
		<-time.After(100*time.Millisecond + rand.N(600*time.Millisecond))
	}
}

// replace lets other programs write for longer than anybody may go on with what they replace.
// Each process remembers sixteen tokens that were replaced; those that another program wrote
// have no date by which it would know the older one.
func (r *round) replace() {
	for range 6 {
		r.set()
		<-time.After(time.Second)
	}
}

// sets is set for busy.
func (r *round) sets() { r.set() }

// finding is what the checker says; see its Verdict.
type finding struct {
	Operations, Reads, Calm, Writes, Tokens int

	Violations []struct{ Key, What, Picture string }
}

// end ends the processes, which must have nothing to complain about, and has the histories
// checked.
func (r *round) end(name string) finding {
	r.t.Helper()
	wantGood(r.t, r.f.end())
	r.stop()
	ran, found := r.ended(), r.check()
	for _, v := range found.Violations {
		r.t.Errorf("%s: no order of the operations explains this: %s\nthe picture: %s\nthe histories are beside it", name, v.What, v.Picture)
	}
	if r.dated {
		name += ", tokens have dates"
	}
	row := fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%d", name, found.Operations, found.Reads, found.Calm, found.Writes, found.Tokens, ran.Steps)
	figures.add("Histories", "what happened\toperations\tanswers\tof these, no outage near\twrites\ttokens\tscripts that follow the rules", row)
	r.t.Log(row)
	if found.Reads == 0 || found.Tokens < 2 {
		r.t.Errorf("%s: %+v: this shows nothing", name, found)
	}
	if found.Calm == 0 {
		r.t.Logf("%s: the machine is too busy: for all answers a process had waited for Redis in vain", name)
	}
	return found
}

// check runs the checker on the histories.
func (r *round) check() finding {
	r.t.Helper()
	path, err := checker()
	if err != nil && os.Getenv(redistest.RequireEnv) != "1" {
		r.t.Skipf("what checks histories cannot be built, it needs a module more (%s=1 makes this a failure): %v", redistest.RequireEnv, err)
	} else if err != nil {
		r.t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(r.dir, "*.jsonl"))
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"-pictures", r.dir}, files...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	var found finding
	defer func() { r.kept = r.kept || len(found.Violations) > 0 }()
	if jsonErr := json.Unmarshal(out, &found); jsonErr != nil {
		r.kept = true
		r.t.Fatalf("checker: %v: %s\nthe histories: %s", err, &errs, r.dir)
	}
	return found
}

// trialLatency is how long a token request of a trial takes.
const trialLatency = 150 * time.Millisecond

// trialWorld is a world with a gateway that takes a moment.
func trialWorld(t testing.TB, args ...string) *world {
	t.Helper()
	return (&world{t: t, redis: redistest.Start(t, args...)}).serve(clienttest.Options{TokenLatency: trialLatency})
}

// lacks skips a test for which a program is missing, or fails where all programs are required.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ADVOWARE_REQUIRE_PROGRAMS") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}
