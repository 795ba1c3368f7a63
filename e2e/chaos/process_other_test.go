//go:build !unix

package chaos_test

import "syscall"

func apart() *syscall.SysProcAttr { return nil }

// stop skips the test: only a Unix process can be frozen.
func (p *process) stop() {
	p.t.Helper()
	p.t.Skip("a process cannot be frozen on this system")
}

// wake does nothing, as nothing was frozen.
func (p *process) wake() {}
