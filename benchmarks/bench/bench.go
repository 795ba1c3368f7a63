// Package bench is the command that runs the benchmarks of this module in interleaved
// rounds, shows the results in tables, and compares them with the goals.
//
//	go -C benchmarks tool bench run --set=S1
//	go -C benchmarks tool bench tables FILE
//	go -C benchmarks tool bench goals FILE…
//	go -C benchmarks tool bench growth FILE…
//
// [Main] is the whole command. Its exit status is 0 if all went well, 1 if a goal was
// missed or a benchmark failed, 2 if the command line or the files cannot be used, and
// 130 if it was interrupted. README.md of the benchmarks says how to read the output.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130 // as a shell reports it
)

// cli is the whole command line.
type cli struct {
	Run    runCmd    `cmd:"" help:"Run benchmarks in interleaved rounds, keep the results in a file, and show the tables and goals."`
	Tables tablesCmd `cmd:"" help:"Show the tables and goals of a file of results."`
	Goals  goalsCmd  `cmd:"" help:"Compare files of results with the goals. The exit status is 1 if one was missed."`
	Growth growthCmd `cmd:"" help:"Show what tenants and processes cost together, from results of BenchmarkGrowth."`
}

// Main runs the command line of this process and ends the process. More signals to end
// than one change nothing: go tool repeats the one that the terminal has sent already.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Run is Main for any command line, and returns the exit status. When ctx ends, a run
// keeps what was measured by then.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	std := &stdio{in: in, out: out, err: errs}
	parser, err := kong.New(new(cli),
		kong.Name("bench"),
		kong.Description("Runs the benchmarks of this module, and compares the results with the goals."),
		kong.Writers(out, errs),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		return status(std, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return status(std, usageError{fmt.Errorf("%w (see bench --help)", err)})
	}
	return status(std, command.Run())
}

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// usageError is a command line, or a file, that cannot be used.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errMissed tells that the goals have been compared, and one was missed. The table says
// which.
var errMissed = errors.New("a goal was missed")

// status prints err on one line and returns the exit status for it.
func status(std *stdio, err error) int {
	if err == nil {
		return statusDone
	}
	if errors.Is(err, errMissed) {
		return statusFailed
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(std.err, "bench: interrupted")
		return statusInterrupted
	}
	fmt.Fprintln(std.err, "bench: "+strings.Join(strings.Fields(err.Error()), " "))
	var usage usageError
	if errors.As(err, &usage) {
		return statusUsage
	}
	return statusFailed
}
