// Package study is the command that studies latency: it plays scenarios with stores,
// under a load that does not wait for late answers, and writes a report.
//
//	go -C benchmarks run ./cmd/study --quick
//
// [Main] is the whole command. To study a store of your own, write a main function of
// three lines that hands it in by [Own], as the example does; it then stands beside the
// library's own.
//
// The parts can be used without the command: study/load makes the load, study/scenario
// says what happens, study/stage plays it, study/report writes it down.
//
// Main is called once. See ARCHITECTURE.md for what is measured here.
package study

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/benchmarks/study/fleet"
	"github.com/advoware-go/advoware/benchmarks/study/oneline"
	"github.com/advoware-go/advoware/benchmarks/study/subject"
)

// Store is a token store that can be studied: a name, and how to open it.
type Store = subject.Store

// Site is where a store is opened.
type Site = subject.Site

// Exit statuses.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2 // wrong command line, or a Store that cannot be used
)

// cli is the whole command line.
type cli struct {
	Run     runCmd     `cmd:"" default:"withargs" help:"Play scenarios and write a report (the default command)."`
	List    listCmd    `cmd:"" help:"List the scenarios and the stores."`
	Render  renderCmd  `cmd:"" help:"Make the report again from its JSON."`
	Compare compareCmd `cmd:"" help:"Compare two versions by studies of each: where which one is slower, and by how much."`
	Member  memberCmd  `cmd:"" hidden:"" help:"Be a member of a fleet; started by run."`
}

// Main runs the command line of this process, with the stores of the library and more,
// and ends the process. The first signal to end breaks a study off; a second one ends the
// process at once.
func Main(more ...Store) {
	outliveReaders()
	ctx, stop := signal.NotifyContext(context.Background(), append(hangups(), os.Interrupt, syscall.SIGTERM)...)
	context.AfterFunc(ctx, func() {
		stop() // a store that does not heed its context must not keep anybody from ending this
		fmt.Fprintln(os.Stderr, "\nstudy: breaking off, to write what was measured; a second signal (Ctrl-C) ends it at once")
	})
	os.Exit(Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, more...))
}

// Run is Main for any command line, and returns the exit status: 0 done; 1 something
// failed, or ctx ended; 2 a wrong command line. After --help kong ends the process by
// itself. It silences go-redis, which writes of every lost connection to stderr.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer, more ...Store) int {
	goredis.SetLogger(silent{})
	std := &stdio{in: in, out: out, err: errs}
	stores, err := registry(more)
	if err != nil {
		return fail(std, usageError{err})
	}
	parser, err := kong.New(new(cli),
		kong.Name("study"),
		kong.Description("Studies the latency of tokens and calls: scenarios, played with stores, under open-loop load."),
		kong.Writers(out, errs),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std, stores),
	)
	if err != nil {
		return fail(std, err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return fail(std, usageError{fmt.Errorf("%w (see study run --help)", err)})
	}
	return fail(std, command.Run())
}

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// stores are all that can be studied.
type stores []Store

// registry checks the stores, and that each has a name of its own.
func registry(more []Store) (stores, error) {
	var (
		all      = append(stores(subject.Stores()), more...)
		seen     []string
		problems []error
	)
	for _, s := range all {
		problems = append(problems, s.Check())
		if slices.Contains(seen, s.Name) {
			problems = append(problems, fmt.Errorf("there are two stores %q", s.Name))
		}
		seen = append(seen, s.Name)
	}
	return all, errors.Join(problems...)
}

// usageError is a wrong command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// fail prints err on one line and returns the exit status for it.
func fail(std *stdio, err error) int {
	if err == nil {
		return statusDone
	}
	fmt.Fprintln(std.err, "study: "+oneline.Of(err))
	var usage usageError
	if errors.As(err, &usage) {
		return statusUsage
	}
	return statusFailed
}

// silent is a go-redis logger.
type silent struct{}

// Printf implements the logger of go-redis.
func (silent) Printf(context.Context, string, ...any) {}

type memberCmd struct{}

// Run is a member's life. An interrupt from the terminal reaches the whole fleet; the
// members wait for the word of their crew.
func (memberCmd) Run(std *stdio, all stores) error {
	signal.Ignore(os.Interrupt)
	return fleet.Serve(context.Background(), std.in, std.out, all)
}
