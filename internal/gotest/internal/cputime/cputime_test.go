package cputime_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/gotest/internal/cputime"
)

// busyEnv makes a process of this test work until its standard input ends; "twice" makes it
// start another one that does.
const busyEnv = "CPUTIME_BUSY"

func TestMain(m *testing.M) {
	switch os.Getenv(busyEnv) {
	case "":
		os.Exit(m.Run())
	case "twice":
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stdin, cmd.Stdout = append(os.Environ(), busyEnv+"=once"), os.Stdin, os.Stdout
		_ = cmd.Run()
	default:
		work()
		_, _ = os.Stdout.WriteString("worked\n")
		_, _ = os.Stdin.Read(make([]byte, 1))
	}
}

// work takes processor time, some tens of ticks.
func work() {
	var text string
	for range 3000 {
		text = strings.Repeat("x", 1<<17) + text[:min(len(text), 1)]
	}
	runtime.KeepAlive(text)
}

// What a child's child takes is the child's, by the child's folder.
func TestChildOfChild(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc on " + runtime.GOOS)
	}
	dir, err := os.MkdirTemp("", "cpu time) S 1") // a folder and, below, a process with such a name
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Dir, cmd.Env = dir, append(os.Environ(), busyEnv+"=twice")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "worked\n" {
		t.Fatal(line, err)
	}
	var w cputime.Watch
	ended, end := context.WithCancel(t.Context())
	end()
	w.Follow(ended, os.Getpid()) // one look
	if got := w.Of(dir); got < 20*time.Millisecond || got > time.Minute {
		t.Errorf("the child took %v", got)
	}
	if got := w.Of(os.TempDir()); got != 0 {
		t.Errorf("%v in a folder where nothing ran", got)
	}
	var other cputime.Watch
	other.Follow(ended, cmd.Process.Pid)
	if got, all := other.Of(dir), w.Of(dir); got < 20*time.Millisecond || got > all+time.Second {
		t.Errorf("the child's child took %v, all %v", got, all)
	}
}
