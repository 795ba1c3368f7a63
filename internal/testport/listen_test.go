package testport_test

import (
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/testport"
)

// A listener that closes and listens again, while processes are started beside it.
func TestListenAgainWhileProcessesStart(t *testing.T) {
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var starts sync.WaitGroup
	defer starts.Wait()
	defer close(over)
	for range 8 {
		starts.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					_ = exec.Command("true").Run()
				}
			}
		})
	}
	for range 2000 {
		ln, err := testport.Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := ln.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// An address that somebody else has is refused, after a while.
func TestListenOnATakenAddress(t *testing.T) {
	t.Parallel()
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	ln, err := testport.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	freed := time.AfterFunc(50*time.Millisecond, func() { ln.Close() })
	defer freed.Stop()
	again, err := testport.Listen(addr)
	if err != nil {
		t.Fatalf("an address that is freed soon: %v", err)
	}
	defer again.Close()
	if third, err := testport.Listen(addr); err == nil {
		third.Close()
		t.Error("two listen on one address")
	}
}
