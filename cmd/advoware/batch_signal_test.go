//go:build unix

package main_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// After an interrupt the calls that are under way come to their end, and no other begins.
func TestInterruptedBatch(t *testing.T) {
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		_, _ = io.WriteString(w, "1")
	}))
	defer api.Close()
	fake := clienttest.Start(t, clienttest.Options{})
	in, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer typing.Close()
	var out bytes.Buffer
	p := begin(t, append(fake.Env(), "ADVOWARE_API_BASE_URL="+api.URL), func(c *exec.Cmd) { c.Stdin, c.Stdout = in, &out },
		"call", "--batch", "--concurrency", "2", "--store", "memory")
	_ = in.Close()
	_, _ = typing.WriteString("/a\n/b\n/c\n/d\n")
	<-arrived
	<-arrived
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	// Longer than an interrupt is waited for otherwise.
	ended := make(chan struct{})
	go func() { _ = p.Wait(); close(ended) }()
	select {
	case <-ended:
		t.Error("it does not wait for calls that are under way")
	case <-afterPatience():
	}
	close(release)
	<-ended
	if status := p.ProcessState.ExitCode(); status != 1 || p.errs.String() != "advoware: interrupted: 2 calls were made, the rest of the list was not read\n" {
		t.Errorf("status %d, stderr %q", status, &p.errs)
	}
	if all := results(t, out.String()); len(all) != 2 || string(all[1].Body) != "1" {
		t.Errorf("%s", &out)
	}
}

// The second signal ends it at once, and leaves no half of a file behind.
func TestBatchIsInterruptedTwice(t *testing.T) {
	dir := t.TempDir()
	vars, calls := counting(t, 1)
	p := begin(t, vars, func(c *exec.Cmd) { c.Stdin = strings.NewReader("/a\n/b\n") }, "call", "--batch", "--store", "memory", "-o", filepath.Join(dir, "answers"))
	until(t, "a call is under way", func() bool { return calls.Load() > 0 })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	go func() { // until it is gone; the first one of these may come while the first is being looked at
		for p.Process.Signal(os.Interrupt) == nil {
			<-afterMoment()
		}
	}()
	_ = p.Wait()
	if p.ProcessState.Success() {
		t.Error("status 0")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v are left", err, left)
	}
}

// afterPatience is longer than the time after which an interrupted process ends in any case.
func afterPatience() <-chan time.Time { return time.After(1200 * time.Millisecond) }

func afterMoment() <-chan time.Time { return time.After(10 * time.Millisecond) }
