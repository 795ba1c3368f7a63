//go:build unix && !aix

package lazy_test

import "syscall"

// apart gives a worker a process group of its own. Should the test be killed while the worker
// is stopped, the kernel finds the group orphaned, and hangs up on it.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stop freezes the process, and returns when it stands still.
func (w *worker) stop() {
	w.t.Helper()
	w.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(w.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || !status.Stopped() {
			w.t.Fatalf("the worker did not stop: %v", err)
		}
		return
	}
}

// wake lets a stopped process go on.
func (w *worker) wake() {
	w.t.Helper()
	w.signal(syscall.SIGCONT)
}

func (w *worker) signal(sig syscall.Signal) {
	w.t.Helper()
	if err := w.cmd.Process.Signal(sig); err != nil {
		w.t.Fatal(err)
	}
}
