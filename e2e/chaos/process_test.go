package chaos_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/e2e/chaos"
)

// patience is how long a test waits for what is sure to happen.
const patience = time.Minute

// process is a worker, and what it has told so far.
type process struct {
	t    testing.TB
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	log  *tail
	gone chan struct{} // closed when the process has ended

	asked int          // how many answers have been taken
	total chaos.Report // of all reports that have been taken

	mu    sync.Mutex
	lines []chaos.Line
	err   error // how it ended
}

// begin starts the worker at path and returns at once. It is killed when the test ends, and
// its log is shown if the test failed.
func begin(t testing.TB, path, name string, env []string, flags ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, log: &tail{}, gone: make(chan struct{})}
	p.cmd = exec.Command(path, append([]string{"-name", name}, flags...)...)
	p.cmd.Env = append(foreignEnv(), env...)
	p.cmd.Stderr = p.log
	p.cmd.SysProcAttr = apart()
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.listen(out)
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", name, p.log)
		}
	})
	return p
}

// foreignEnv is our environment but for what the client reads. A data race ends a
// worker, and so its test.
func foreignEnv() []string {
	env := []string{"GORACE=halt_on_error=1 atexit_sleep_ms=0"}
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "ADVOWARE_") && !strings.HasPrefix(line, "REDIS_") {
			env = append(env, line)
		}
	}
	return env
}

// listen keeps what the process tells, until it ends.
func (p *process) listen(out io.Reader) {
	defer close(p.gone)
	for dec := json.NewDecoder(out); ; {
		var line chaos.Line
		err := dec.Decode(&line)
		if err != nil { // the end of the output
			err = p.cmd.Wait()
			p.mu.Lock()
			p.err = err
			p.mu.Unlock()
			return
		}
		p.mu.Lock()
		p.lines = append(p.lines, line)
		p.mu.Unlock()
	}
}

// told returns the n-th line that is about event, from 0, if it has come.
func (p *process) told(event chaos.Event, n int) (chaos.Line, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.lines {
		if line.Event == event {
			if n--; n < 0 {
				return line, true
			}
		}
	}
	return chaos.Line{}, false
}

// count returns how many lines about event have come.
func (p *process) count(event chaos.Event) int {
	n := 0
	for _, known := p.told(event, 0); known; _, known = p.told(event, n) {
		n++
	}
	return n
}

// await waits for the n-th line that is about event.
func (p *process) await(event chaos.Event, n int) chaos.Line {
	p.t.Helper()
	var line chaos.Line
	p.until(patience, string(event), func() (ok bool) {
		line, ok = p.told(event, n)
		return ok
	})
	return line
}

// until waits for something that this process does while it lives.
func (p *process) until(limit time.Duration, what string, is func() bool) {
	p.t.Helper()
	if !within(limit, func() bool { return is() || p.ended() }) || !is() {
		p.t.Fatalf("%s: no %q; it has ended: %v (%v)", p.name, what, p.ended(), p.how())
	}
}

func (p *process) how() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// used tells when the process first made a call with a token.
func (p *process) used(fingerprint string) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.lines {
		if line.Event == chaos.Token && line.Fingerprint == fingerprint {
			return line.At, true
		}
	}
	return time.Time{}, false
}

// tokens returns the tokens that the process has used, the first one first.
func (p *process) tokens() []string {
	var all []string
	for n := range p.count(chaos.Token) {
		line, _ := p.told(chaos.Token, n)
		all = append(all, line.Fingerprint)
	}
	return all
}

// say gives a command.
func (p *process) say(command string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, command+"\n"); err != nil {
		p.t.Fatalf("%s: %s: %v (%v)", p.name, command, err, p.how())
	}
}

// ask returns what the process counted since it was asked before.
func (p *process) ask() chaos.Report {
	p.t.Helper()
	p.say(chaos.Ask)
	r := *p.await(chaos.Answer, p.asked).Report
	p.asked++
	p.total.Add(r)
	return r
}

// end ends the calls and the process, which must have nothing to complain about, and
// returns what it counted in its life.
func (p *process) end() chaos.Report {
	p.t.Helper()
	_ = p.in.Close()
	p.until(patience, "end", p.ended)
	if err := p.how(); err != nil {
		p.t.Errorf("%s ended with %v", p.name, err)
	}
	last := *p.await(chaos.Done, 0).Report
	p.total.Add(last)
	p.total.Seconds = last.Seconds
	return p.total
}

// kill ends the process at once, also a stopped one.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.in.Close()
	<-p.gone
}

// within reports whether something comes true in time. It looks every few
// milliseconds: what is measured bears the time at which it happened.
func within(limit time.Duration, is func() bool) bool {
	tick, end := time.NewTicker(2*time.Millisecond), time.NewTimer(limit)
	defer tick.Stop()
	defer end.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-end.C:
			return is()
		}
	}
	return true
}
