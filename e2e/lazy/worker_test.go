package lazy_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/store/tiered"
)

// isWorker makes of the test binary one process of a fleet: it does what each line of its
// standard input says, and answers with a line of JSON.
const isWorker = "E2E_LAZY_WORKER"

func TestMain(m *testing.M) {
	logging.Disable() // go-redis prints a line for each dial that fails
	if kind := os.Getenv(isWorker); kind != "" {
		work(advoware.StoreKind(kind))
		return
	}
	os.Exit(m.Run())
}

// report is what a worker answers.
type report struct {
	Err         string
	Fingerprint string
	Left        time.Duration // of the token, after the call
	Took        time.Duration
	Late        int // how many times it did without Redis, or may have, so far
	Goroutines  int
	Sockets     int
	Stacks      string
}

// margins are short, so that tokens of seconds can be shared.
var margins = advoware.Margins{Guard: 300 * time.Millisecond, Margin: 200 * time.Millisecond}

func work(kind advoware.StoreKind) {
	if ln, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = ln.Close() // what the runtime opens for the first socket stays open
	}
	answer := json.NewEncoder(os.Stdout)
	cfg, err := advoware.ReadEnv(os.Getenv, kind)
	if err != nil {
		_ = answer.Encode(report{Err: err.Error()})
		return
	}
	cfg.TokenMargins = margins
	c, err := advoware.New(cfg)
	if err != nil {
		_ = answer.Encode(report{Err: err.Error()})
		return
	}
	goroutines, open, slow := runtime.NumGoroutine(), sockets(), 0
	_ = answer.Encode(report{})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		r, began := report{}, time.Now()
		switch lines.Text() {
		case "call":
			_, err = c.Call(context.Background(), client.Request{Endpoint: "/employees"})
			st := c.Status()
			r.Fingerprint, r.Left = st.Fingerprint, time.Until(st.Expiry)
		case "write":
			_, err = c.Call(context.Background(), client.Request{Method: "POST", Endpoint: "/appointments", Body: map[string]string{"text": "x", "datum": "2026-11-29"}})
		case "hurried": // less time than anything takes
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			_, err = c.Call(ctx, client.Request{Endpoint: "/employees"})
			cancel()
		case "idle", "not idle": // net/http ends its goroutines a moment after the answer
			err = nil
			limit := time.Minute
			if lines.Text() == "not idle" { // which is not worth a minute
				limit = 2 * time.Second
			}
			for time.Since(began) < limit && (runtime.NumGoroutine() > goroutines || sockets() > open) {
				time.Sleep(5 * time.Millisecond)
			}
			if r.Goroutines, r.Sockets = runtime.NumGoroutine()-goroutines, sockets()-open; r.Goroutines > 0 {
				stacks := make([]byte, 1<<20)
				r.Stacks = string(stacks[:runtime.Stack(stacks, true)])
			}
		}
		r.Took = time.Since(began)
		if lines.Text() == "call" && r.Took > tiered.DefaultFarWait/2 { // a process that did not get to run counts no error
			slow++
		}
		r.Late = int(c.Stats().StoreErrors) + slow
		if err != nil {
			r.Err = err.Error()
		}
		_ = answer.Encode(r)
	}
	_ = c.Close()
}

// sockets returns how many are open, 0 where the system does not say.
func sockets() (n int) {
	files, _ := os.ReadDir("/proc/self/fd")
	for _, f := range files {
		if to, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// worker is a process of its own.
type worker struct {
	t   *testing.T
	cmd *exec.Cmd
	in  interface{ Write([]byte) (int, error) }
	out *bufio.Reader

	late int // how many times it did without Redis, by its last answer
}

// start returns a worker with these variables, NAME=value each, that makes no call yet.
func start(t *testing.T, kind advoware.StoreKind, env ...string) *worker {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), env...), isWorker+"="+string(kind))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = apart()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &worker{t: t, cmd: cmd, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if r := w.answer(); r.Err != "" {
		t.Fatal(r.Err)
	}
	return w
}

func (w *worker) tell(what string) {
	w.t.Helper()
	if _, err := fmt.Fprintln(w.in, what); err != nil {
		w.t.Fatal(err)
	}
}

func (w *worker) answer() (r report) {
	w.t.Helper()
	line, err := w.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		w.t.Fatalf("the worker says %q: %v", line, err)
	}
	w.late = r.Late
	return r
}

// does has the worker do something, and returns its answer.
func (w *worker) does(what string) report {
	w.t.Helper()
	w.tell(what)
	return w.answer()
}

// mustCall makes a call that succeeds.
func (w *worker) mustCall() report {
	w.t.Helper()
	r := w.does("call")
	if r.Err != "" || r.Left <= 0 {
		w.t.Fatalf("call: %+v", r)
	}
	return r
}

// mustBeIdle fails the test if anything runs or is open.
func (w *worker) mustBeIdle(after string) {
	w.t.Helper()
	if r := w.does("idle"); r.Goroutines > 0 || r.Sockets > 0 {
		w.t.Errorf("after %s: %d goroutines and %d sockets\n%s", after, r.Goroutines, r.Sockets, r.Stacks)
	}
}
