package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// source is a clone of the repository.
type source struct {
	dir  string
	time time.Time // of the commit, UTC
}

// clone makes a clone of the commit that a repository is at.
func clone(ctx context.Context, root, dir string) (source, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return source{}, err
	}
	commit, err := output(ctx, root, nil, "git", "rev-parse", "HEAD")
	if err != nil {
		return source{}, err
	}
	for _, args := range [][]string{
		{"clone", "--quiet", "--shared", "--no-checkout", root, dir},
		{"-C", dir, "checkout", "--quiet", "--detach", strings.TrimSpace(string(commit))},
	} {
		if _, err := output(ctx, root, nil, "git", args...); err != nil {
			return source{}, err
		}
	}
	text, err := output(ctx, dir, nil, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return source{}, err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return source{dir: dir, time: time.Unix(seconds, 0).UTC()}, err
}

// program builds the command for a target. The cache may be empty for the usual one.
func (s source) program(ctx context.Context, version, target, cache, name string) error {
	system, arch, ok := strings.Cut(target, "/")
	if !ok {
		return fmt.Errorf("it is not of the form linux/amd64")
	}
	env := []string{"CGO_ENABLED=0", "GOOS=" + system, "GOARCH=" + arch, "GOFLAGS=", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT="}
	if cache != "" {
		env = append(env, "GOCACHE="+cache)
	}
	_, err := output(ctx, s.dir, env, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags", "-s -w -X main.version="+version, "-o", name, "./cmd/advoware")
	return err
}

// output runs a program, and returns what it prints.
func output(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(os.Environ(), env...), &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &errs)
	}
	return out.Bytes(), nil
}
