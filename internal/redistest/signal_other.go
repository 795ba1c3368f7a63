//go:build !unix || aix

package redistest

// Stop skips the test: only a Unix process can be seen to be frozen.
func (s *Server) Stop() {
	s.t.Helper()
	s.t.Skip("redistest: a process cannot be frozen on this system")
}

// Cont does nothing, as nothing was frozen.
func (s *Server) Cont() {}
