// Command advoware calls the Advoware REST API from the command line.
//
//	advoware call --sandbox GET /employees
//
// makes an authenticated call against a fake Advoware; without --sandbox it calls
// the real one, configured by the environment. Run "advoware help" for the rest.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/advoware-go/advoware/cmd/advoware/internal/completion"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/interrupt"
	"github.com/advoware-go/advoware/cmd/advoware/internal/outfile"
	"github.com/advoware-go/advoware/cmd/advoware/internal/suggest"
)

// cli is the whole command line.
type cli struct {
	EnvFile *string `complete:"file" placeholder:"FILE" help:"Read variables from a file in the syntax of .env; those that the environment has win."`

	Call    callCmd    `cmd:"" help:"Make an authenticated call and print the JSON of the answer."`
	Token   tokenCmd   `cmd:"" help:"Get a token as a call does, which may request one, and show where it came from and how long it lasts. With --peek only look."`
	Doctor  doctorCmd  `cmd:"" help:"Find out why an office is not reached: configuration, clock, addresses, certificates, Redis."`
	Sandbox sandboxCmd `cmd:"" help:"Serve a fake Advoware until interrupted."`
	Proxy   proxyCmd   `cmd:"" help:"Serve the API to programs in other languages: a reverse proxy that adds the token."`
	Config  configCmd  `cmd:"" help:"Show the settings that are in force, and where each is from."`

	Completion completionCmd `cmd:"" help:"Print a script that completes command lines in a shell."`
	Man        manCmd        `cmd:"" help:"Print the manual page: advoware man | man -l -"`
	Version    versionCmd    `cmd:"" help:"Print the version, the commit and the dependencies."`
	Help       helpCmd       `cmd:"" help:"Show how to use a command."`
}

func main() {
	log.SetOutput(io.Discard) // net/http shows it what a server sends too much, a token perhaps
	ctx, std := standard(interrupt.Context(outfile.AbortAll))
	status := run(ctx, os.Args[1:], std)
	outfile.AbortAll() // an interrupt may have come before the command knew of its file
	os.Exit(std.finish(status))
}

// run runs one command line and returns the exit status. After --help the process ends
// without a return.
func run(ctx context.Context, args []string, std *stdio) int {
	var line cli
	parser, err := kong.New(&line,
		kong.Name("advoware"),
		kong.Description("Calls the Advoware REST API with a token that is always there. Configured by the environment, see README.md."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(status int) { os.Exit(std.finish(status)) }), // after --help
		kong.WithHyphenPrefixedParameters(true),                     // -d -1
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Vars{"token_latency": realTokenLatency.String(), "latency": realLatency.String()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		return fail(std, err)
	}
	if len(args) > 0 && args[0] == completion.Command {
		return complete(parser, args[1:], std)
	}
	if err := readable(args); err != nil {
		return fail(std, err)
	}
	command, err := parser.Parse(args)
	if w := std.out.Err(); w != nil { // --help could not be printed
		return fail(std, w)
	}
	if err != nil {
		return fail(std, suggest.Explain(err, suggest.Line(err)))
	}
	if err := suggest.Repeated(command); err != nil {
		return fail(std, failure.Usage{Err: err})
	}
	if err := std.file.load(ctx, line.EnvFile); err != nil {
		return fail(std, err)
	}
	return fail(std, command.Run())
}

// readable refuses what is not UTF-8: kong would put U+FFFD in place of such bytes, and
// another text would be sent than was written.
func readable(args []string) error {
	for i, arg := range args {
		if !utf8.ValidString(arg) {
			return failure.Usage{Err: fmt.Errorf("argument %d is not UTF-8", i+1)}
		}
	}
	return nil
}
