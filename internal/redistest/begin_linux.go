package redistest

import (
	"context"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
)

// begin starts a process that the kernel kills when this one ends, however it ends: a
// test that runs out of time, or is killed, does not clean up.
func begin(proc *exec.Cmd) error {
	proc.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	beginner() <- func() { started <- proc.Start() }
	return <-started
}

// beginner runs what it is given on one thread: the kernel looks at the end of the thread
// that started a process, and those of other goroutines may end at any time.
var beginner = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		pprof.SetGoroutineLabels(context.Background()) // it is not of the test that needs it first
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})
