//go:build unix && !aix

package redistest

import "syscall"

// Stop freezes the process and returns when it stands still: connections stay
// open, new ones are accepted by the kernel, nothing is answered.
func (s *Server) Stop() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(s.proc.Process.Pid, &status, syscall.WUNTRACED, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || !status.Stopped() {
			s.t.Fatalf("redistest: the server did not stop: %v", err)
		}
		s.frozen = true
		return
	}
}

// Cont lets a stopped process go on; it answers what it was sent meanwhile.
func (s *Server) Cont() {
	s.t.Helper()
	s.signal(syscall.SIGCONT)
	s.frozen = false
}

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if s.proc == nil {
		s.t.Fatal("redistest: the server is not running")
	}
	if err := s.proc.Process.Signal(sig); err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
}
