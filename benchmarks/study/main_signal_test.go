package study_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study"
	"github.com/advoware-go/advoware/store"
)

// playEnv makes the test binary the command, with the stores below.
const playEnv = "ADVOWARE_STUDY_TEST_PLAYS"

// tellingStore says where the Redis is that was started for it.
func tellingStore() study.Store {
	return study.Store{
		Name: "telling", Redis: true,
		Open: func(site study.Site) (store.Store, func() error, error) {
			fmt.Fprintln(os.Stderr, "redis at", site.Redis)
			return new(store.Map), nil, nil
		},
	}
}

// deafStore does the same and hangs.
func deafStore() study.Store {
	s := tellingStore()
	tell := s.Open
	s.Name, s.Open = "deaf", func(site study.Site) (store.Store, func() error, error) {
		_, _, _ = tell(site)
		select {}
	}
	return s
}

// played is a study in a process of its own.
type played struct {
	proc  *exec.Cmd
	lines *bufio.Scanner // what it says on stderr
	redis string
}

// play starts a study and returns when its Redis is there.
func play(t *testing.T, args ...string) *played {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows knows no way to send a signal to another process")
	}
	needRedis(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &played{proc: exec.Command(self, args...)}
	p.proc.Env = append(os.Environ(), playEnv+"=1")
	errs, err := p.proc.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.proc.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(time.Minute, func() { _ = p.proc.Process.Kill() })
	t.Cleanup(func() { hung.Stop(); _ = p.proc.Process.Kill(); _ = p.proc.Wait() })
	p.lines = bufio.NewScanner(errs)
	_, p.redis, _ = strings.Cut(p.said(t, "redis at "), "redis at ")
	t.Cleanup(p.shutdown)
	return p
}

// said returns the next line that has a text in it.
func (p *played) said(t *testing.T, text string) string {
	t.Helper()
	for p.lines.Scan() {
		if strings.Contains(p.lines.Text(), text) {
			return p.lines.Text()
		}
	}
	t.Fatalf("it does not say %q", text)
	return ""
}

func (p *played) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.proc.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// ended returns how the process ended.
func (p *played) ended() *os.ProcessState {
	for p.lines.Scan() {
	}
	_ = p.proc.Wait()
	return p.proc.ProcessState
}

// alone returns when the Redis has ended, and complains if it does not for seconds.
func (p *played) alone(t *testing.T) {
	t.Helper()
	for range 500 {
		c, err := net.Dial("tcp", p.redis)
		if err != nil {
			return
		}
		_ = c.Close()
		<-time.After(10 * time.Millisecond)
	}
	t.Errorf("the Redis at %s has not ended", p.redis)
}

// shutdown ends a Redis that a failed test has left behind.
func (p *played) shutdown() {
	if c, err := net.Dial("tcp", p.redis); err == nil {
		fmt.Fprint(c, "SHUTDOWN NOSAVE\r\n")
		_, _ = io.Copy(io.Discard, c) // until it has ended
		_ = c.Close()
	}
}

// Whatever breaks a study off, be it a terminal that is closed: what was measured is
// written, and its Redis ends.
func TestSignalsBreakAStudyOff(t *testing.T) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // or the studies would ignore it if this was started by nohup
	t.Cleanup(func() { signal.Stop(hangups) })
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "out")
			p := play(t, "--scenario", "cold", "--store", "telling", "--rate", "100", "--duration", "1h", "--out", dir)
			p.signal(t, s)
			p.said(t, "a second signal (Ctrl-C) ends it at once")
			if state := p.ended(); state.ExitCode() != 1 {
				t.Errorf("it ended with %v", state)
			}
			p.alone(t)
			if s := readStudy(t, dir); !s.Partial || len(s.Runs) != 1 || !s.Runs[0].Partial {
				t.Errorf("%+v", s)
			}
		})
	}
}

// A store that does not heed its context keeps nobody from ending a study, whose Redis has
// ended by then.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	p := play(t, "--scenario", "cold", "--store", "deaf", "--out", t.TempDir())
	p.signal(t, os.Interrupt)
	p.said(t, "a second signal (Ctrl-C) ends it at once")
	p.alone(t) // already, and not only when the store has heard of it
	p.signal(t, os.Interrupt)
	if state := p.ended(); state.String() != "signal: interrupt" {
		t.Errorf("it ended with %v", state)
	}
}
