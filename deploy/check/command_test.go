package check_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	core "k8s.io/api/core/v1"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/testport"
)

// command builds the command once.
var command = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "advoware")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "advoware")
	out, err := exec.Command("go", "build", "-C", root, "-o", path, "./cmd/advoware").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := command(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// serving is a proxy that serves, by its addresses.
type serving struct{ proxy, admin string }

// serve starts the command as a file of deploy does, with what the machine of the file has in
// place of what this one has: the variables of a fake office, and ports that are free. It waits
// until all is served.
func serve(t *testing.T, args []string, change func(*exec.Cmd)) (s serving) {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatalf("%v\n%s", err, path)
	}
	cmd := exec.Command(path, strings.Fields(freePorts.Replace(strings.Join(args, " ")))...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ADVOWARE_") && !strings.HasPrefix(v, "REDIS_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	if change != nil {
		change(cmd)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for s.admin == "" && lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "ADVOWARE_PROXY_URL="); ok {
			s.proxy = strings.TrimSuffix(at, "/")
		}
		if at, ok := strings.CutPrefix(lines.Text(), "ADVOWARE_PROXY_ADMIN_URL="); ok {
			s.admin = strings.TrimSuffix(at, "/")
		}
	}
	if s.proxy == "" || s.admin == "" {
		_ = cmd.Wait()
		t.Fatalf("advoware %q: %v\n%s", args, cmd.ProcessState, &stderr)
	}
	return s
}

// freePorts has tests listen on this machine alone, on ports that are free.
var freePorts = strings.NewReplacer("127.0.0.1:8064", "127.0.0.1:0", "127.0.0.1:9464", "127.0.0.1:0", "0.0.0.0:9464", "127.0.0.1:0")

// envFile writes the variables of a fake office into a file, as people have them.
func envFile(t *testing.T, fake *clienttest.Server) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "advoware.env")
	if err := os.WriteFile(name, []byte(strings.Join(fake.Env(), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func mustAnswer(t *testing.T, url string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s: status %d, %.200s, %v", url, resp.StatusCode, text, err)
	}
}

// The command serves as the unit starts it, with the socket and the variables from systemd.
func TestUnitServes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("no systemd here")
	}
	start := strings.Fields(directives(t, unit+".service")["Service.ExecStart"][0])
	file := envFile(t, clienttest.Start(t, clienttest.Options{}))
	for i, arg := range start {
		start[i] = strings.ReplaceAll(arg, "${CREDENTIALS_DIRECTORY}", filepath.Dir(file))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	name := directives(t, unit+".socket")["Socket.FileDescriptorName"][0]
	s := serve(t, start[1:], func(cmd *exec.Cmd) {
		cmd.Args = append([]string{"sh", "-c", `export LISTEN_PID=$$; exec "$0" "$@"`}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
		cmd.Path = "/bin/sh"
		cmd.Env = append(cmd.Env, "LISTEN_FDS=1", "LISTEN_FDNAMES="+name, "REDIS_HOST=/nowhere")
		cmd.ExtraFiles = []*os.File{socket}
	})
	if s.proxy != "http://"+l.Addr().String() {
		t.Errorf("it serves at %s, and not on the socket that it got", s.proxy)
	}
	mustAnswer(t, s.proxy+"/employees")
	mustAnswer(t, s.admin+"/readyz")
}

// The image's CMD is a command line of its ENTRYPOINT, and its ports are those that it exposes.
func TestImageServes(t *testing.T) {
	t.Parallel()
	_, final := stages(t)
	args := only[*instructions.CmdCommand](t, final).CmdLine
	for _, port := range only[*instructions.ExposeCommand](t, final).Ports {
		if !strings.Contains(strings.Join(args, " ")+" ", ":"+port+" ") {
			t.Errorf("port %s is exposed, and CMD is %q", port, args)
		}
	}
	file := envFile(t, clienttest.Start(t, clienttest.Options{}))
	s := serve(t, append([]string{"--env-file", file}, args...), func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "REDIS_HOST=/nowhere") })
	mustAnswer(t, s.proxy+"/employees")
}

// The sidecar and the Redis of the manifests work together, with TLS and a password: the token
// that one sidecar has requested is there for another.
func TestSidecarServes(t *testing.T) {
	t.Parallel()
	_, proxy := sidecar(t)
	ca := certtest.NewCA(t)
	port := startRedis(t, ca)
	fake := clienttest.Start(t, clienttest.Options{})
	file := envFile(t, fake)
	args := strings.Fields(strings.ReplaceAll(strings.Join(proxy.Args, " "), flagOf(t, proxy.Args, "--env-file"), file))
	for range 2 {
		s := serve(t, args, func(cmd *exec.Cmd) {
			for _, v := range proxy.Env {
				cmd.Env = append(cmd.Env, v.Name+"="+v.Value)
			}
			cmd.Env = append(cmd.Env, "REDIS_HOST=127.0.0.1", "REDIS_PORT="+port, "REDIS_TLS_CA_FILE="+ca.File(), "REDIS_PASSWORD="+password)
		})
		mustAnswer(t, s.proxy+"/employees")
		for _, probe := range []*core.Probe{proxy.StartupProbe, proxy.ReadinessProbe, proxy.LivenessProbe} {
			mustAnswer(t, s.admin+probe.HTTPGet.Path)
		}
	}
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests: the two do not share one", n)
	}
}

const password = "not-a-secret"

// startRedis starts Redis with the arguments of the manifest, and returns its port.
func startRedis(t *testing.T, ca *certtest.CA) (port string) {
	t.Helper()
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(addr)
	cert, key := ca.Issue("redis")
	var args []string
	for _, arg := range manifests(t).deployments[1].Spec.Template.Spec.Containers[0].Args {
		switch arg {
		case "6379":
			arg = port
		case "/tls/tls.crt":
			arg = cert
		case "/tls/tls.key":
			arg = key
		case "/tls/ca.crt":
			arg = ca.File()
		case "$(PASSWORD)":
			arg = password
		}
		args = append(args, arg)
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		if os.Getenv(redistest.RequireEnv) == "1" {
			t.Fatal(err)
		}
		t.Skip("no redis-server on PATH")
	}
	cmd := exec.Command(path, append(args[1:], "--bind", "127.0.0.1", "--dir", t.TempDir())...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var log strings.Builder
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			go func() {
				for lines.Scan() { // its log may go on
				}
			}()
			return port
		}
	}
	t.Fatalf("redis-server ended:\n%s", &log)
	return ""
}
