package redistest_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
)

const dieEnv = "REDISTEST_DIE"

// A test that is killed leaves no server behind, not even a stopped one.
func TestServerDiesWithItsTest(t *testing.T) {
	if os.Getenv(dieEnv) != "" {
		running, stopped := redistest.Start(t), redistest.Start(t)
		stopped.Stop()
		fmt.Println("servers", running.Addr(), stopped.Addr())
		_, _ = os.Stdin.Read(make([]byte, 1)) // until it is killed
		return
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		redistest.Start(t) // skips or fails
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerDiesWithItsTest$")
	cmd.Env = append(os.Environ(), dieEnv+"=1", redistest.RequireEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var addrs []string
	for lines := bufio.NewScanner(out); len(addrs) == 0 && lines.Scan(); {
		if list, ok := strings.CutPrefix(lines.Text(), "servers "); ok {
			addrs = strings.Fields(list)
		}
	}
	if len(addrs) != 2 {
		t.Errorf("servers at %q", addrs)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for _, addr := range addrs {
		for deadline := time.Now().Add(30 * time.Second); ; {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				break
			}
			c.Close()
			if time.Now().After(deadline) {
				t.Fatalf("a server is left at %s", addr)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
}
