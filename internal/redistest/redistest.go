// Package redistest starts real Redis servers for tests, and sends them commands in
// the plain protocol, as a program in another language would.
//
// [Start] gives a test a server process of its own: on a loopback port that no other
// test gets, with nothing written to disk, killed when the test ends, on Linux also when
// the test is killed. It can be killed, restarted and stopped at any moment. [StartTLS],
// [StartBy], [StartSentinel] and [StartCluster] do the same for other kinds of servers. [Server.Do]
// and [Conn] send commands without a client library, so that a test checks what the server
// really has.
//
// A Server belongs to one test goroutine; a [Conn] may be taken to another one.
// See ARCHITECTURE.md for how the parts work together.
package redistest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/testport"
)

// DB is the database that Do and Dial use: the one that Advoware programs share by
// default.
const DB = 1

// RequireEnv is the environment variable that turns the skip of a test without a
// redis-server into a failure, if it is set to 1.
const RequireEnv = "ADVOWARE_REQUIRE_REDIS"

// ServerEnv is the environment variable that names another program to start than the
// redis-server on PATH: a valkey-server, or another release.
const ServerEnv = "ADVOWARE_REDIS_SERVER"

const (
	startTimeout    = time.Minute
	failoverTimeout = time.Minute // an election on a busy machine may be lost and repeated
	startTries      = 5           // another process may take the free port first
	restartPatience = 2 * time.Second
	restartPause    = 5 * time.Millisecond
)

// signs are the log lines of a server, and of a sentinel, that accepts commands.
var signs = []string{"Ready to accept connections", "Sentinel ID is"}

// Server is a redis-server process.
type Server struct {
	t    testing.TB
	bin  string
	by   []string // what starts bin, if it is not started directly
	port string   // the name of the argument for the port
	args []string
	tls  *tls.Config // nil where it listens without TLS
	addr string
	proc *exec.Cmd
	over chan struct{} // closed when the output of proc has ended

	frozen bool // by Stop
}

// Start starts a redis-server for this test, with args added to its command line
// ("--maxmemory", "1mb"), and waits until it answers. Without a redis-server on
// PATH the test is skipped, or fails if RequireEnv is 1; a program that ServerEnv
// names must be there.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	return StartBy(t, nil, args...)
}

// StartBy is Start by another program: the server's command line is added to that of launcher,
// which becomes the server, as env and a shell's exec do.
func StartBy(t testing.TB, launcher []string, args ...string) *Server {
	t.Helper()
	return start(t, &Server{by: launcher, port: "--port", args: append([]string{
		"--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
	}, args...)})
}

// start starts what s describes. An argument %PORT% becomes a port that is free, a
// new one in each attempt.
func start(t testing.TB, s *Server) *Server {
	t.Helper()
	s.t, s.bin = t, program(t)
	t.Cleanup(s.Kill)
	args := s.args
	var err error
	for range startTries {
		s.args = slices.Clone(args)
		for i, arg := range args {
			if arg == freePort {
				_, s.args[i], _ = net.SplitHostPort(freeAddr(t))
			}
		}
		s.addr = freeAddr(t)
		if err = s.launch(); err == nil {
			return s
		}
	}
	t.Fatalf("redistest: %v", err)
	return nil
}

const freePort = "%PORT%"

// program finds the server to start.
func program(t testing.TB) string {
	t.Helper()
	name := os.Getenv(ServerEnv)
	if name == "" {
		name = "redis-server"
	}
	bin, err := exec.LookPath(name)
	switch {
	case err != nil && name != "redis-server":
		t.Fatalf("redistest: %s: %v", ServerEnv, err)
	case err != nil && os.Getenv(RequireEnv) == "1":
		t.Fatalf("redistest: no redis-server on PATH, and %s=1 demands one", RequireEnv)
	case err != nil:
		t.Skipf("redistest: no redis-server on PATH: a real Redis is needed here (%s=1 makes this a failure)", RequireEnv)
	}
	return bin
}

// Addr returns the host:port of the server; it stays the same for its whole life.
func (s *Server) Addr() string { return s.addr }

// Kill ends the process at once, also a stopped one. Killing a dead server does
// nothing.
func (s *Server) Kill() {
	if s.proc == nil {
		return
	}
	_ = s.proc.Process.Kill()
	<-s.over
	_ = s.proc.Wait()
	s.proc, s.frozen = nil, false
}

// Restart kills the server if it lives, and starts an empty one on the same port. If a
// listener of the test was there meanwhile, a child process that is being started may still
// have a copy of it: the port is tried for two seconds.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	end := time.Now().Add(restartPatience)
	err := s.launch()
	for ; err != nil && strings.Contains(err.Error(), "already in use") && time.Now().Before(end); err = s.launch() {
		time.Sleep(restartPause)
	}
	if err != nil {
		s.t.Fatalf("redistest: restart: %v", err)
	}
}

// launch starts the process and returns when it accepts connections.
func (s *Server) launch() error {
	_, port, _ := net.SplitHostPort(s.addr)
	line := slices.Concat(s.by, []string{s.bin}, s.args, []string{s.port, port})
	proc := exec.Command(line[0], line[1:]...)
	out, err := proc.StdoutPipe()
	if err != nil {
		return err
	}
	if err := begin(proc); err != nil {
		return err
	}
	s.proc, s.over = proc, make(chan struct{})
	defer time.AfterFunc(startTimeout, func() { _ = proc.Process.Kill() }).Stop()

	ready, log := make(chan bool, 1), new(bytes.Buffer)
	go func() {
		defer close(s.over)
		lines, up := bufio.NewScanner(out), false
		for lines.Scan() {
			if !up {
				fmt.Fprintln(log, lines.Text())
				if up = slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(lines.Text(), sign) }); up {
					ready <- true
				}
			}
		}
		if !up {
			ready <- false
		}
	}()
	if !<-ready {
		s.Kill()
		return fmt.Errorf("redis-server ended instead of starting:\n%s", log)
	}
	if c, err := s.dial(); err != nil {
		s.Kill()
		return err
	} else {
		return c.Close()
	}
}

func freeAddr(t testing.TB) string {
	t.Helper()
	addr, err := testport.Take()
	if err != nil {
		t.Fatalf("redistest: no free port: %v", err)
	}
	return addr
}
