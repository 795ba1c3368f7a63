// Command release builds the archives of a release of cmd/advoware into a folder: for each
// system the program, its manual page, completion, README and LICENSE, and beside each archive
// a bill of materials; the checksums of all are in SHA256SUMS.
//
// It builds what the commit has, from a clone, and not what lies around. The same commit and
// version of Go make the same bytes: that is tried, by a second clone and an empty cache.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// targets are what a release is built for.
const targets = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release: "+err.Error())
		os.Exit(1)
	}
}

// semver is a version as Go has them (semver.org), without build metadata.
var semver = regexp.MustCompile(`^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	version := flags.String("version", "", "of the release, such as v1.2.3")
	root := flags.String("root", "..", "folder of the repository")
	out := flags.String("out", "", "folder to write to; it must not exist, or be empty")
	list := flags.String("targets", targets, "what to build for")
	again := flags.String("again", "all", "what to build a second time and compare: all, host or none; host-cached builds with the usual cache")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case !semver.MatchString(*version):
		return fmt.Errorf("-version %q is not of the form v1.2.3", *version)
	case *out == "":
		return errors.New("-out is missing")
	case !slices.Contains([]string{"all", "host", "host-cached", "none"}, *again):
		return fmt.Errorf("-again %q is not all, host, host-cached or none", *again)
	}
	if entries, _ := os.ReadDir(*out); len(entries) > 0 {
		return fmt.Errorf("-out %s is not empty", *out)
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "advoware-release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := &release{version: *version, out: *out, work: work}
	if r.source, err = clone(ctx, *root, filepath.Join(work, "first")); err != nil {
		return err
	}
	if err := r.documents(ctx); err != nil {
		return err
	}
	for target := range strings.SplitSeq(*list, ",") {
		if err := r.build(ctx, target); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	if *again != "none" {
		only, cache := "", filepath.Join(work, "cache")
		if *again != "all" {
			only = runtime.GOOS + "/" + runtime.GOARCH
		}
		if *again == "host-cached" {
			cache = ""
		}
		if err := r.compare(ctx, *root, only, cache); err != nil {
			return err
		}
	}
	return r.sums()
}
