package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// binary is the command, built once: the tests see it as everybody else does.
var binary string

func TestMain(m *testing.M) {
	if addr := os.Getenv(officeEnv); addr != "" {
		serveOffice(addr)
		return
	}
	os.Exit(build(m))
}

// officeEnv makes the test binary an office at an address, which can be killed.
const officeEnv = "ADVOWARE_TEST_OFFICE"

// serveOffice answers all calls but /hang, and says when it is asked for that.
func serveOffice(addr string) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		panic(err)
	}
	fmt.Println(urlVariable + "http://" + l.Addr().String())
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			fmt.Println("asked")
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, "[]")
	})))
}

// startOffice starts an office in a process of its own.
func startOffice(t *testing.T, addr string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return launch(t, exec.Command(self), []string{officeEnv + "=" + addr})
}

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "advoware")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "advoware.exe") // a name that every system takes
	args := []string{"build", "-o", binary}
	if raceEnabled() {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "../../cmd/advoware")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func raceEnabled() bool {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}
