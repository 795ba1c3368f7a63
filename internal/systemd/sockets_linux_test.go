package systemd_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/systemd"
)

// asService makes the test binary a service: it prints what systemd passed to it, and answers
// one connection of each socket.
const asService = "ADVOWARE_TEST_SERVICE"

func TestMain(m *testing.M) {
	if os.Getenv(asService) != "" {
		serve()
		return
	}
	os.Exit(m.Run())
}

// passed is what a service has found.
type passed struct {
	Names, Addrs []string
	Err          string
	Environment  string // what a child of it has of systemd's variables
	Descriptors  string // of a child
}

func serve() {
	var got passed
	sockets, err := systemd.Sockets()
	if err != nil {
		got.Err = err.Error()
	}
	for _, s := range sockets {
		got.Names = append(got.Names, s.Name)
		got.Addrs = append(got.Addrs, s.Listener.Addr().Network())
	}
	got.Environment = output("env | grep -c ^LISTEN_; true")
	got.Descriptors = output("ls -l /proc/self/fd | grep -c socket; true")
	_ = json.NewEncoder(os.Stdout).Encode(got)
	for _, s := range sockets {
		conn, err := s.Listener.Accept()
		if err != nil {
			panic(err)
		}
		fmt.Fprint(conn, "hello from "+s.Name)
		_ = conn.Close()
	}
}

func output(script string) string {
	out, err := exec.Command("sh", "-c", script).Output()
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(out))
}

// service starts a service with descriptors from 3 on. The shell knows the process id that
// the service will have. The service ends with the test.
func service(t *testing.T, script string, files ...*os.File) (got passed) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", script+`; exec "$0"`, self)
	cmd.Env = append(os.Environ(), asService+"=1")
	cmd.ExtraFiles, cmd.Stderr = files, os.Stderr
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
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// listening returns a socket as systemd passes it.
func listening(t *testing.T, network, addr string) (*os.File, net.Addr) {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	f, err := l.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	_ = l.Close()
	return f, l.Addr()
}

func hear(t *testing.T, addr net.Addr) string {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	said, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

const none = "0" // grep found none

func TestSocketsArePassed(t *testing.T) {
	t.Parallel()
	tcp, tcpAddr := listening(t, "tcp", "127.0.0.1:0")
	path := filepath.Join(t.TempDir(), "s")
	unix, unixAddr := listening(t, "unix", path)
	got := service(t, "export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=proxy:admin", unix, tcp)
	want := passed{Names: []string{"proxy", "admin"}, Addrs: []string{"unix", "tcp"}, Environment: none, Descriptors: none}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	// A connection that came before the service did is served: it waits in the socket. The
	// service answers them in the order in which it got the sockets.
	for i, addr := range []net.Addr{unixAddr, tcpAddr} {
		if said := hear(t, addr); said != "hello from "+got.Names[i] {
			t.Errorf("%s says %q", got.Names[i], said)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the socket's file belongs to systemd: %v", err)
	}
}

func TestSocketsWithoutNames(t *testing.T) {
	t.Parallel()
	f, _ := listening(t, "tcp", "127.0.0.1:0")
	got := service(t, "export LISTEN_PID=$$ LISTEN_FDS=1", f)
	want := passed{Names: []string{""}, Addrs: []string{"tcp"}, Environment: none, Descriptors: none}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestNoSocketsForThisProcess(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"nothing":         ":",
		"another process": "export LISTEN_PID=1 LISTEN_FDS=1 LISTEN_FDNAMES=proxy",
		"no process id":   "export LISTEN_FDS=1",
		"no count":        "export LISTEN_PID=$$",
		"none":            "export LISTEN_PID=$$ LISTEN_FDS=0",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := service(t, script)
			if diff := cmp.Diff(passed{Environment: none, Descriptors: none}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWrongSocketsAreNamed(t *testing.T) {
	t.Parallel()
	file := func(t *testing.T) *os.File {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	stream := func(t *testing.T) *os.File {
		f, _ := listening(t, "tcp", "127.0.0.1:0")
		return f
	}
	datagram := func(t *testing.T) *os.File {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		f, err := conn.File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	for _, test := range []struct {
		script string
		files  []func(*testing.T) *os.File
		want   string
	}{
		{script: "LISTEN_PID=x LISTEN_FDS=1", want: `LISTEN_PID "x"`},
		{script: "LISTEN_PID=-1 LISTEN_FDS=1", want: `LISTEN_PID "-1"`},
		{script: "LISTEN_PID=$$ LISTEN_FDS=two", want: `LISTEN_FDS "two"`},
		{script: "LISTEN_PID=$$ LISTEN_FDS=-1", want: `LISTEN_FDS "-1"`},
		{script: "LISTEN_PID=$$ LISTEN_FDS=99999999999999999999", want: `LISTEN_FDS "99999999999999999999"`},
		{script: "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=proxy", want: `LISTEN_FDNAMES "proxy" has 1 names, and LISTEN_FDS says 2`},
		{script: "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=proxy", files: []func(*testing.T) *os.File{file}, want: `socket 1 of 1 from systemd ("proxy"): it is no socket`},
		{script: "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=proxy:admin", files: []func(*testing.T) *os.File{stream, datagram}, want: `socket 2 of 2 from systemd ("admin"): it does not listen: the .socket unit needs ListenStream= and Accept=no`},
		{script: "LISTEN_PID=$$ LISTEN_FDS=40", files: []func(*testing.T) *os.File{stream}, want: "socket 2 of 40 from systemd"},
	} {
		t.Run(test.script, func(t *testing.T) {
			t.Parallel()
			var files []*os.File
			for _, f := range test.files {
				files = append(files, f(t))
			}
			got := service(t, "export "+test.script, files...)
			if !strings.HasPrefix(got.Err, test.want) || got.Names != nil || got.Environment != none || got.Descriptors != none {
				t.Errorf("got %+v, want an error that begins with %s", got, test.want)
			}
		})
	}
}

// What systemd's own tool passes is taken.
func TestSocketsOfSystemdSocketActivate(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("systemd-socket-activate")
	if err != nil {
		t.Skip("no systemd-socket-activate on PATH")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	cmd := exec.Command(tool, "--listen="+path, "--fdname=proxy", "--setenv="+asService+"=1", self)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
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
	for lines := bufio.NewScanner(stderr); lines.Scan(); { // until it listens
		if strings.HasPrefix(lines.Text(), "Listening on ") {
			break
		}
	}
	if said := hear(t, &net.UnixAddr{Name: path, Net: "unix"}); said != "hello from proxy" {
		t.Errorf("it says %q", said)
	}
	var got passed
	if err := json.NewDecoder(stdout).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(passed{Names: []string{"proxy"}, Addrs: []string{"unix"}, Environment: none, Descriptors: none}, got); diff != "" {
		t.Error(diff)
	}
}
