//go:build linux

package proxy_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// activated starts the proxy as systemd does: with sockets, whose names are separated by
// colons, and with an address for messages.
func activated(t *testing.T, env []string, names string, sockets []*os.File, args ...string) *process {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", `export LISTEN_PID=$$; exec "$0" "$@"`, binary, "proxy", "--store", "memory"}, args...)...)
	cmd.Env = []string{"LISTEN_FDS=" + string(rune('0'+len(sockets))), "LISTEN_FDNAMES=" + names}
	cmd.ExtraFiles = sockets
	return launch(t, cmd, env)
}

// listening returns a socket as systemd passes it: nobody has accepted from it yet.
func listening(t *testing.T, network, addr string) (*os.File, net.Addr) {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	f, err := l.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, l.Addr()
}

func TestProxyServesTheSocketsOfSystemd(t *testing.T) {
	t.Parallel()
	fake := clienttest.Start(t, clienttest.Options{})
	messages, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Close()
	next := func() string {
		buf := make([]byte, 4096)
		n, err := messages.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	proxySocket, proxyAddr := listening(t, "tcp", "127.0.0.1:0")
	adminSocket, adminAddr := listening(t, "tcp", "127.0.0.1:0")
	env := append(fake.Env(), "NOTIFY_SOCKET="+messages.LocalAddr().String(), "WATCHDOG_USEC=60000000")
	p := activated(t, env, "admin:proxy", []*os.File{adminSocket, proxySocket})
	if got, want := p.url(), "http://"+proxyAddr.String(); got != want {
		t.Fatalf("it serves at %q, want %q\n%s", got, want, p.stderr)
	}
	got := []string{next(), next()}
	if !strings.HasPrefix(got[0], "READY=1\nSTATUS=serving ") || got[1] != "WATCHDOG=1" {
		t.Errorf("messages %q", got)
	}
	mustServe(t, p)
	if status, body := get(t, "http://"+adminAddr.String()+"/livez"); status != http.StatusOK {
		t.Errorf("/livez: status %d, %s", status, body)
	}

	held := fake.Inject(clienttest.Fault{On: clienttest.API, Hang: true})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if resp, err := http.Get(p.url() + "/employees"); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if err := held.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	p.signal(t, syscall.SIGTERM)
	if m := next(); !strings.HasPrefix(m, "STOPPING=1\n") {
		t.Errorf("at the end it says %q", m)
	}
	p.signal(t, syscall.SIGTERM)
	<-p.ended
	<-answered
	// Its successor has the same socket: a connection that comes meanwhile waits there.
	conn, err := net.Dial("tcp", proxyAddr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	mustServe(t, activated(t, fake.Env(), "proxy", []*os.File{proxySocket}))
	if got := exchange(t, conn, "GET /employees HTTP/1.1\r\nHost: "+proxyAddr.String()+"\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
		t.Errorf("the connection that waited got %.100q", got)
	}
}

func TestWhatContradictsSystemdIsSaid(t *testing.T) {
	t.Parallel()
	fake := clienttest.Start(t, clienttest.Options{})
	first, addr := listening(t, "tcp", "127.0.0.1:0")
	second, _ := listening(t, "tcp", "127.0.0.1:0")
	third, _ := listening(t, "tcp", "127.0.0.1:0")
	for _, test := range []struct {
		names, env string
		sockets    []*os.File
		args       []string
		want       string
	}{
		{names: "proxy", sockets: []*os.File{first}, args: []string{"--addr", "127.0.0.1:1"},
			want: "--addr 127.0.0.1:1: systemd passed the socket to serve, " + addr.String() + ": leave the flag out, or stop the .socket unit"},
		{names: "admin", sockets: []*os.File{first}, args: []string{"--addr", "127.0.0.1:0", "--admin", "127.0.0.1:1"},
			want: "--admin 127.0.0.1:1: systemd passed the socket for it, " + addr.String() + ": leave the flag out, or stop the .socket unit"},
		{names: "advoware-proxy.socket", sockets: []*os.File{first},
			want: `systemd passed a socket named "advoware-proxy.socket": set FileDescriptorName=proxy or admin in its .socket unit`},
		{names: "", sockets: []*os.File{first, second},
			want: "systemd passed 2 sockets without names: give them FileDescriptorName=proxy or admin"},
		{names: "admin:admin:proxy", sockets: []*os.File{first, second, third},
			want: "systemd passed two sockets named admin: one is served"},
		{names: "proxy:admin", sockets: []*os.File{first},
			want: `LISTEN_FDNAMES "proxy:admin" has 2 names, and LISTEN_FDS says 1`},
	} {
		p := activated(t, fake.Env(), test.names, test.sockets, test.args...)
		if status, got := p.status(), strings.TrimSpace(p.stderr.String()); status != 2 || got != "advoware: "+test.want {
			t.Errorf("%q: exit status %d, %s\nwant %s", test.names, status, got, test.want)
		}
	}
}

// A service that cannot say that it is ready serves all the same.
func TestSystemdThatIsNotThereIsAWarning(t *testing.T) {
	t.Parallel()
	fake := clienttest.Start(t, clienttest.Options{})
	for _, addr := range []string{filepath.Join(t.TempDir(), "gone"), "nonsense"} {
		p := startProxy(t, append(fake.Env(), "NOTIFY_SOCKET="+addr), "--store", "memory")
		mustServe(t, p)
		if !strings.Contains(p.stderr.String(), "NOTIFY_SOCKET") {
			t.Errorf("%s: nothing is said: %s", addr, p.stderr)
		}
	}
}
