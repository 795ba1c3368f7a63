package inuse_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/internal/inuse"
)

func TestOneUseIsTheFirst(t *testing.T) {
	var m inuse.Mark
	if m.Busy() {
		t.Error("in use before the first use")
	}
	for range 3 {
		var firsts atomic.Int32
		var users sync.WaitGroup
		for range 16 {
			users.Go(func() {
				if m.Begin() {
					firsts.Add(1)
				}
			})
		}
		users.Wait()
		if n := firsts.Load(); n != 1 || !m.Busy() {
			t.Errorf("%d first uses, in use: %v", n, m.Busy())
		}
		m.Forget()
		if m.Busy() {
			t.Error("in use after Forget")
		}
	}
}

func TestNoUseAfterClose(t *testing.T) {
	var m inuse.Mark
	m.Begin()
	m.Close()
	if m.Busy() || m.Begin() {
		t.Error("in use after Close")
	}
	m.Forget()
	if m.Begin() {
		t.Error("Forget opened it again")
	}
}
