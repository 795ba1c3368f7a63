//go:build !linux

package redistest

import "os/exec"

// begin starts a process. Here it outlives a test that does not clean up.
func begin(proc *exec.Cmd) error { return proc.Start() }
