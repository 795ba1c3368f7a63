// Command gotest runs `go test` in one or more modules at a time and tells what it does
// while it does it: a line for each package that is done, each failure at once, every ten
// seconds what is under way, and last the beginning of each failure again.
//
//	gotest -- [NAME=VALUE...] DIR [FLAG...] PACKAGE... [-- ...]... [++ ...]...
//
// What follows -- runs beside the others, and what follows ++ when the run before it has
// ended. NAME=VALUE is set in the environment of that run. A flag of `go test` has its value behind a "=".
// The exit status is 1 if one of the runs fails, and 2 if gotest is used wrongly.
//
// The other runs begin when the first test of the first run does: until then it compiles what
// they need as well, and two go commands that begin together would each compile all of it.
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

	"github.com/advoware-go/advoware/internal/gotest/internal/cputime"
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
	next bool // begins when the one before it has ended
}

var setting = regexp.MustCompile(`^[A-Z][A-Z0-9_]*=`)

func split(args []string) (groups []group, err error) {
	usage := fmt.Errorf("usage: gotest -- [NAME=VALUE...] DIR [FLAG...] PACKAGE... [-- ...]")
	if len(args) == 0 || args[0] != "--" {
		return nil, usage
	}
	for len(args) > 0 {
		g := group{next: args[0] == "++"}
		args = args[1:]
		end := slices.IndexFunc(args, func(a string) bool { return a == "--" || a == "++" })
		if end < 0 {
			end = len(args)
		}
		own := args[:end]
		args = args[end:]
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
	good, ended := make([]bool, len(groups)), make([]chan struct{}, len(groups))
	compiled, begin := context.WithCancel(ctx)
	defer begin()
	for i, g := range groups {
		dirs := sync.OnceValue(func() map[string]string { return g.packages(done) })
		ended[i] = make(chan struct{})
		runs.Go(func() {
			defer close(ended[i])
			switch {
			case i == 0:
				defer begin()
			case g.next:
				<-ended[i-1]
			default:
				<-compiled.Done()
			}
			good[i] = g.test(ctx, r, begin, dirs)
		})
		ticks.Go(func() { r.Expect(len(dirs())) })
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

// test runs it, and calls begun when a test begins. The folders are those of its packages.
func (g group) test(ctx context.Context, r *report.Report, begun func(), dirs func() map[string]string) bool {
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
	watched, stop := context.WithCancel(ctx)
	defer stop()
	var cpu cputime.Watch
	go cpu.Follow(watched, cmd.Process.Pid)
	err = r.Read(out, report.Source{
		Label: g.label(), Begun: begun,
		CPU: func(pkg string) time.Duration { return cpu.Of(dirs()[pkg]) },
	})
	if waited := cmd.Wait(); waited != nil {
		err = waited
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gotest: go test in %s: %v\n", g.dir, err)
	}
	return err == nil
}

// label is what tells the run from others of the same tests: not how it is compiled, which is
// long.
func (g group) label() string {
	return strings.Join(slices.DeleteFunc(slices.Clone(g.env), func(setting string) bool {
		return strings.HasPrefix(setting, "GOFLAGS=") || strings.HasPrefix(setting, "GORACE=")
	}), " ")
}

// packages returns the folder of each package that has tests; none if that cannot be found out.
func (g group) packages(ctx context.Context) map[string]string {
	args := []string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}\t{{.Dir}}{{end}}"}
	for _, a := range g.args {
		if !strings.HasPrefix(a, "-") {
			args = append(args, a)
		}
	}
	out, err := g.command(ctx, args...).Output()
	if err != nil {
		return nil // go test says what is wrong
	}
	dirs := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, dir, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		dirs[name] = dir
	}
	return dirs
}

func (g group) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), g.env...)
	return cmd
}
