// Package redisserver runs a real redis-server as a child process, for studies: on a
// free loopback port, with nothing written to disk. It can be killed and started
// again.
//
// The server ends when it is closed or its context ends, but outlives a process that is
// killed. On Linux the kernel could end it then (Pdeathsig), but does so already when the
// thread ends that started it, which any goroutine can bring about: a study would lose
// its Redis in the middle of a run.
//
// A Server is safe for concurrent use. See ARCHITECTURE.md for what is measured here.
package redisserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// ErrMissing says that there is no redis-server on PATH.
var ErrMissing = errors.New("redisserver: there is no redis-server on PATH")

const (
	startTimeout = 10 * time.Second
	startTries   = 5 // somebody else may take the free port first
)

// Server is a redis-server process. Close it, or it outlives this one.
type Server struct {
	ctx  context.Context // of its whole life
	bin  string
	addr string

	mu   sync.Mutex
	proc *exec.Cmd
}

// Start starts an empty server and returns when it accepts connections. When ctx ends it
// is killed, and cannot be started again. Without a redis-server on PATH the error
// matches ErrMissing.
func Start(ctx context.Context) (*Server, error) {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, ErrMissing
	}
	s := &Server{ctx: ctx, bin: bin}
	for range startTries {
		if s.addr, err = freeAddr(); err != nil {
			return nil, err
		}
		if err = s.Restart(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// Version returns what "redis-server --version" says of its version, "" if there is none.
func Version() string {
	out, err := exec.Command("redis-server", "--version").Output()
	if err != nil {
		return ""
	}
	version := regexp.MustCompile(`v=(\S+)`).FindSubmatch(out)
	if version == nil {
		return ""
	}
	return string(version[1])
}

// Addr returns the host:port of the server, which stays the same for its whole life.
func (s *Server) Addr() string { return s.addr }

// Kill ends the process at once; all that it held is lost. Killing a dead server does
// nothing.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kill()
}

func (s *Server) kill() {
	if s.proc != nil {
		_ = s.proc.Process.Kill()
		_ = s.proc.Wait()
		s.proc = nil
	}
}

// Restart kills the server if it lives, and starts an empty one at the same address.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kill()
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return fmt.Errorf("redisserver: %w", err)
	}
	proc := exec.CommandContext(s.ctx, s.bin, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no")
	detach(proc)
	out, err := proc.StdoutPipe()
	if err != nil {
		return fmt.Errorf("redisserver: %w", err)
	}
	if err := proc.Start(); err != nil {
		return fmt.Errorf("redisserver: %w", err)
	}
	s.proc = proc
	if err := ready(proc, out); err != nil {
		s.kill()
		return err
	}
	return nil
}

// ready returns when the server says that it accepts connections, or has ended.
func ready(proc *exec.Cmd, out io.Reader) error {
	defer time.AfterFunc(startTimeout, func() { _ = proc.Process.Kill() }).Stop()
	lines := bufio.NewScanner(out)
	last := ""
	for lines.Scan() {
		if last = lines.Text(); strings.Contains(last, "Ready to accept connections") {
			go io.Copy(io.Discard, out) // or it would block on a full pipe
			return nil
		}
	}
	return fmt.Errorf("redisserver: it ended instead of starting: %s", strings.TrimSpace(last))
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("redisserver: no free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// Close ends the server.
func (s *Server) Close() { s.Kill() }
