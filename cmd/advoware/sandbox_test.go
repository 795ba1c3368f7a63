package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
)

// sandbox is an `advoware sandbox` process.
type sandbox struct {
	env    []string
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// startSandbox starts one and reads the lines that it prints.
func startSandbox(t *testing.T, args ...string) *sandbox {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*tooLong)
	s := &sandbox{cmd: command(ctx, nil, append([]string{"sandbox"}, args...)...)}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr, s.stdout = &s.stderr, bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = s.cmd.Wait() })
	variables := len(sandboxVariables)
	if slices.Contains(args, "--discovery") {
		variables-- // one in place of two
	}
	if slices.Contains(args, "--control") {
		variables++
	}
	for len(s.env) < variables {
		line, err := s.stdout.ReadString('\n')
		if err != nil {
			t.Fatalf("sandbox: %v after %q", err, s.env)
		}
		s.env = append(s.env, strings.TrimSuffix(line, "\n"))
	}
	return s
}

// sandboxVariables are what a client needs.
var sandboxVariables = []string{
	"ADVOWARE_API_BASE_URL", "ADVOWARE_TOKEN_URL", "ADVOWARE_PRODUCT_ID", "ADVOWARE_ROLE", "ADVOWARE_APP_ID",
	"ADVOWARE_API_KEY", "ADVOWARE_KANZLEI", "ADVOWARE_DATABASE", "ADVOWARE_USER", "ADVOWARE_PASSWORD", "ADVOWARE_TOKEN_KEY",
}

func TestSandboxServesUntilInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process on Windows cannot be interrupted from outside")
	}
	s := startSandbox(t)
	var names []string
	for _, line := range s.env {
		name, value, _ := strings.Cut(line, "=")
		names = append(names, name)
		if value == "" || strings.ContainsAny(value, " \t'\"$`\\&;()<>|*?[]#~") {
			t.Errorf("%s needs quoting", line)
		}
		if name == "ADVOWARE_TOKEN_KEY" && value != "advoware_sandbox_access_token" {
			t.Error(line)
		}
	}
	if diff := cmp.Diff(sandboxVariables, names); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	run(t, s.env, "call", "GET", "/employees", "--store", "memory").wantQuiet(t)

	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(s.stdout)
	_, base, _ := strings.Cut(s.env[0], "=")
	if err := s.cmd.Wait(); err != nil || len(rest) > 0 || strings.Count(s.stderr.String(), "\n") != 1 {
		t.Errorf("ended with %v, %q and %q; want status 0 and nothing more", err, rest, &s.stderr)
	}
	for _, word := range []string{base, "/employees", "Ctrl-C", "SIGTERM", "variables"} {
		if !strings.Contains(s.stderr.String(), word) {
			t.Errorf("stderr %q does not tell of %q", &s.stderr, word)
		}
	}
}

func TestSandboxListensWhereItIsTold(t *testing.T) {
	addr := "127.0.0.1:" + e2etest.ClosedPort(t)
	s := startSandbox(t, "--addr", addr)
	if want := "ADVOWARE_API_BASE_URL=http://" + addr + "/"; s.env[0] != want {
		t.Errorf("got %s, want %s", s.env[0], want)
	}
	run(t, nil, "sandbox", "--addr", addr).wantFailure(t, 2, addr)
}

func TestSandboxPrintsWhereAddressesAreAsked(t *testing.T) {
	s := startSandbox(t, "--discovery")
	var names []string
	for _, line := range s.env {
		name, _, _ := strings.Cut(line, "=")
		names = append(names, name)
	}
	if diff := cmp.Diff(append([]string{"ADVOWARE_DISCOVERY_URL"}, sandboxVariables[2:]...), names); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, address, _ := strings.Cut(s.env[0], "=")
	resp, err := http.Get(address + "?Kanzlei=sandbox-kanzlei")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var found struct{ RelayURL, ConnectorURL, SecurityGateway *string }
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil || found.ConnectorURL != nil {
		t.Fatalf("%+v, %v", found, err)
	}
	env := append([]string{"ADVOWARE_API_BASE_URL=" + *found.RelayURL, "ADVOWARE_TOKEN_URL=" + *found.SecurityGateway + "api/v1/Token"}, s.env[1:]...)
	run(t, env, "call", "GET", "/employees", "--store", "memory").wantQuiet(t)
}

// With a seed the token is the same in each run.
func TestSandboxSeed(t *testing.T) {
	var fingerprints []string
	for range 2 {
		s := startSandbox(t, "--seed", "7", "--strict")
		fingerprints = append(fingerprints, showToken(t, s.env, "--store", "memory").Fingerprint)
		s.stop(t)
	}
	if other := showToken(t, startSandbox(t, "--seed", "8").env, "--store", "memory").Fingerprint; fingerprints[0] != fingerprints[1] || other == fingerprints[0] {
		t.Errorf("%q and with another seed %s", fingerprints, other)
	}
}

// The log of the fake and the command name a token alike.
func TestFingerprintsAgree(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	info := showToken(t, fake.Env(), "--store", "memory", "--reveal")
	req, err := http.NewRequest("GET", fake.BaseURL()+"employees", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+info.Token)
	resp, err := fake.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	all := fake.Requests()
	if last := all[len(all)-1]; info.Fingerprint == "" || last.Token != info.Fingerprint || strings.Contains(last.Header.Get("Authorization"), info.Token) {
		t.Errorf("the fake says %q, the command %q", last.Token, info.Fingerprint)
	}
}

func TestSandboxLatency(t *testing.T) {
	s := startSandbox(t, "--latency", "1h")
	run(t, s.env, "call", "GET", "/employees", "--store", "memory", "--timeout", "300ms").wantFailure(t, 1, "timeout")
}

func TestSandboxRows(t *testing.T) {
	for rows, want := range map[string]int{"": 40, "40": 40, "1500": 1500} {
		args := []string{"--rows", rows}
		if rows == "" {
			args = nil
		}
		s := startSandbox(t, args...)
		got := run(t, s.env, "call", "GET", "/api/v1/advonet/TermineActiveSync", "-q", "frNr=5001", "--store", "memory")
		got.wantQuiet(t)
		var all []struct{ FrNr int }
		if err := json.Unmarshal([]byte(got.out), &all); err != nil || len(all) != want {
			t.Errorf("--rows %s: %d rows, %v", rows, len(all), err)
		}
	}
	for _, rows := range []string{"0", "-1", "1000001", "x"} {
		run(t, nil, "sandbox", "--rows="+rows).wantFailure(t, 2, "--rows")
	}
}

func TestSandboxLifetime(t *testing.T) {
	s := startSandbox(t, "--lifetime", "10m")
	got := run(t, s.env, "token", "--store", "memory")
	got.wantQuiet(t)
	var info tokenInfo
	if err := json.Unmarshal([]byte(got.out), &info); err != nil {
		t.Fatal(err)
	}
	if left := *info.ExpiresInS; left <= 0 || left > 600 {
		t.Errorf("%d s left of 10 minutes", left)
	}
}

// TestAppointments goes through the life of an appointment, with a process for each
// step.
func TestAppointments(t *testing.T) {
	s := startSandbox(t)
	call := func(args ...string) string {
		t.Helper()
		got := run(t, s.env, append([]string{"call", "--store", "memory"}, args...)...)
		got.wantQuiet(t)
		return got.out
	}
	type appointment struct {
		ID    int    `json:"id"`
		Datum string `json:"datum"`
		Text  string `json:"text"`
	}
	decode := func(text string) (a appointment) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatalf("%v: %q", err, text)
		}
		return a
	}
	a := decode(call("POST", "/appointments", "-d", `{"datum":"2026-03-02","text":"Gütetermin"}`))
	path := "/appointments/" + jsonText(a.ID)
	if diff := cmp.Diff(appointment{a.ID, "2026-03-02", "Gütetermin"}, decode(call("GET", path))); diff != "" {
		t.Errorf("POST: -want +got:\n%s", diff)
	}
	call("PUT", path, "-d", `{"datum":"2026-03-03","text":"verlegt"}`)
	call("PATCH", path, "-d", `{"text":"bestätigt"}`)
	if diff := cmp.Diff(appointment{a.ID, "2026-03-03", "bestätigt"}, decode(call("GET", path))); diff != "" {
		t.Errorf("PUT and PATCH: -want +got:\n%s", diff)
	}
	if out := call("DELETE", path); out != "" {
		t.Errorf("DELETE prints %q, want nothing for an empty body", out)
	}
	run(t, s.env, "call", "--store", "memory", "GET", path).wantFailure(t, 1, "API status 404")
	if out := call("HEAD", "/appointments"); out != "" {
		t.Errorf("HEAD prints %q", out)
	}
}

func jsonText(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// The sandbox is for programs in any language: what it prints is all that they need.
func TestSandboxIsPlainHTTP(t *testing.T) {
	s := startSandbox(t)
	_, base, _ := strings.Cut(s.env[0], "=")
	resp, err := http.Get(base + "employees")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %s", resp.Status)
	}
}

// stop interrupts the sandbox and waits for its end.
func (s *sandbox) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, s.stdout)
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("sandbox: %v, %s", err, &s.stderr)
	}
}

// With a start the sample data is the same in each run, and programs with the time it is are
// served.
func TestSandboxStart(t *testing.T) {
	var said []string
	for range 2 {
		s := startSandbox(t, "--seed", "7", "--start", "2031-03-04T05:06:07Z")
		got := run(t, s.env, "call", "GET", "/api/v1/advonet/TermineActiveSync", "--store", "memory")
		got.wantQuiet(t)
		said = append(said, got.out)
		s.stop(t)
	}
	if said[0] != said[1] || !strings.Contains(said[0], "2031-03-0") {
		t.Errorf("%.300s\n%.300s", said[0], said[1])
	}
	for _, start := range []string{"1989-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "yesterday", "2031-03-04"} {
		run(t, nil, "sandbox", "--start="+start).wantFailure(t, 2, "--start")
	}
}
