package chaos_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// clockTrial lets the clock of Redis step, forward so that it believes that all keys have
// expired, and back. Its monotonic clock goes on.
func clockTrial(t *testing.T) {
	env, step := wrongClock(t)
	redis := redistest.StartBy(t, append([]string{"env"}, env...))
	w := &world{t: t, redis: redis}
	r := newRound(w.serve(clienttest.Options{TokenLatency: trialLatency}), 3)
	r.busy(time.Second, r.sets)
	for _, by := range []time.Duration{2 * time.Hour, 0, -30 * time.Minute, 2 * time.Minute, 0} {
		r.note(fmt.Sprintf("the clock of Redis steps to %v ahead", by))
		r.trace.off()
		step(by)
		if ahead := time.Until(redisClock(redis)); (ahead - by).Abs() > time.Minute {
			t.Errorf("the clock of Redis is %v ahead, want %v: it did not step", ahead, by)
		}
		r.trace.on()
		r.busy(1500*time.Millisecond, r.sets)
	}
	r.f.calls(20)
	r.end("the clock of Redis steps")
}

// wrongClock makes the clock of a program that is started with env wrong, by what step says.
// It is a library of ours: libfaketime and the allocator of Redis do not go together.
func wrongClock(t *testing.T) (env []string, step func(by time.Duration)) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("a clock is faked on Linux only")
	}
	cc, err := exec.LookPath("cc")
	if err != nil {
		lacks(t, "there is no C compiler to build a clock with: tools/need cc installs one")
	}
	dir := t.TempDir()
	library, file := filepath.Join(dir, "clock.so"), filepath.Join(dir, "seconds")
	if out, err := exec.Command(cc, "-shared", "-fPIC", "-O1", "-o", library, "testdata/clock.c").CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	seconds, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = seconds.Close() })
	step = func(by time.Duration) {
		t.Helper()
		n := int64(by / time.Second)
		if _, err := seconds.WriteAt((*[8]byte)(unsafe.Pointer(&n))[:], 0); err != nil {
			t.Fatal(err)
		}
	}
	step(0)
	return []string{"LD_PRELOAD=" + library, "CLOCK_FILE=" + file}, step
}

// redisClock returns what time it is for a server.
func redisClock(of *redistest.Server) time.Time {
	now, _ := of.Do("TIME").([]any)
	seconds, _ := strconv.ParseInt(fmt.Sprint(now[0]), 10, 64)
	return time.Unix(seconds, 0)
}
