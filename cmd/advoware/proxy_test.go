package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// proxied is a running advoware proxy.
type proxied struct {
	cmd    *exec.Cmd
	url    string // "" for a socket
	stderr bytes.Buffer
	client *http.Client
}

// startProxy runs advoware proxy in front of a fake, until the test ends.
func startProxy(t *testing.T, env []string, args ...string) *proxied {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process on Windows cannot be interrupted from outside")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*tooLong)
	p := &proxied{cmd: command(ctx, env, append([]string{"proxy", "--store", "memory"}, args...)...), client: http.DefaultClient}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = p.cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	at, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "ADVOWARE_PROXY_URL=")
	if !ok {
		_ = p.cmd.Wait()
		t.Fatalf("%q, %v, %s", line, err, &p.stderr)
	}
	if path, ok := strings.CutPrefix(at, "unix:"); ok {
		p.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}}}
		at = "http://proxy/"
	}
	p.url = at
	return p
}

// get returns the status and the body of an answer.
func (p *proxied) get(t *testing.T, path string, header ...string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(req)
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

// end sends a signal, and returns the exit status, -1 after a signal.
func (p *proxied) end(t *testing.T, s os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func TestProxy(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	p := startProxy(t, fake.Env(), "--addr", "127.0.0.1:0", "--stats")
	want := employees(t, fake)
	for _, path := range []string{"employees", "advoware/proxy?endpoint=/employees"} {
		if status, body := p.get(t, path); status != 200 || strings.TrimSuffix(body, "\n") != strings.TrimSuffix(want, "\n") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status := p.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit status %d: %s", status, &p.stderr)
	}
	var stats map[string]struct{ Calls int }
	if err := json.Unmarshal(p.stderr.Bytes(), &stats); err != nil || stats["default"].Calls != 2 {
		t.Errorf("%v, %s", err, &p.stderr)
	}
}

// SIGTERM waits for what is under way, a second one does not.
func TestProxyDrains(t *testing.T) {
	for _, second := range []bool{false, true} {
		fake := clienttest.Start(t, clienttest.Options{})
		p := startProxy(t, fake.Env(), "--addr", "127.0.0.1:0")
		arrived, release := make(chan bool), make(chan bool)
		fake.Inject(clienttest.Fault{On: clienttest.API, Where: func(*clienttest.Request) bool { arrived <- true; <-release; return true }})
		answers := make(chan int, 1)
		go func() {
			resp, err := http.Get(p.url + "employees")
			if err != nil {
				answers <- 0
				return
			}
			_ = resp.Body.Close()
			answers <- resp.StatusCode
		}()
		<-arrived
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for { // until it accepts nothing any more: the signal has been noticed
			conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/"))
			if err != nil {
				break
			}
			_ = conn.Close()
		}
		wantStatus, wantExit := 200, 0
		if second {
			wantStatus, wantExit = 0, -1
			if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		} else {
			close(release)
		}
		if got := <-answers; got != wantStatus {
			t.Errorf("second signal %v: answered with %d, want %d", second, got, wantStatus)
		}
		if err := p.cmd.Wait(); p.cmd.ProcessState.ExitCode() != wantExit {
			t.Errorf("second signal %v: %v, want exit status %d; %s", second, err, wantExit, &p.stderr)
		}
		if second {
			close(release)
		}
	}
}

// A socket is for one user, and removed at the end.
func TestProxyOnASocket(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	path := filepath.Join(t.TempDir(), "s")
	p := startProxy(t, fake.Env(), "--addr", "unix:"+path, "--read-only")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if status, body := p.get(t, "employees"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	run(t, fake.Env(), "proxy", "--store", "memory", "--addr", "unix:"+path).wantFailure(t, 2, "another process listens")
	resp, err := p.client.Post(p.url+"appointments", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 405 {
		t.Errorf("--read-only: %s", resp.Status)
	}
	if status := p.end(t, syscall.SIGINT); status != 0 {
		t.Errorf("exit status %d: %s", status, &p.stderr)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left")
	}
}

func TestProxyUsers(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startProxy(t, fake.Env(), "--addr", "127.0.0.1:0", "--allow", "/employees", "--allow", "GET,HEAD /api/", "--host", "proxy.example", "--key-file", keys, "--allow-remote")
	for path, want := range map[string]int{"employees": 200, "api/v1/Echo": 200, "appointments": 403} {
		if status, body := p.get(t, path, "Authorization", "Bearer 0123456789abcdef"); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := p.get(t, "employees"); status != 401 {
		t.Errorf("without a key: %d", status)
	}
	_ = p.end(t, syscall.SIGTERM)
	if !strings.Contains(p.stderr.String(), "without TLS") {
		t.Errorf("nothing is said of TLS: %s", &p.stderr)
	}
}

func TestProxyServesSeveralOffices(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	file := filepath.Join(t.TempDir(), "offices.json")
	if err := os.WriteFile(file, []byte(`{"offices": [{"name": "a"}, {"name": "b", "password": "wrong"}, {"name": "c", "hosts": ["localhost"]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startProxy(t, fake.Env(), "--addr", "127.0.0.1:0", "--offices", file)
	for path, want := range map[string]int{"a/employees": 200, "b/employees": 502, "employees": 404} {
		if status, body := p.get(t, path); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// What cannot be used is said before anything is served.
func TestProxyRefuses(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		says string
		args []string
	}{
		{"--allow-remote", []string{"--addr", "0.0.0.0:0"}}, {"--key-file", []string{"--addr", "0.0.0.0:0", "--allow-remote"}}, {"--addr", []string{"--addr", "8064"}},
		{"16 characters", []string{"--key-file", keys}}, {"no such file", []string{"--key-file", keys + "x"}}, {"employees", []string{"--allow", "employees"}},
		{"x:80", []string{"--host", "x:80"}}, {"--tls-key-file", []string{"--tls-cert-file", keys}}, {"--max-requests", []string{"--max-requests", "0"}},
		{"--max-header", []string{"--max-header", "1"}}, {"--client-stall", []string{"--client-stall", "0s"}}, {"--drain", []string{"--drain=-1s"}},
		{"one of the two", []string{"--sandbox", "--offices", keys}}, {"not JSON", []string{"--offices", keys}},
	} {
		run(t, fake.Env(), append([]string{"proxy", "--store", "memory"}, tt.args...)...).wantFailure(t, 2, tt.says)
	}
	run(t, nil, "proxy").wantFailure(t, 2, "ADVOWARE_PASSWORD")
}
