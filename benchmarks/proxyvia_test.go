package benchmarks

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/testport"
)

// via is a way to an office.
type via struct {
	name  string
	addr  string
	token bool // the caller has to send it
	pid   int  // 0 for the office itself
}

// startVias starts all that can forward to an office. What is not installed is left out, and
// said.
func startVias(tb testing.TB, o office) []via {
	all := []via{{name: "direct", addr: strings.TrimPrefix(o.API, "http://"), token: true}, startAdvoware(tb, o)}
	for name, start := range map[string]func(testing.TB, string, office) via{"nginx": startNginx, "haproxy": startHAProxy} {
		if path, err := exec.LookPath(name); err == nil {
			all = append(all, start(tb, path, o))
		} else {
			tb.Logf("no %s on PATH: not compared", name)
		}
	}
	return all
}

// startAdvoware starts the command with a token store of its own: what Redis costs is measured
// elsewhere, and no call asks it.
func startAdvoware(tb testing.TB, o office) via {
	p := startProgram(tb, nil, []string{
		"ADVOWARE_API_BASE_URL=" + o.API, "ADVOWARE_TOKEN_URL=" + o.Gateway, "ADVOWARE_APP_ID=a", "ADVOWARE_API_KEY=a2V5",
		"ADVOWARE_KANZLEI=k", "ADVOWARE_DATABASE=D", "ADVOWARE_USER=u", "ADVOWARE_PASSWORD=p",
	}, builtCommand(tb), "proxy", "--addr", "127.0.0.1:0", "--store", "memory")
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		tb.Fatalf("advoware proxy: %v", err)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "ADVOWARE_PROXY_URL=http://"))
	return via{name: "advoware", addr: strings.TrimSuffix(url, "/"), pid: p.cmd.Process.Pid}
}

// builtCommand returns the command as it is in this checkout, built once. Who builds it by
// themselves, with another Go or an older commit, names it in ADVOWARE_BENCHMARK_COMMAND.
func builtCommand(tb testing.TB) string {
	if path := os.Getenv("ADVOWARE_BENCHMARK_COMMAND"); path != "" {
		return path
	}
	path := filepath.Join(tb.TempDir(), "advoware")
	if out, err := exec.Command("go", "build", "-C", "..", "-o", path, "./cmd/advoware").CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	return path
}

// nginxConf is plain forwarding by the book: keepalive connections to the office, no log, and
// the token as a constant. What it has to buffer stays in memory, as with the others.
const nginxConf = `
daemon off; worker_processes auto; worker_rlimit_nofile 20000; pid %[1]s/pid; error_log stderr warn;
events { worker_connections 19000; }
http {
	access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; server_tokens off;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	upstream office { server %[2]s; keepalive 256; keepalive_requests 1000000000; }
	server {
		listen %[3]s backlog=4096;
		location / {
			proxy_pass http://office; proxy_http_version 1.1;
			proxy_set_header Connection ""; proxy_set_header Authorization "Bearer %[4]s";
		}
	}
}
`

func startNginx(tb testing.TB, path string, o office) via {
	dir, addr := tb.TempDir(), must(testport.Take())
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(nginxConf, dir, strings.TrimPrefix(o.API, "http://"), addr, tokenText)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	p := startProgram(tb, &addr, nil, path, "-p", dir, "-c", conf)
	return via{name: "nginx", addr: addr, pid: p.cmd.Process.Pid}
}

const haproxyConf = `
global
	maxconn 10100
	no strict-limits
defaults
	mode http
	timeout connect 10s
	timeout client 1h
	timeout server 1h
	timeout http-keep-alive 1h
frontend in
	bind %[1]s backlog 4096
	default_backend office
backend office
	http-reuse always
	http-request set-header Authorization "Bearer %[3]s"
	server office %[2]s
`

func startHAProxy(tb testing.TB, path string, o office) via {
	addr, conf := must(testport.Take()), filepath.Join(tb.TempDir(), "haproxy.cfg")
	text := fmt.Sprintf(haproxyConf, addr, strings.TrimPrefix(o.API, "http://"), tokenText)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	p := startProgram(tb, &addr, nil, path, "-db", "-f", conf)
	return via{name: "haproxy", addr: addr, pid: p.cmd.Process.Pid}
}

// program is a process that ends with the test.
type program struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
}

// startProgram starts a program with these variables and nothing of ours, and waits until it
// listens, if an address is given.
func startProgram(tb testing.TB, addr *string, env []string, name string, args ...string) program {
	tb.Helper()
	cmd := exec.Command(name, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ADVOWARE_") && !strings.HasPrefix(v, "REDIS_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env, cmd.Stderr = append(cmd.Env, env...), os.Stderr
	stdin, stdout := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Process.Signal(os.Interrupt) // nginx ends its workers
		stop := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		defer stop.Stop()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	if addr != nil {
		waitFor(tb, *addr)
	}
	return program{cmd, bufio.NewReader(stdout)}
}

// waitFor waits until somebody listens.
func waitFor(tb testing.TB, addr string) {
	for end := time.Now().Add(20 * time.Second); ; {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(end) {
			tb.Fatal(err)
		}
		<-time.After(5 * time.Millisecond)
	}
}
