//go:build unix

package redisserver

import (
	"os/exec"
	"syscall"
)

// detach keeps a Ctrl-C on the terminal from the server: it is to end when the study
// says so, not in the middle of the last calls.
func detach(proc *exec.Cmd) { proc.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
