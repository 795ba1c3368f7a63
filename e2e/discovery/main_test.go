package discovery_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

// isMember is set for a process of a fleet under test, which is this program again.
const isMember = "DISCOVERY_TEST_MEMBER"

func TestMain(m *testing.M) {
	logging.Disable() // go-redis prints a line for each dial that fails
	if os.Getenv(isMember) != "" {
		if err := member(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// member opens a client by the environment, and makes a call for each line of its input; for
// the line late it tells how often it waited for Redis in vain.
func member() error {
	c, err := advoware.Open()
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if in.Text() == "late" {
			fmt.Println(c.Stats().StoreErrors)
			continue
		}
		_, err := c.Call(context.Background(), client.Request{Endpoint: "/employees"})
		base, _ := c.BaseURL(context.Background())
		fmt.Println(base, err)
	}
	return nil
}

// process is a member.
type process struct {
	t   *testing.T
	in  *os.File
	out *bufio.Scanner
}

// begin starts a member, which ends with the test.
func begin(t *testing.T, env []string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(foreignEnv(), isMember+"=1")
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = read
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read.Close()
	t.Cleanup(func() {
		write.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	p := &process{t, write, bufio.NewScanner(out)}
	if line := p.line(); line != "ready" {
		t.Fatal(line)
	}
	return p
}

func (p *process) line() string {
	p.t.Helper()
	if !p.out.Scan() {
		p.t.Fatal("a process has ended")
	}
	return p.out.Text()
}

// call lets the process make a call, whose result it tells by line.
func (p *process) call() { fmt.Fprintln(p.in) }

// late is how often processes went on without Redis, for which they wait 250 ms: on a machine
// that is much too busy, each time may be one more request.
func late(fleet ...*process) (n int) {
	for _, p := range fleet {
		fmt.Fprintln(p.in, "late")
		times, err := strconv.Atoi(p.line())
		if err != nil {
			p.t.Fatal(err)
		}
		n += times
	}
	if n > 0 {
		fleet[0].t.Logf("the machine is busy: %d times a process waited for Redis in vain", n)
	}
	return n
}

// foreignEnv is our environment but for what the client reads.
func foreignEnv() (env []string) {
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "ADVOWARE_") && !strings.HasPrefix(line, "REDIS_") {
			env = append(env, line)
		}
	}
	return env
}
