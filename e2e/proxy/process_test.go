package proxy_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// process is a command of ours under way.
type process struct {
	cmd    *exec.Cmd
	said   string      // where it is
	later  chan string // the lines that it prints after that
	stderr *lockedBuffer
	ended  chan struct{} // closed once it has
}

// startProxy starts the proxy on a free port, for the office that env names.
func startProxy(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := launch(t, exec.Command(binary, append([]string{"proxy", "--addr", "127.0.0.1:0"}, args...)...), env)
	if p.url() == "" {
		<-p.ended
		t.Fatalf("%q ended: %v\n%s", p.cmd.Args, p.cmd.ProcessState, p.stderr)
	}
	return p
}

const urlVariable = "ADVOWARE_PROXY_URL="

func (p *process) url() string { return strings.TrimSuffix(p.said, "/") }

// launch starts a command with these variables and nothing else of ours, and waits until it has
// said where it is, or has ended. It is killed with the test.
func launch(t *testing.T, cmd *exec.Cmd, env []string) *process {
	t.Helper()
	p := &process{cmd: cmd, stderr: new(lockedBuffer), ended: make(chan struct{}), later: make(chan string, 100)}
	cmd.Env = append(cmd.Env, "GORACE=atexit_sleep_ms=0") // or each end takes a second
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "ADVOWARE_") && !strings.HasPrefix(line, "REDIS_") {
			cmd.Env = append(cmd.Env, line)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = p.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.ended
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), urlVariable); ok {
			p.said = at
			break
		}
	}
	go func() {
		defer close(p.ended)
		for lines.Scan() {
			p.later <- lines.Text()
		}
		_ = cmd.Wait()
	}()
	return p
}

// status waits for the end and returns the exit status, -1 after a signal.
func (p *process) status() int {
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer is written by a process and read by its test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// get makes a call on a connection of its own.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// mustServe makes a call as any program does: it must have its answer, whatever others do.
func mustServe(t *testing.T, p *process) {
	t.Helper()
	if status, body := get(t, p.url()+"/employees"); status != http.StatusOK || !strings.HasPrefix(body, "[") {
		t.Errorf("another call: status %d, %.200s\n%s", status, body, p.stderr)
	}
}

// dial opens a connection to a proxy, which is closed with the test.
func dial(t *testing.T, p *process) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// exchange sends what it is given, and returns what comes until the other side closes.
func exchange(t *testing.T, conn net.Conn, request string) string {
	t.Helper()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Error(err)
	}
	return string(got)
}
