package bench

import (
	"bufio"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// once is the benchtime to see that benchmarks run: what they report then means nothing.
const once = "1x"

// runCmd are the flags of a run.
type runCmd struct {
	File string `arg:"" optional:"" help:"Where the results are kept; there must not be any in it yet. Default: results/<date>-<os>-<arch>.txt for all benchmarks as they stand here, a temporary file for anything else."`

	Set       string `env:"SET" placeholder:"all" help:"What is run: short (6 minutes), long (30 minutes), all, or what one row of the goals needs: S1, S1b, S2 to S13."`
	Bench     string `env:"BENCH" placeholder:"REGEXP" help:"Run these instead of a set."`
	Benchtime string `env:"BENCHTIME" placeholder:"60ms" help:"How long each benchmark runs in a round, or how often: 100x."`
	Rounds    number `env:"ROUNDS" placeholder:"10" help:"Rounds, in each of which every benchmark runs once."`

	RedisServer  string `env:"ADVOWARE_REDIS_SERVER" placeholder:"FILE" help:"The redis-server that the benchmarks start."`
	RequireRedis bool   `help:"Fail without a redis-server, instead of leaving out what needs one."`
	Cores        number `name:"gomaxprocs" env:"GOMAXPROCS" placeholder:"N" help:"Cores that are used."`
	Tmpdir       string `env:"TMPDIR" placeholder:"DIR" help:"Where temporary files are made."`
	Binary       string `placeholder:"FILE" help:"Run this test binary (go test -c) instead of compiling one."`
}

// number is a positive number; empty text is as good as none, as in a shell.
type number int

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *number) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	i, err := strconv.Atoi(string(text))
	if err != nil || i < 1 {
		return fmt.Errorf("%q is no number above 0", text)
	}
	*n = number(i)
	return nil
}

// Run is the command run.
func (c *runCmd) Run(ctx context.Context, std *stdio) (err error) {
	parts, err := c.parts()
	if err != nil {
		return err
	}
	dir, err := c.dir(ctx)
	if err != nil {
		return err
	}
	if c.File == "" && c.whole() {
		c.File = filepath.Join(dir, "results", fmt.Sprintf("%s-%s-%s.txt", time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH))
	}
	kept, err := keep(c.File, c.Tmpdir)
	if err != nil {
		return err
	}
	if at, err := c.measure(ctx, std, kept, dir, parts); err != nil {
		why := err.Error()
		if ctx.Err() != nil {
			err, why = ctx.Err(), "interrupted"
		}
		if name := kept.abandon(why + at); name != "" {
			fmt.Fprintf(std.err, "\nNot finished. What was measured by then is in %s\n", name)
		}
		return err
	}
	file, err := kept.finish()
	if err != nil {
		return err
	}
	if file == "" {
		fmt.Fprintln(std.out, "no benchmark here has such a name")
		return nil
	}
	if c.Benchtime != once {
		if err := c.show(std, file); err != nil {
			fmt.Fprintln(std.err, "bench: no tables:", err)
		}
	}
	fmt.Fprintf(std.out, "\nThe results are in %s\n", file)
	return nil
}

func (c *runCmd) show(std *stdio, file string) error {
	r, err := readFiles(std, []string{file})
	if err != nil {
		return err
	}
	return showTables(std.out, r)
}

// dir returns the folder of the benchmarks, in which they run.
func (c *runCmd) dir(ctx context.Context) (string, error) {
	if c.Binary != "" {
		return os.Getwd()
	}
	const pkg = "github.com/advoware-go/advoware/benchmarks"
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		return "", usageError{fmt.Errorf("%s is not to be found from here: use go -C benchmarks tool bench: %w", pkg, err)}
	}
	return strings.TrimSpace(string(out)), nil
}

// measure runs all parts. With an error it says how far it came.
func (c *runCmd) measure(ctx context.Context, std *stdio, kept *keeper, dir string, parts []part) (at string, err error) {
	binary := c.Binary
	if binary == "" {
		work, err := os.MkdirTemp(c.Tmpdir, "advoware-benchmarks")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(work)
		binary = filepath.Join(work, "benchmarks.test")
		build := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, ".")
		build.Dir, build.Stderr = dir, std.err
		if err := build.Run(); err != nil {
			return "", fmt.Errorf("the benchmarks cannot be compiled: %w", err)
		}
	}
	say := func(line string) error {
		fmt.Fprintln(std.out, line)
		return kept.line(line)
	}
	for _, line := range c.header(ctx, dir, binary) {
		if err := say(line); err != nil {
			return "", err
		}
	}
	for i, p := range parts {
		// A key would keep benchstat from comparing runs.
		if err := say(fmt.Sprintf("# %d rounds of %s each", p.rounds, p.time)); err != nil {
			return "", err
		}
		for round := range p.rounds {
			if err := c.round(ctx, std, dir, binary, p, say); err != nil {
				return fmt.Sprintf(" in round %d of %d, part %d of %d", round+1, p.rounds, i+1, len(parts)), err
			}
		}
	}
	return "", nil
}

// round runs every benchmark of a part once.
func (c *runCmd) round(ctx context.Context, std *stdio, dir, binary string, p part, say func(string) error) error {
	cmd := exec.CommandContext(ctx, binary, "-test.run=^$", "-test.bench="+p.bench, "-test.skip="+p.skip,
		"-test.benchmem", "-test.benchtime="+p.time, "-test.timeout=1h")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, c.environ(), std.err
	cmd.Cancel = func() error {
		if cmd.Process.Signal(os.Interrupt) == nil {
			return nil
		}
		return cmd.Process.Kill()
	}
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := lines(out, say)
	if err := cmd.Wait(); err != nil {
		if cmd.ProcessState.ExitCode() < 0 { // by a signal, which may be on its way to this process, too
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		return fmt.Errorf("a benchmark failed: %w", err)
	}
	return readErr
}

// lines passes whole lines on, and reads to the end even if that fails.
func lines(out io.Reader, say func(string) error) (err error) {
	for in := bufio.NewReader(out); ; {
		line, readErr := in.ReadString('\n')
		if readErr != nil { // what is not a line was cut off
			if errors.Is(readErr, io.EOF) {
				readErr = nil
			}
			return errors.Join(err, readErr)
		}
		if line = strings.TrimSuffix(line, "\n"); line != "PASS" && err == nil {
			err = say(line)
		}
	}
}

func (c *runCmd) environ() []string {
	env := os.Environ()
	if c.RedisServer != "" {
		env = append(env, "ADVOWARE_REDIS_SERVER="+c.RedisServer)
	}
	if c.RequireRedis {
		env = append(env, "ADVOWARE_REQUIRE_REDIS=1")
	}
	if c.Cores != 0 {
		env = append(env, fmt.Sprintf("GOMAXPROCS=%d", c.Cores))
	}
	return env
}

// header says what is measured, and where.
func (c *runCmd) header(ctx context.Context, dir, binary string) []string {
	output := func(otherwise, name string, args ...string) string {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = dir
		if out, err := cmd.Output(); err == nil && len(out) > 0 {
			return strings.TrimSpace(string(out))
		}
		return otherwise
	}
	version := runtime.Version()
	if info, err := buildinfo.ReadFile(binary); err == nil {
		version = info.GoVersion
	}
	cores := int(c.Cores)
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	server := c.RedisServer
	if server == "" {
		server = "redis-server"
	}
	return []string{
		"go: " + version,
		fmt.Sprintf("gomaxprocs: %d", cores),
		"# commit: " + output("unknown", "git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"),
		"# redis: " + output("none", server, "--version"),
		"# kernel: " + output(runtime.GOOS, "uname", "-sr"),
	}
}
