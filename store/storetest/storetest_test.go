package storetest_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/storetest"
)

// exact is the tolerance of a store that keeps the Token itself.
const exact = time.Microsecond

func newMap(testing.TB) store.Store { return new(store.Map) }

func TestMap(t *testing.T) {
	storetest.Run(t, storetest.Config{New: newMap, Tolerance: exact, In: synctest.Test})
}

func TestMemory(t *testing.T) {
	storetest.Run(t, storetest.Config{
		New: func(t testing.TB) store.Store {
			s, err := memory.New(memory.Config{Capacity: 1000})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		},
		Tolerance: exact,
		In:        synctest.Test,
	})
}

// A store without a bug passes the machinery that the broken ones are tried with.
func TestFaultless(t *testing.T) {
	if failed := failures(t, newFaulty(faultless)); len(failed) > 0 {
		t.Errorf("a store without a fault broke %v", failed)
	}
}

// Every seeded fault makes the case fail that is there for it. It may break others.
func TestBrokenStores(t *testing.T) {
	for _, b := range broken {
		t.Run(b.fault.String(), func(t *testing.T) {
			failed := failures(t, newFaulty(b.fault))
			for _, name := range b.breaks {
				if !slices.Contains(failed, name) {
					t.Errorf("case %s did not fail; %v did", name, failed)
				}
			}
		})
	}
}

// A case that no broken store can fail proves nothing.
func TestEveryPromiseHasAFault(t *testing.T) {
	for _, suite := range []struct {
		promises []string
		broken   []seeded
	}{{storetest.Promises(), broken}, {storetest.SharedPromises(), brokenShared}, {storetest.ManyPromises(), brokenMany}} {
		for _, name := range suite.promises {
			if !slices.ContainsFunc(suite.broken, func(b seeded) bool { return slices.Contains(b.breaks, name) }) {
				t.Errorf("no broken store is there for case %s", name)
			}
		}
		for _, b := range suite.broken {
			for _, name := range b.breaks {
				if !slices.Contains(suite.promises, name) {
					t.Errorf("fault %v should break %s, which is no case", b.fault, name)
				}
			}
		}
	}
}

// A failed case says what was promised.
func TestReportSaysPromise(t *testing.T) {
	r := try(t, "DeleteOlder", storetest.Config{New: newFaulty(plainDelete)})
	if !r.Failed() || !strings.Contains(r.log.String(), "broken promise: CompareAndDelete of an older token") {
		t.Errorf("the report of a failed case is %q", r.log.String())
	}
}

// failures runs all cases, each in a bubble, and returns those that failed.
func failures(t *testing.T, open func(testing.TB) store.Store) (failed []string) {
	t.Helper()
	return failuresOf(t, storetest.Promises(), open)
}

func failuresOf(t *testing.T, promises []string, open func(testing.TB) store.Store) (failed []string) {
	t.Helper()
	for _, name := range promises {
		synctest.Test(t, func(t *testing.T) {
			r := try(t, name, storetest.Config{New: open, Tolerance: exact})
			if r.Failed() {
				failed = append(failed, name)
			}
		})
	}
	return failed
}

func try(t *testing.T, name string, c storetest.Config) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // a goroutine of its own, for FailNow to end
		defer close(done)
		storetest.Try(r, name, c)
	}()
	<-done
	return r
}

// recorder is a testing.TB that only notes that a test failed.
type recorder struct {
	testing.TB
	mu     sync.Mutex
	failed bool
	log    strings.Builder
}

func (r *recorder) Helper() {}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.log, format+"\n", args...)
}

func (r *recorder) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.Logf(format, args...)
	r.Fail()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Logf(format, args...)
	r.FailNow()
}

func (r *recorder) Fatal(args ...any) {
	r.Logf("%s", fmt.Sprint(args...))
	r.FailNow()
}
