package main_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/e2etest"
)

// controlOf starts a sandbox with a control, and returns the address of the control.
func controlOf(t *testing.T, args ...string) (s *sandbox, address string) {
	t.Helper()
	s = startSandbox(t, append(args, "--control", "127.0.0.1:0")...)
	address, ok := strings.CutPrefix(s.env[len(s.env)-1], "ADVOWARE_SANDBOX_CONTROL=")
	if !ok || !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.HasSuffix(address, "/") {
		t.Fatalf("the last line is %s", s.env[len(s.env)-1])
	}
	return s, address
}

// post sends JSON to the control.
func post(t *testing.T, address, body string) (status int, text string) {
	t.Helper()
	resp, err := http.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(all)
}

// A fault that another process injects strikes a third one. The line of the control among
// the variables does no harm, and its key is printed nowhere else.
func TestSandboxControl(t *testing.T) {
	s, control := controlOf(t, "--log-requests", "--discovery")
	run(t, s.env, "call", "GET", "/employees", "--store", "memory").wantQuiet(t)
	if status, text := post(t, control+"faults", `{"named":"wrong-password"}`); status != 201 {
		t.Fatal(status, text)
	}
	run(t, s.env, "call", "GET", "/employees", "--store", "memory").wantFailure(t, 1, "wrong user or password")
	run(t, s.env, "call", "GET", "/employees", "--store", "memory").wantQuiet(t)
	if status, text := post(t, control+"faults", `{"x":1}`); status != 400 || !strings.Contains(text, "x is not known") {
		t.Error(status, text)
	}
	if runtime.GOOS == "windows" {
		return // it cannot be interrupted from outside
	}

	// Who follows the log does not keep it from ending.
	resp, err := http.Get(control + "requests/follow?last=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
	}
	s.stop(t)
	for lines.Scan() { // until the end
	}
	key := strings.Split(control, "/")[3]
	if text := s.stderr.String(); strings.Contains(text, key) || !strings.Contains(text, "ADVOWARE_SANDBOX_CONTROL") {
		t.Errorf("stderr %q", text)
	}
}

func TestSandboxControlListensOnLoopbackOnly(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free := "127.0.0.1:" + e2etest.ClosedPort(t)
	for _, args := range [][]string{
		{"--control="}, {"--control", "127.0.0.1"}, {"--control", ":0"}, {"--control", "0.0.0.0:0"}, {"--control", "example.com:80"},
		{"--control", "127.0.0.1:x"}, {"--control", "127.0.0.1:70000"}, {"--control", taken.Addr().String()},
		{"--addr", free, "--control", free}, {"--control", free, "--control", free},
	} {
		run(t, nil, append([]string{"sandbox"}, args...)...).wantFailure(t, 2, "--control")
	}
}
