// Command gotest runs `go test` in one or more modules at a time and tells what it does
// while it does it: a line for each package that is done, each failure at once and again at
// the end, and every ten seconds what is under way.
//
//	gotest -- [NAME=VALUE...] DIR [FLAG...] PACKAGE... [-- ...]...
//
// NAME=VALUE is set in the environment of that run. A flag of `go test` has its value behind a "=". The exit status is 1 if one of the runs
// fails, and 2 if gotest is used wrongly.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/advoware-go/advoware/internal/gotest/internal/report"
)

// every is how often it says what is under way.
const every = 10 * time.Second

func main() {
	groups, err := split(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if !run(ctx, groups, report.New(os.Stdout, nil)) {
		os.Exit(1)
	}
}

// group is one `go test`.
type group struct {
	env  []string
	dir  string
	args []string
}

var setting = regexp.MustCompile(`^[A-Z][A-Z0-9_]*=`)

func split(args []string) (groups []group, err error) {
	usage := fmt.Errorf("usage: gotest -- [NAME=VALUE...] DIR [FLAG...] PACKAGE... [-- ...]")
	if len(args) == 0 || args[0] != "--" {
		return nil, usage
	}
	for len(args) > 0 {
		args = args[1:] // the "--"
		end := slices.Index(args, "--")
		if end < 0 {
			end = len(args)
		}
		own := args[:end]
		args = args[end:]
		var g group
		for len(own) > 0 && setting.MatchString(own[0]) {
			g.env, own = append(g.env, own[0]), own[1:]
		}
		if len(own) < 2 {
			return nil, usage
		}
		if g.dir, err = filepath.Abs(own[0]); err != nil {
			return nil, err
		}
		g.args = own[1:]
		groups = append(groups, g)
	}
	return groups, nil
}

// run reports whether all of it passed.
func run(ctx context.Context, groups []group, r *report.Report) bool {
	done, stop := context.WithCancel(ctx)
	var runs, ticks sync.WaitGroup
	good := make([]bool, len(groups))
	for i, g := range groups {
		runs.Go(func() { good[i] = g.test(ctx, r) })
		ticks.Go(func() { r.Expect(g.packages(done)) })
	}
	ticks.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				r.Progress()
			case <-done.Done():
				return
			}
		}
	})
	runs.Wait()
	stop()
	ticks.Wait()
	r.End()
	return !slices.Contains(good, false) && !r.Failed()
}

func (g group) test(ctx context.Context, r *report.Report) bool {
	cmd := g.command(ctx, append([]string{"test", "-json"}, g.args...)...)
	cmd.Stderr = os.Stderr
	// The go command ends its tests when it is interrupted; they end what they started.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		return false
	}
	err = r.Read(out, strings.Join(g.env, " "))
	if waited := cmd.Wait(); waited != nil {
		err = waited
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gotest: go test in %s: %v\n", g.dir, err)
	}
	return err == nil
}

// packages returns how many packages have tests; 0 if that cannot be found out.
func (g group) packages(ctx context.Context) int {
	args := []string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}"}
	for _, a := range g.args {
		if !strings.HasPrefix(a, "-") {
			args = append(args, a)
		}
	}
	out, err := g.command(ctx, args...).Output()
	if err != nil {
		return 0 // go test says what is wrong
	}
	return len(strings.Fields(string(out)))
}

func (g group) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), g.env...)
	return cmd
}
