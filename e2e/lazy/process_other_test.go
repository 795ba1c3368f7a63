//go:build !unix || aix

package lazy_test

import "syscall"

func apart() *syscall.SysProcAttr { return nil }

func (w *worker) stop() { w.t.Skip("processes cannot be stopped here") }
func (w *worker) wake() {}
