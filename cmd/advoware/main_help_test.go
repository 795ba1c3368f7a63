package main_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// What the help says of defaults is how the command behaves.
func TestHelpIsTrue(t *testing.T) {
	help := func(command string) string {
		got := run(t, nil, command, "--help")
		got.wantQuiet(t)
		return strings.Join(strings.Fields(got.out), " ")
	}
	said := func(text, pattern string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no %s in %s", pattern, text)
		}
		return m[1]
	}
	serving, call := help("sandbox"), help("call")

	// A default that is written down, when it is given, changes nothing.
	plain, given := startSandbox(t), startSandbox(t, "--addr", said(serving, `--addr=\S+ .*?default (\S+),`),
		"--latency", said(serving, `--latency=\S+ .*?default (\S+),`), "--token-latency", said(serving, `--token-latency=\S+ .*?default (\S+),`),
		"--lifetime", said(serving, `--lifetime=\S+ .*?default (\S+)\.`), "--rows", said(serving, `--rows=\S+ .*?default (\S+)\.`))
	for _, s := range []*sandbox{plain, given} {
		info := showToken(t, s.env, "--store", "memory")
		if *info.ExpiresInS < 3280 || *info.ExpiresInS > 3290 { // of 55 minutes, less the guard of 10 seconds
			t.Errorf("%d s left", *info.ExpiresInS)
		}
		run(t, s.env, "call", "GET", "/employees", "--store", "memory", "--repeat", "100").wantQuiet(t)
	}
	if text := said(serving, `--latency=\S+ .*?default (\S+),`); text != "0s" {
		t.Errorf("the latency is said to be %s: 100 calls would have taken long", text)
	}

	// The latencies of the real service, which the calls then take at least.
	for _, pattern := range []string{`--token-latency=\S+ .*?--realistic (1\.5s)\.`, `--latency=\S+ .*?--realistic (200ms)\.`} {
		said(serving, pattern)
	}
	real := startSandbox(t, "--realistic")
	began := time.Now()
	run(t, real.env, "call", "GET", "/employees", "--store", "memory").wantQuiet(t)
	if took := time.Since(began); took < 1700*time.Millisecond {
		t.Errorf("token and call took %v, with --realistic", took)
	}
	run(t, startSandbox(t, "--realistic", "--token-latency", "0s", "--latency", "1h").env,
		"call", "GET", "/employees", "--store", "memory", "--timeout", "1s").wantFailure(t, 1, "timeout")

	// The rest of what call says of itself.
	fake := clienttest.Start(t, clienttest.Options{})
	fake.SetLatency(time.Hour)
	said(call, `--timeout=\S+ .*?default (ADVOWARE_API_TIMEOUT_SECONDS), which is 30`)
	run(t, append(fake.Env(), "ADVOWARE_API_TIMEOUT_SECONDS=0.2"), "call", "GET", "/employees", "--store", "memory").wantFailure(t, 1, "timeout")
	fake.SetLatency(0)
	said(call, `--repeat=\S+ .*?\((default 1)\)`)
	said(call, `--concurrency=\S+ .*?\((default 1)\)`)
	said(call, `--store=\S+ .*?(memory \(default with --sandbox\))`)
	before := fake.Counts().APICalls
	run(t, fake.Env(), "call", "GET", "/employees", "--store", "memory").wantQuiet(t)
	if n := fake.Counts().APICalls - before; n != 1 {
		t.Errorf("%d calls by default", n)
	}
}

// A line for each request, if it is asked for.
func TestSandboxLogsRequests(t *testing.T) {
	s := startSandbox(t, "--log-requests")
	run(t, s.env, "call", "GET", "/employees", "-q", "secret=1", "--store", "memory").wantQuiet(t)
	s.stop(t)
	lines := strings.Split(strings.TrimSpace(s.stderr.String()), "\n")
	want := []string{`^advoware: a fake`, `^\S+ POST /api/v1/Token 200 \S+$`, `^\S+ GET /employees 200 \S+$`}
	if len(lines) != len(want) {
		t.Fatalf("stderr %q", lines)
	}
	for i, pattern := range want {
		if !regexp.MustCompile(pattern).MatchString(lines[i]) {
			t.Errorf("line %q, want %s", lines[i], pattern)
		}
	}
}

// A header that the command does not send as it was given is refused, with the reason.
func TestHeadersThatWouldBeIgnored(t *testing.T) {
	for _, header := range []string{"Host: x", "Content-Length: 3", "Transfer-Encoding: chunked", "Trailer: X", "Authorization: Bearer x-secret-x",
		"Connection: close", "Upgrade: websocket", "Keep-Alive: x", "Proxy-Connection: x", "Proxy-Authorization: x-secret-x", "Te: trailers"} {
		name, _, _ := strings.Cut(header, ":")
		got := run(t, nil, "call", "--sandbox", "GET", "/employees", "-H", header)
		got.wantFailure(t, 2, "--header", name)
		if strings.Contains(got.err, "x-secret-x") {
			t.Errorf("%q shows the value", got.err)
		}
	}
	fake := clienttest.Start(t, clienttest.Options{})
	got := run(t, fake.Env(), "call", "--store", "memory", "GET", "/api/v1/Echo", "-H", "X-A: b", "-H", "User-Agent: me", "-H", "Accept: text/x")
	got.wantQuiet(t)
	var echo clienttest.Echo
	if err := json.NewDecoder(bytes.NewReader([]byte(got.out))).Decode(&echo); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"X-A": "b", "User-Agent": "me", "Accept": "text/x"} {
		if echo.Header.Get(name) != value {
			t.Errorf("%s is %q", name, echo.Header.Get(name))
		}
	}
}
