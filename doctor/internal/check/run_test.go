package check_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/doctor/internal/check"
)

type look = func(ctx context.Context, report func(check.Check))

func ok(name string) check.Check { return check.Check{Name: name, Status: check.OK} }

// groupsOf names groups a, b, c and so on.
func groupsOf(looks ...look) (groups []check.Group) {
	for i, l := range looks {
		groups = append(groups, check.Group{Name: string(rune('a' + i)), Look: l})
	}
	return groups
}

// seen is what tests compare.
func seen(checks []check.Check) (all []string) {
	for _, c := range checks {
		all = append(all, c.Group+" "+c.Name+" "+string(c.Status)+" "+c.Saw)
	}
	return all
}

func good(_ context.Context, report func(check.Check)) { report(ok("good")) }

// Groups run side by side, and their checks stand in the order of the groups.
func TestRunSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := func(d time.Duration) look {
			return func(_ context.Context, report func(check.Check)) {
				report(ok("first"))
				time.Sleep(d)
				report(ok("last"))
			}
		}
		began := time.Now()
		got := check.Run(t.Context(), groupsOf(took(3*time.Second), took(time.Second), func(context.Context, func(check.Check)) {}), 5*time.Second)
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		want := []string{"a first ok ", "a last ok ", "b first ok ", "b last ok ", "c the rest skipped there is nothing to look at"}
		if diff := cmp.Diff(want, seen(got)); diff != "" {
			t.Error(diff)
		}
	})
}

// A group that does not end, in whatever way, is said to, keeps what it has found out, and holds
// up no other one.
func TestRunOfGroupsThatDoNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		released := make(chan struct{})
		hang := func(_ context.Context, report func(check.Check)) {
			report(ok("before"))
			<-released
			report(ok("much later"))
		}
		slow := func(ctx context.Context, report func(check.Check)) {
			<-ctx.Done()
			report(check.Check{Name: "at the end", Status: check.Failure})
		}
		panics := func(_ context.Context, report func(check.Check)) {
			report(ok("before"))
			panic("a secret")
		}
		exits := func(context.Context, func(check.Check)) { runtime.Goexit() }
		began := time.Now()
		got := check.Run(t.Context(), groupsOf(hang, slow, panics, exits, good), 2*time.Second)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
		want := []string{
			"a before ok ", "a the rest failure not ended within 2s",
			"b at the end failure ", "b the rest failure not ended within 2s",
			"c before ok ", "c the rest failure the doctor made a mistake",
			"d the rest failure the doctor made a mistake",
			"e good ok ",
		}
		if diff := cmp.Diff(want, seen(got)); diff != "" {
			t.Error(diff)
		}
		close(released)
		synctest.Wait()
		if diff := cmp.Diff(want, seen(got)); diff != "" {
			t.Errorf("changed later: %s", diff)
		}
	})
}

// An interrupt keeps what has ended, and takes nothing that it has broken for a finding.
func TestRunInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		broken := func(ctx context.Context, report func(check.Check)) {
			report(ok("before"))
			<-ctx.Done()
			report(check.Check{Name: "broken", Status: check.Failure, Saw: "context canceled"})
		}
		time.AfterFunc(time.Second, interrupt)
		began := time.Now()
		got := check.Run(ctx, groupsOf(broken, good), time.Minute)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		want := []string{"a before ok ", "a the rest skipped interrupted", "b good ok "}
		if diff := cmp.Diff(want, seen(got)); diff != "" {
			t.Error(diff)
		}
		want = []string{"a the rest skipped interrupted", "b the rest skipped interrupted"}
		if diff := cmp.Diff(want, seen(check.Run(ctx, groupsOf(broken, good), time.Minute))); diff != "" {
			t.Errorf("after the interrupt: %s", diff)
		}
	})
}

// A group without a bound of its own has one.
func TestRunManyChecks(t *testing.T) {
	many := func(_ context.Context, report func(check.Check)) {
		for range 100_000 {
			report(ok("one"))
		}
	}
	if n := len(check.Run(t.Context(), groupsOf(many), time.Minute)); n > 1000 {
		t.Errorf("%d checks", n)
	}
}
