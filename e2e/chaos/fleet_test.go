package chaos_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/e2e/chaos"
)

// fleet is processes that work side by side.
type fleet []*process

// fleet starts n processes, which have their clients open when it returns, and have
// connected to nothing.
func (w *world) fleet(n int, env []string, flags ...string) fleet {
	w.t.Helper()
	if w.trace == nil {
		w.t.Fatal("what Redis carries out is not recorded: a world begins with serve")
	}
	w.fleets++
	path := w.worker
	if path == "" {
		var err error
		if path, err = worker(); err != nil {
			w.t.Fatal(err)
		}
	}
	var f fleet
	for i := range n {
		name := fmt.Sprintf("worker-%d-%d", w.fleets, i+1)
		f = append(f, begin(w.t, path, name, named(env, name), flags...))
	}
	w.began = append(w.began, f...)
	for _, p := range f {
		p.await(chaos.Ready, 0)
	}
	return f
}

// start lets all processes begin to call, and returns when they began.
func (f fleet) start() time.Time {
	began := time.Now()
	for _, p := range f {
		p.say(chaos.Go)
	}
	return began
}

// done waits until all have made the calls they were given, and ends them.
func (f fleet) done() []chaos.Report {
	for _, p := range f {
		p.await(chaos.Done, 0)
	}
	return f.end()
}

// end ends all processes and returns what each counted in its life.
func (f fleet) end() []chaos.Report {
	for _, p := range f {
		_ = p.in.Close() // all at once
	}
	var all []chaos.Report
	for _, p := range f {
		all = append(all, p.end())
	}
	return all
}

// ask returns what each process counted since it was asked before.
func (f fleet) ask() []chaos.Report {
	var all []chaos.Report
	for _, p := range f {
		all = append(all, p.ask())
	}
	return all
}

// calls waits until every process has made at least n calls since it was asked
// before, and returns what each has counted since then.
func (f fleet) calls(n int) []chaos.Report {
	all := make([]chaos.Report, len(f))
	made := func() bool {
		for i, r := range f.ask() {
			all[i].Add(r)
		}
		return !slices.ContainsFunc(all, func(r chaos.Report) bool { return r.Calls < n })
	}
	if !within(patience, made) {
		f[0].t.Fatalf("the processes do not go on: %+v", all)
	}
	return all
}

// turn waits until every process calls with this token, and returns how long after
// since each of them began to.
func (f fleet) turn(limit time.Duration, fingerprint string, since time.Time) []time.Duration {
	t := f[0].t
	t.Helper()
	var took []time.Duration
	for _, p := range f {
		p.until(limit-time.Since(since), "call with the token "+fingerprint, func() bool {
			_, used := p.used(fingerprint)
			return used
		})
		at, _ := p.used(fingerprint)
		took = append(took, at.Sub(since))
	}
	return took
}

// use reports whether every process has called with this token.
func (f fleet) use(fingerprint string) bool {
	return !slices.ContainsFunc(f, func(p *process) bool { _, used := p.used(fingerprint); return !used })
}

// without returns the fleet without one process, which it returns too.
func (f fleet) without(name string) (fleet, *process) {
	i := slices.IndexFunc(f, func(p *process) bool { return p.name == name })
	if i < 0 {
		f[0].t.Fatalf("no process is called %q", name)
	}
	return slices.Concat(f[:i], f[i+1:]), f[i]
}

// tokens returns all tokens that the processes have used, sorted.
func (f fleet) tokens() []string {
	var all []string
	for _, p := range f {
		all = append(all, p.tokens()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sum adds reports up.
func sum(reports []chaos.Report) chaos.Report {
	var all chaos.Report
	for _, r := range reports {
		all.Add(r)
	}
	return all
}

// wantRequests checks how many token requests there were, from the first one on, while a fleet
// worked on a Redis that is well; see wantMore.
func (w *world) wantRequests(want int, reports []chaos.Report) bool {
	w.t.Helper()
	return w.wantMore(0, want, reports)
}

// wantMore checks how many token requests there were after so many, while a fleet worked on a
// Redis that is well. A process that waits 250 ms for it in vain goes on without it, and counts
// that: on a machine that is much too busy there may be one more for each such wait. It reports
// whether there was no such wait.
func (w *world) wantMore(before, want int, reports []chaos.Report) bool {
	w.t.Helper()
	got, late := w.requests()-before, int(sum(reports).StoreErrors)
	if got < want || got > want+late {
		w.t.Errorf("%d token requests, want %d; %d times a process did without Redis", got, want, late)
	}
	if late > 0 {
		w.t.Logf("the machine is busy: %d times a process waited for Redis in vain", late)
	}
	return late == 0
}

// wantCalls checks that all calls were made and none failed.
func wantCalls(t testing.TB, reports []chaos.Report, calls int) {
	t.Helper()
	if all := sum(reports); all.Calls != calls || all.Failed != 0 {
		t.Errorf("%d calls, %d failed: %v; want %d and none", all.Calls, all.Failed, all.Errors, calls)
	}
}

// wantGood checks that every process made calls and none failed.
func wantGood(t testing.TB, reports []chaos.Report) {
	t.Helper()
	for i, r := range reports {
		if r.Calls == 0 || r.Failed != 0 {
			t.Errorf("process %d: %d calls, %d failed: %v; want some, and none to fail", i, r.Calls, r.Failed, r.Errors)
		}
	}
}

// named is env with a name for the connections to Redis.
func named(env []string, name string) []string {
	vars := make(map[string]string)
	for _, line := range env {
		key, value, _ := strings.Cut(line, "=")
		vars[key] = value // the last one counts
	}
	where := "redis://" + net.JoinHostPort(vars["REDIS_HOST"], vars["REDIS_PORT"]) + "?"
	if url := vars["REDIS_URL"]; url != "" {
		where = url + "&"
	}
	return append(slices.Clip(env), "REDIS_URL="+where+"client_name="+name)
}
