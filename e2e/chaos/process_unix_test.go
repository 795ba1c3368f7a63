//go:build unix

package chaos_test

import "syscall"

// apart gives a worker a process group of its own. Should the test be killed while
// the worker is stopped, the kernel finds the group orphaned, and hangs up on it.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stop freezes the process and returns when it stands still.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(p.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || !status.Stopped() {
			p.t.Fatalf("%s did not stop: %v", p.name, err)
		}
		return
	}
}

// wake lets a stopped process go on.
func (p *process) wake() {
	p.t.Helper()
	p.signal(syscall.SIGCONT)
}

func (p *process) signal(sig syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}
