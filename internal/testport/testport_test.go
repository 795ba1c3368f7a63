package testport_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/internal/testport"
)

const askedEnv = "TESTPORT_ASKED"

// TestMain is a process that takes ports, if it is asked for some.
func TestMain(m *testing.M) {
	if os.Getenv(askedEnv) == "" {
		os.Exit(m.Run())
	}
	for range 500 {
		addr, err := testport.Take()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(addr)
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1)) // lives until nobody can ask it any more
}

// No port is handed out twice, in one process or in several, although nobody listens on
// it: 2000 of 12,000 would meet each other 150 times.
func TestNoPortTwice(t *testing.T) {
	var mu sync.Mutex
	who := make(map[string]int)
	note := func(process int, addr string) {
		mu.Lock()
		defer mu.Unlock()
		if other, twice := who[addr]; twice {
			t.Errorf("%s was handed out by process %d and by process %d", addr, other, process)
		}
		who[addr] = process
	}
	var group sync.WaitGroup
	for process := range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), askedEnv+"=1")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = in.Close(); _ = cmd.Wait() }()
		group.Go(func() {
			for {
				var addr string
				if _, err := fmt.Fscanln(out, &addr); err != nil {
					t.Errorf("process %d: %v", process, err)
					return
				}
				if addr == "ready" {
					return
				}
				note(process, addr)
			}
		})
	}
	for range 4 {
		group.Go(func() {
			for range 125 {
				addr, err := testport.Take()
				if err != nil {
					t.Error(err)
					return
				}
				note(-1, addr)
			}
		})
	}
	group.Wait()
	if len(who) != 2000 {
		t.Errorf("%d ports, want 2000", len(who))
	}
}

// Whoever gets a port can listen on it, and until then a connection is refused.
func TestIsFree(t *testing.T) {
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(addr, "127.0.0.1:") {
		t.Errorf("got %s", addr)
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		t.Error("somebody listens")
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
}
